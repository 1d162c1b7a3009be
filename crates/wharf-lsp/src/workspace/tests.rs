use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use wharf_diag::{Diagnostic, Severity};
use wharf_document::Linked;

use super::Workspace;
use crate::settings::Settings;
use crate::{Files, Rules};

/// No files, and settings that say nothing.
#[derive(Debug)]
pub(crate) struct Plain;

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

    fn linked(&self, _: &Path, _: &Path, _: &str) -> Linked {
        Linked::Missing
    }

    fn forget_linked(&self) {}

    fn rules(&self, _: &Path) -> Box<dyn Rules> {
        Box::new(Self)
    }
}

impl Rules for Plain {
    fn severity(&self, diagnostic: &Diagnostic) -> Option<Severity> {
        Some(diagnostic.severity)
    }

    fn excludes(&self, _: &Path) -> bool {
        false
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
            let settings = Settings::new(path, (*text).to_owned(), Box::new(Plain));
            workspace.settle(path.parent().unwrap(), settings);
        } else {
            workspace.put(path, (*text).to_owned());
        }
    }
    workspace.refresh(&Plain, true);
    workspace
}

fn codes(workspace: &Workspace, path: &str) -> Vec<&'static str> {
    let document = workspace.document(Path::new(path)).unwrap();
    let mut codes: Vec<_> = document.shown.iter().map(|found| found.code.id).collect();
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
    settled.refresh(&Plain, true);
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
        let affected = workspace.refresh(&Plain, true);
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
    workspace.refresh(&Plain, true);
    assert!(workspace.document(Path::new("/w/b.md")).is_some());
}
