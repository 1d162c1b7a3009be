//! Files are found beside the document and below the root, and read once.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use wharf_document::Linked;

use super::{Descriptions, Outside, find};

const GOOD: &str = r#"{"openapi": "3.1.0", "paths": {"/items": {"get": {}}}}"#;

fn write(root: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn beside_the_document_comes_before_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "specs/a.json", GOOD);
    write(root, "tools/specs/a.json", GOOD);
    write(root, "specs/b c.json", GOOD);
    let document = root.join("tools/doc.md");
    let found = |target| {
        let path = find(&document, root, target).unwrap()?;
        Some(
            path.strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned(),
        )
    };
    assert_eq!(found("specs/a.json").as_deref(), Some("tools/specs/a.json"));
    assert_eq!(found("/specs/a.json").as_deref(), Some("specs/a.json"));
    assert_eq!(found("specs/b%20c.json").as_deref(), Some("specs/b c.json"));
    assert_eq!(found("specs/b c.json").as_deref(), Some("specs/b c.json"));
    assert_eq!(
        found("../specs/a.json").as_deref(),
        Some("tools/../specs/a.json")
    );
    assert_eq!(found("a.json"), None);
    assert_eq!(found("/etc/passwd"), None);
}

#[test]
fn a_document_alone_finds_the_root_of_its_workspace() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "wharf.toml", "");
    write(folder.path(), "specs/a.json", GOOD);
    let document = folder.path().join("tools/payment/doc.md");
    fs::create_dir_all(document.parent().unwrap()).unwrap();
    let found = find(&document, &document, "specs/a.json").unwrap();
    assert!(found.is_some());
}

#[test]
fn what_cannot_be_read_says_why_and_shows_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "broken.json", r#"{"openapi": hunter2"#);
    write(root, "broken.yaml", "openapi: 3.0.0\npaths: [hunter2: {\n");
    write(root, "latin.yaml", b"openapi: hunter2\xe9");
    write(root, "other.json", r#"{"asyncapi": "hunter2"}"#);
    write(root, "empty.yaml", "openapi: 3.0.0\npaths: {}\n");
    write(root, "nothing.yaml", "");
    write(root, "folder/x", "");
    let large = fs::File::create(root.join("large.json")).unwrap();
    large.set_len(super::LARGEST_FILE_BYTES + 1).unwrap();
    for (target, expected) in [
        ("broken.json", "not valid JSON"),
        ("broken.yaml", "not valid YAML at line"),
        ("latin.yaml", "not UTF-8"),
        ("other.json", "neither `openapi: 3.x`"),
        ("empty.yaml", "no path"),
        ("nothing.yaml", "neither `openapi: 3.x`"),
        ("folder", "not a file"),
        ("large.json", "larger than 64 MiB"),
    ] {
        let linked = Descriptions::default().open(&root.join("doc.md"), root, target);
        let Linked::NotRead(why) = linked else {
            panic!("{target}: {linked:?}");
        };
        assert!(why.contains(expected), "{target}: {why}");
        assert!(!why.contains("hunter2"), "{target}: {why}");
    }
}

#[test]
fn a_file_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "a.json", GOOD);
    let mut descriptions = Descriptions::default();
    let mut open = |target| match descriptions.open(&root.join("doc.md"), root, target) {
        Linked::Read(description) => description,
        other => panic!("{other:?}"),
    };
    let first = open("a.json");
    assert!(Arc::ptr_eq(&first, &open("./a.json")));
    assert_eq!((first.paths.len(), first.paths[0].operations.len()), (1, 1));
}

#[test]
fn nothing_outside_of_the_workspace_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("workspace");
    write(&root, "tools/doc.md", "");
    write(folder.path(), "secret.json", GOOD);
    std::os::unix::fs::symlink(folder.path().join("secret.json"), root.join("link.json")).unwrap();
    let document = root.join("tools/doc.md");
    for target in [
        "../../secret.json",
        "../../not-there.json",
        "..%2f..%2fsecret.json",
        "%2e%2e/../secret.json",
        "../link.json",
        "/link.json",
        "../../../../../../../../etc/hostname",
    ] {
        assert_eq!(find(&document, &root, target), Err(Outside), "{target}");
    }
    // A document alone may not leave its folder, unless a `wharf.toml` says how far the workspace goes.
    write(&root, "specs/a.json", GOOD);
    assert_eq!(find(&document, &document, "../specs/a.json"), Err(Outside));
    write(&root, "wharf.toml", "");
    assert!(
        find(&document, &document, "../specs/a.json")
            .unwrap()
            .is_some()
    );
}

#[test]
fn what_would_block_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let made = std::process::Command::new("mkfifo")
        .arg(root.join("pipe.json"))
        .status();
    assert!(made.unwrap().success());
    let linked = Descriptions::default().open(&root.join("doc.md"), root, "pipe.json");
    assert!(matches!(linked, Linked::NotRead(why) if why.contains("not a regular file")));
}
