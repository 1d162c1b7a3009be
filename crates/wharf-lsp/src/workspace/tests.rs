use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use wharf_document::{Linked, LinkedText};
use wharf_workspace::Beside;

use super::Workspace;
use crate::Files;
use crate::settings::Settings;

/// No files.
#[derive(Debug)]
pub(crate) struct Plain;

impl Beside for Plain {
    fn linked(&self, _: &Path, _: &Path, _: &str) -> Linked {
        Linked::Missing
    }

    fn linked_examples(&self, _: &Path, _: &Path, _: &str) -> LinkedText {
        LinkedText::Missing
    }

    fn committed(&self, _: &Path) -> Option<&str> {
        None
    }

    fn knows_history(&self) -> bool {
        false
    }
}

impl Files for Plain {
    fn list(&self, _: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
        Box::new(std::iter::empty())
    }

    fn belongs(&self, _: &Path, _: &Path) -> bool {
        true
    }

    fn read(&self, _: &Path) -> Option<String> {
        None
    }

    fn forget_linked(&self) {}

    fn settings(&self, _: &Path) -> Result<Option<String>, String> {
        Ok(None)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_owned())
    }
}

const LONE: &str = "---\ntype: tool\nsubtype: integration\n---\n";

fn document(fallback: &str, operation: &str) -> String {
    format!(
        "{LONE}\n## API Endpoints\n| Operation | Method | Endpoint |\n|---|---|---|\n| {operation} | GET | /a |\n\n\
         ## Disaster Recovery\n\n### Backup Service\n- Fallback: {fallback}\n"
    )
}

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let mut workspace = Workspace::default();
    workspace.add_folder(PathBuf::from("/w"));
    for (path, text) in files {
        let path = Path::new(path);
        if path.ends_with("wharf.toml") {
            let folder = path.parent().unwrap();
            let settings = Settings::new(path, folder, Ok((*text).to_owned()));
            workspace.settle(folder, settings);
        } else {
            workspace.put(path, (*text).to_owned());
        }
    }
    workspace.refresh(&Plain, true, usize::MAX, None);
    workspace
}

fn codes(workspace: &Workspace, path: &str) -> Vec<&'static str> {
    let document = workspace.document(Path::new(path)).unwrap();
    let mut codes: Vec<_> = document.shown().iter().map(|found| found.code.id).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn documents_below_one_settings_file_belong_together() {
    let files = [("/w/a/x.md", LONE), ("/w/b/x.md", LONE)];
    let apart = workspace(&files);
    assert!(codes(&apart, "/w/b/x.md").contains(&"WH131"));
    let mut settled = workspace(&[files[0], files[1], ("/w/b/wharf.toml", "")]);
    assert!(!codes(&settled, "/w/b/x.md").contains(&"WH131"));
    assert_eq!(
        settled.root_of(Path::new("/w/b/c/y.md")),
        Some(Path::new("/w/b"))
    );
    assert_eq!(
        settled.root_of(Path::new("/w/a/y.md")),
        Some(Path::new("/w"))
    );
    assert_eq!(settled.root_of(Path::new("/elsewhere/y.md")), None);
    // Without the file, they are side by side again.
    settled.vanish(Path::new("/w/b/wharf.toml"));
    settled.refresh(&Plain, true, usize::MAX, None);
    assert!(codes(&settled, "/w/b/x.md").contains(&"WH131"));
}

#[test]
fn an_edit_touches_what_it_can_change_and_nothing_else() {
    let (a, b, c) = (
        document("b", "List"),
        document("-", "List"),
        document("-", "List"),
    );
    let mut workspace = workspace(&[("/w/a.md", &a), ("/w/b.md", &b), ("/w/c.md", &c)]);
    let edit = |workspace: &mut Workspace, text: String| {
        workspace.open(Uri::from("file:///w/b.md"), 1, text);
        let affected = workspace.refresh(&Plain, true, usize::MAX, None);
        affected
            .into_iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        edit(&mut workspace, format!("{b}\nMore words.\n")),
        ["/w/b.md"]
    );
    // `a` falls back to an operation that is not there any more.
    let before = codes(&workspace, "/w/a.md");
    assert_eq!(
        edit(&mut workspace, document("-", "Read")),
        ["/w/a.md", "/w/b.md"]
    );
    assert_ne!(codes(&workspace, "/w/a.md"), before);
    // A circle shows in every document of it.
    assert_eq!(
        edit(&mut workspace, document("a", "List")),
        ["/w/a.md", "/w/b.md"]
    );
}

#[test]
fn the_text_in_the_editor_goes_before_the_one_on_disk() {
    let path = Path::new("/w/a.md");
    let mut workspace = workspace(&[("/w/a.md", LONE)]);
    workspace.open(Uri::from("file:///w/a.md"), 3, "typed".to_owned());
    workspace.put(path, "on disk".to_owned());
    assert!(!workspace.vanish(path));
    assert_eq!(workspace.document(path).unwrap().text(), "typed");
    assert!(!workspace.close(path, Some(LONE.to_owned())));
    assert_eq!(workspace.document(path).unwrap().text(), LONE);
    assert!(workspace.vanish(path));
    assert!(workspace.document(path).is_none());
}

#[test]
fn a_folder_that_is_removed_takes_its_documents_along() {
    let mut workspace = workspace(&[("/w/a.md", LONE), ("/w/b.md", LONE)]);
    workspace.open(Uri::from("file:///w/b.md"), 1, LONE.to_owned());
    let removed = workspace.remove_folder(Path::new("/w"));
    let paths: Vec<_> = removed.iter().map(|(path, _)| path.as_path()).collect();
    assert_eq!(paths, [Path::new("/w/a.md")]);
    workspace.refresh(&Plain, true, usize::MAX, None);
    assert!(workspace.document(Path::new("/w/b.md")).is_some());
}

/// A text made by chance: ids, operations, environments, webhooks and fallbacks come and go.
fn by_chance(chance: &mut impl FnMut(usize) -> usize) -> String {
    const IDS: [&str; 7] = ["a", "b", "c", "d", "b@sandbox", "nobody", "-"];
    const NAMES: [&str; 3] = ["List", "Read", "Write"];
    if chance(12) == 0 {
        return "no document any more".to_owned();
    }
    let mut text = format!("{LONE}\n## Words\n{}\n", "x\n".repeat(chance(3)));
    text += "## Service Details\n\n### Environments\n| Environment | Endpoint |\n|---|---|\n";
    text += [
        "| Production | a.example.com |\n",
        "| Sandbox | b.example.com |\n",
    ][chance(2)];
    text += "\n## API Endpoints\n| Operation | Method | Endpoint |\n|---|---|---|\n";
    text += &format!("| {} | GET | /a |\n", NAMES[chance(3)]);
    text += "\n## Webhooks\n\n### Incoming\n| Event | Endpoint | Handler |\n|---|---|---|\n";
    text += &format!("| e | /hooks/{} | handleA |\n", chance(3));
    text += "\n### Outgoing\n| Trigger | Target | Payload |\n|---|---|---|\n";
    text += &format!("| t | {} list | p |\n", IDS[chance(4)]);
    text += &format!(
        "\n## Disaster Recovery\n\n### Backup Service\n- Fallback: {}\n",
        IDS[chance(7)]
    );
    text
}

fn everything(workspace: &Workspace, paths: &[&str]) -> Vec<String> {
    let documents = paths
        .iter()
        .filter_map(|path| workspace.document(Path::new(path)));
    documents
        .flat_map(|document| {
            document.shown().iter().map(|found| {
                let labels = std::iter::once(&found.primary).chain(&found.secondary);
                let labels: Vec<_> = labels
                    .map(|label| {
                        (
                            label.source.name(),
                            label.start(),
                            label.source.slice(label.span),
                        )
                    })
                    .collect();
                format!("{} {} {labels:?}", found.code, found.message)
            })
        })
        .collect()
}

#[test]
fn edit_by_edit_comes_to_what_a_fresh_start_finds() {
    let paths = ["/w/a.md", "/w/b.md", "/w/c.md", "/w/x/b.md", "/w/d.md"];
    let mut seed = 7_u64;
    let mut chance = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut texts: Vec<String> = paths.iter().map(|_| by_chance(&mut chance)).collect();
    let mut edited = Workspace::default();
    edited.add_folder(PathBuf::from("/w"));
    for (path, text) in paths.iter().zip(&texts) {
        edited.open(Uri(format!("file://{path}")), 1, text.clone());
    }
    for step in 0..300 {
        let index = chance(paths.len());
        texts[index] = by_chance(&mut chance);
        edited.change(Path::new(paths[index]), |document| {
            document.set_text(texts[index].clone());
        });
        edited.refresh(&Plain, true, usize::MAX, None);
        let mut fresh = Workspace::default();
        fresh.add_folder(PathBuf::from("/w"));
        for (path, text) in paths.iter().zip(&texts) {
            fresh.open(Uri(format!("file://{path}")), 1, text.clone());
        }
        fresh.refresh(&Plain, true, usize::MAX, None);
        assert_eq!(
            everything(&edited, &paths),
            everything(&fresh, &paths),
            "step {step}"
        );
    }
}
