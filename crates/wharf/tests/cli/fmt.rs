//! `wharf fmt`: what it writes, what it leaves alone, and how it ends.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::support::program::{Output, PROGRAM, wharf};
use crate::support::workspace::Workspace;

const UNTIDY: &str = "---\nsubtype: integration\ntype: tool\n---\n\n|a|b|\n|-|-|\n|long cell|1|\n";
const TIDY: &str = "---\ntype: tool\nsubtype: integration\n---\n\n\
                    | a         | b |\n|-----------|---|\n| long cell | 1 |\n";

fn fmt(arguments: &[&str]) -> Output {
    wharf(&[&["fmt"], arguments].concat()).finish()
}

fn read(workspace: &Workspace, name: &str) -> String {
    fs::read_to_string(workspace.file(name)).unwrap()
}

#[test]
fn documents_of_a_folder_are_written_and_nothing_else() {
    let workspace = Workspace::empty();
    workspace.write("a/pets.md", UNTIDY);
    workspace.write("tidy.md", TIDY);
    workspace.write("README.md", "|a|b|\n|-|-|\n");
    let output = fmt(&[workspace.argument()]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stdout, "");
    assert_eq!(output.stderr, "1 of 2 files changed\n");
    assert_eq!(read(&workspace, "a/pets.md"), TIDY);
    assert_eq!(read(&workspace, "README.md"), "|a|b|\n|-|-|\n");

    let again = fmt(&[workspace.argument()]);
    assert_eq!(again.stderr, "0 of 2 files changed\n");
    let named = fmt(&[workspace.file("README.md").to_str().unwrap()]);
    assert_eq!(named.code, Some(0), "{named:?}");
    assert_eq!(read(&workspace, "README.md"), "| a | b |\n|---|---|\n");
}

#[test]
fn check_and_diff_write_nothing_and_say_what_would_change() {
    let workspace = Workspace::empty();
    workspace.write("pets.md", UNTIDY);
    workspace.write("tidy.md", TIDY);
    let within = |arguments: &[&str]| wharf(arguments).within(workspace.path()).finish();
    let check = within(&["fmt", "--check"]);
    assert_eq!((check.code, &*check.stdout), (Some(1), "pets.md\n"));
    assert_eq!(check.stderr, "1 of 2 files would change\n");
    let diff = within(&["fmt", "--diff", "."]);
    assert_eq!(diff.code, Some(1));
    assert!(
        diff.stdout.starts_with("--- a/pets.md\n+++ b/pets.md\n@@ "),
        "{diff:?}"
    );
    assert!(diff.stdout.contains("\n-|long cell|1|\n"), "{diff:?}");
    assert!(diff.stdout.contains("\n+| long cell | 1 |\n"), "{diff:?}");
    assert_eq!(read(&workspace, "pets.md"), UNTIDY);
    let clean = within(&["fmt", "--check", "tidy.md"]);
    assert_eq!((clean.code, &*clean.stdout), (Some(0), ""));
}

#[test]
fn a_diff_shows_no_credential() {
    let workspace = Workspace::empty();
    let key = concat!("sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc");
    workspace.write("pets.md", &UNTIDY.replace("long cell", key));
    let diff = fmt(&["--diff", workspace.argument()]);
    assert_eq!(diff.code, Some(1));
    assert!(diff.stdout.contains("********"), "{diff:?}");
    assert!(!diff.stdout.contains("4eC39Hq"), "{diff:?}");
}

#[test]
fn what_cannot_be_read_or_written_is_told_and_the_rest_is_done() {
    let workspace = Workspace::empty();
    workspace.write("locked.md", UNTIDY);
    let locked = workspace.file("locked.md");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o444)).unwrap();
    fs::write(
        workspace.file("bytes.md"),
        b"---\ntype: tool\nsubtype: integration\n---\n\xff\n",
    )
    .unwrap();
    workspace.write("pets.md", UNTIDY);
    let output = fmt(&[workspace.argument()]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("locked.md: is read-only"),
        "{output:?}"
    );
    assert!(
        output
            .stderr
            .contains("bytes.md: is not UTF-8 from line 5 on"),
        "{output:?}"
    );
    assert_eq!(read(&workspace, "locked.md"), UNTIDY);
    assert_eq!(read(&workspace, "pets.md"), TIDY);
    let missing = fmt(&[workspace.file("none.md").to_str().unwrap()]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    let empty = Workspace::empty();
    assert_eq!(fmt(&[empty.argument()]).code, Some(2));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let piped = |arguments: &[&str]| {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(UNTIDY.as_bytes()).unwrap();
        drop(input);
        child.wait_with_output().unwrap()
    };
    let output = piped(&["fmt", "-"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), TIDY);
    let check = piped(&["fmt", "--check", "-"]);
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    assert_eq!(check.stdout, b"-\n");
    let both = piped(&["fmt", "-", "a.md"]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
}

#[test]
fn what_is_not_checked_is_not_written_either() {
    let workspace = Workspace::empty();
    workspace.write("wharf.toml", "[check]\nexclude = [\"drafts/**\"]\n");
    workspace.write("pets.md", UNTIDY);
    workspace.write("drafts/new.md", UNTIDY);
    let output = fmt(&[workspace.argument()]);
    assert_eq!(output.stderr, "1 of 1 file changed\n");
    assert_eq!(read(&workspace, "pets.md"), TIDY);
    assert_eq!(read(&workspace, "drafts/new.md"), UNTIDY);
    // A file that is named is meant.
    let named = fmt(&[workspace.file("drafts/new.md").to_str().unwrap()]);
    assert_eq!(named.code, Some(0), "{named:?}");
    assert_eq!(read(&workspace, "drafts/new.md"), TIDY);
}
