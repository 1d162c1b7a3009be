//! A workspace is read whole, whatever lies in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wharf_workspace::{Around, Found, LARGEST_FILE_BYTES, Workspace};

use super::{Error, load, load_all, marks, walk};

const DOCUMENT: &str = "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n";

fn write(root: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn names(workspace: &Workspace) -> Vec<String> {
    workspace
        .integrations()
        .map(|integration| integration.source.name().to_owned())
        .collect()
}

fn problems(workspace: &Workspace) -> Vec<String> {
    workspace
        .unreadable
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn finds_documents_and_passes_over_everything_else() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "b/stripe.md", DOCUMENT);
    write(root.path(), "a.md", DOCUMENT);
    write(root.path(), "README.md", "# Not a document\n");
    write(root.path(), "note.txt", DOCUMENT);
    write(root.path(), "target/x.md", DOCUMENT);
    write(root.path(), "b/node_modules/y.md", DOCUMENT);
    write(root.path(), ".hidden/z.md", DOCUMENT);
    write(root.path(), ".draft.md", DOCUMENT);
    let workspace = load(root.path()).unwrap();
    assert_eq!(names(&workspace), ["a.md", "b/stripe.md"]);
    assert_eq!(problems(&workspace), Vec::<String>::new());
}

#[test]
fn two_documents_with_one_id_are_named_both() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "one/stripe.md", DOCUMENT);
    write(root.path(), "two/stripe.md", DOCUMENT);
    let workspace = load(root.path()).unwrap();
    let [finding] = workspace.diagnostics.as_slice() else {
        panic!("{:?}", workspace.diagnostics);
    };
    assert_eq!(finding.code.slug, "id-twice");
    assert_eq!(finding.primary.source.name(), "two/stripe.md");
    assert_eq!(finding.secondary[0].source.name(), "one/stripe.md");
    assert_eq!(finding.severity, wharf_diag::Severity::Error);
}

#[test]
fn a_name_that_is_no_id_is_reported_and_the_document_is_read() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "My Service.md", DOCUMENT);
    write(root.path(), "日本.md", DOCUMENT);
    let workspace = load(root.path()).unwrap();
    let ids: Vec<_> = workspace
        .integrations()
        .map(|i| i.id.as_str().to_owned())
        .collect();
    assert_eq!(ids, ["my-service", "document"]);
    let count = workspace
        .all_diagnostics()
        .filter(|diagnostic| diagnostic.code.slug == "id-not-valid")
        .count();
    assert_eq!(count, 2);
}

#[test]
fn a_reserved_name_is_reported_with_the_reason_wherever_it_stands() {
    let root = tempfile::tempdir().unwrap();
    for name in ["webhooks.md", "Events.md", "features.md", "mcp.md"] {
        write(root.path(), name, DOCUMENT);
    }
    let naming = DOCUMENT.replacen(
        "type: tool\n",
        "type: tool\nsupersedes: mcp\nreferences: [events]\n",
        1,
    ) + "\n## Dependencies\n\n### This Depends On\n- webhooks\n- [Features](features.md)\n\n\
         ## Disaster Recovery\n\n### Backup Service\n- Fallback: mcp\n\n\
         ## Webhooks\n\n### Outgoing\n\n| Trigger | Target | Payload |\n|---|---|---|\n\
         | paid | events post-message | words |\n";
    write(root.path(), "naming.md", &naming);
    let workspace = load(root.path()).unwrap();
    let mut ids: Vec<_> = workspace
        .integrations()
        .map(|found| found.id.to_string())
        .collect();
    ids.sort();
    let nearest = [
        "events-api",
        "features-api",
        "mcp-api",
        "naming",
        "webhooks-api",
    ];
    assert_eq!(ids, nearest);
    let helps = |slug: &str| -> Vec<wharf_diag::Remark> {
        let found = workspace.all_diagnostics();
        let found = found.filter(|found| found.code.slug == slug);
        let mut helps: Vec<_> = found.filter_map(|found| found.help.clone()).collect();
        helps.sort();
        helps
    };
    let renamed = |name: &str| {
        format!(
            "rename the file, for example to `{name}-api.md`: Wharf keeps the path `/{name}` for itself"
        )
    };
    let reserved = ["events", "features", "mcp", "webhooks"];
    assert_eq!(helps("id-not-valid"), reserved.map(renamed));
    let named = helps("id-unknown");
    let counts = reserved.map(|name| {
        let about = format!("the path `/{name}` for itself; give the document another name");
        named.iter().filter(|help| help.contains(&about)).count()
    });
    assert_eq!(counts, [2, 1, 2, 1], "{named:?}");
}

#[test]
fn what_is_not_text_or_too_large_is_a_problem_only_when_it_is_a_document() {
    let root = tempfile::tempdir().unwrap();
    let mut latin = DOCUMENT.as_bytes().to_vec();
    latin.extend(b"# \xe9t\xe9\n");
    write(root.path(), "latin.md", latin);
    write(root.path(), "photo.md", b"\xff\xd8\xff");
    let mut large = DOCUMENT.as_bytes().to_vec();
    large.resize(usize::try_from(LARGEST_FILE_BYTES).unwrap() + 1, b'x');
    write(root.path(), "large.md", &large);
    large[0] = b'x';
    write(root.path(), "large-note.md", &large);
    write(root.path(), "fine.md", DOCUMENT);
    let workspace = load(root.path()).unwrap();
    assert_eq!(names(&workspace), ["fine.md"]);
    assert_eq!(
        problems(&workspace),
        [
            "large.md: is larger than 16 MiB; split the document",
            "latin.md: is not UTF-8 from line 6 on; save it as UTF-8",
        ]
    );
}

#[cfg(unix)]
#[test]
fn loops_dead_links_and_twin_links_are_told_and_survived() {
    use std::os::unix::fs::symlink;

    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a/stripe.md", DOCUMENT);
    symlink(root.path(), root.path().join("a/up")).unwrap();
    symlink("nowhere", root.path().join("dead.md")).unwrap();
    symlink(root.path().join("a"), root.path().join("again")).unwrap();
    let workspace = load(root.path()).unwrap();
    assert_eq!(names(&workspace), ["a/stripe.md"]);
    assert_eq!(
        problems(&workspace),
        [
            "a/up: leads back to a folder above it; not followed",
            "again/up: leads back to a folder above it; not followed",
            "dead.md: is a link to nothing; remove it",
        ]
    );
}

#[cfg(unix)]
#[test]
fn what_has_the_name_of_a_document_and_is_no_file_is_told_and_not_opened() {
    let root = tempfile::tempdir().unwrap();
    let socket = std::os::unix::net::UnixListener::bind(root.path().join("socket.md")).unwrap();
    for pipe in ["pipe.md", "pipe"] {
        let made = Command::new("mkfifo")
            .arg(root.path().join(pipe))
            .status()
            .unwrap();
        assert!(made.success());
    }
    write(root.path(), "folder.md/a.md", DOCUMENT);
    let workspace = load(root.path()).unwrap();
    assert_eq!(names(&workspace), ["folder.md/a.md"]);
    let special = "is a pipe, a socket or a device; a document is a regular file";
    assert_eq!(
        problems(&workspace),
        [
            "folder.md: is a folder with the name of a document; rename it".to_owned(),
            format!("pipe.md: {special}"),
            format!("socket.md: {special}"),
        ]
    );
    // Its end is a change like that of a document.
    assert!(marks(root.path()).contains_key(&root.path().join("pipe.md")));
    assert!(!marks(root.path()).contains_key(&root.path().join("pipe")));
    drop(socket);
}

#[cfg(unix)]
#[test]
fn a_link_to_itself_is_told_where_it_would_be_a_document() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.md", DOCUMENT);
    for name in ["self", "self.md"] {
        std::os::unix::fs::symlink(name, root.path().join(name)).unwrap();
    }
    let workspace = load(root.path()).unwrap();
    assert_eq!(names(&workspace), ["a.md"]);
    let told = "is a link that leads to no file, only to links; remove it, or let it lead to one";
    assert_eq!(problems(&workspace), [format!("self.md: {told}")]);
    let error = load(&root.path().join("self")).unwrap_err();
    assert!(error.to_string().ends_with(told), "{error}");
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let missing = root.path().join("nowhere");
    let error = load(&missing).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }));
    assert!(error.to_string().contains("does not exist"));
}

#[test]
fn a_named_file_is_read_and_one_that_is_no_document_is_told() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "stripe.md", DOCUMENT);
    write(root.path(), "note.md", "# Note\n");
    let paths: Vec<PathBuf> = ["stripe.md", "note.md"]
        .map(|name| root.path().join(name))
        .into();
    let workspace = load_all(&paths, Around::default(), &|_, _| true);
    assert_eq!(workspace.documents.len(), 1);
    assert!(
        workspace.unreadable[0]
            .message
            .contains("is not an integration document")
    );
    let twice = load_all(
        &[paths[0].clone(), paths[0].clone()],
        Around::default(),
        &|_, _| true,
    );
    assert_eq!(twice.documents.len(), 1);
    assert!(twice.diagnostics.is_empty());
}

#[test]
fn a_file_that_vanishes_before_it_is_opened_is_told_only_when_it_was_named() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.md");
    assert!(walk::file(&path, "a.md".to_owned(), false).is_none());
    let Some(Found::Unreadable(problem)) = walk::file(&path, "a.md".to_owned(), true) else {
        panic!("nothing is told");
    };
    assert_eq!(
        problem.to_string(),
        "a.md: is gone; it was there a moment ago"
    );
}

/// Neither is a matter of who may read it.
#[test]
fn a_device_and_a_path_through_a_file_are_named_as_what_they_are() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.md", DOCUMENT);
    for path in [Path::new("/dev/null"), &root.path().join("a.md/b")] {
        let error = load(path).unwrap_err();
        assert!(matches!(error, Error::Special { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("no folder and no file of text"), "{said}");
        assert!(said.contains(path.to_str().unwrap()), "{said}");
    }
}
