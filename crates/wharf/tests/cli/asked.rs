//! One document that somebody asks for: found where it is, and told why where it cannot be read.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::document::Document;
use crate::support::program::{Output, wharf};
use crate::support::workspace::Workspace;

const EXAMPLES: &str = "# Examples\n\n```json show-pet\n{}\n```\n";

fn petshop() -> Document {
    Document::new("petshop", "https://vendor.invalid")
}

fn text_with_examples() -> String {
    let part = "### Examples\n";
    let text = petshop().text();
    assert!(text.contains(part), "{text}");
    text.replacen(
        part,
        "### Examples\n\n- [Examples](examples/petshop.md)\n",
        1,
    )
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(arguments).within(workspace.path()).finish()
}

/// The parent of a name alone is no folder that anything can be below of.
#[test]
fn a_document_from_standard_input_finds_its_examples_whatever_its_name_looks_like() {
    let workspace = Workspace::empty();
    let text = text_with_examples();
    workspace.write("petshop.md", &text);
    workspace.write("examples/petshop.md", EXAMPLES);
    let shown = run(&workspace, &["check", "petshop.md"]);
    assert_eq!(
        (shown.code, shown.stdout.as_str()),
        (Some(0), ""),
        "{shown:?}"
    );
    let absolute = workspace.file("petshop.md");
    let names = ["petshop.md", "./petshop.md", absolute.to_str().unwrap()];
    for name in names.map(Some).into_iter().chain([None]) {
        let mut command = wharf(&["check", "-"]).within(workspace.path()).input(&text);
        if let Some(name) = name {
            command = command.arguments(&["--stdin-name", name]);
        }
        let output = command.finish();
        assert_eq!(output.code, Some(0), "{name:?}: {output:?}");
        assert!(!output.stdout.contains("WH403"), "{name:?}: {output:?}");
    }
    // A link that leads out is still one.
    let out = text.replace("examples/petshop.md", "../petshop.md");
    let output = wharf(&["check", "-"]).within(workspace.path()).input(&out);
    let output = output.finish();
    assert!(
        output.stdout.contains("outside of the workspace"),
        "{output:?}"
    );
}

#[test]
fn a_link_from_the_root_is_found_from_a_folder_below_it() {
    let workspace = Workspace::empty();
    workspace.write("wharf.toml", "");
    let text = text_with_examples().replace("examples/petshop.md", "/examples/petshop.md");
    workspace.write("shops/petshop.md", &text);
    workspace.write("examples/petshop.md", EXAMPLES);
    let below = workspace.file("shops");
    for path in [".", "petshop.md"] {
        let output = wharf(&["check", path]).within(&below).finish();
        assert_eq!(output.code, Some(0), "{path}: {output:?}");
    }
}

#[test]
fn a_file_that_is_no_document_is_told_what_is_wrong_with_it() {
    let text = petshop().text();
    let right = "type: tool\n";
    assert!(text.contains(right), "{text}");
    let cases: [(&str, Vec<u8>, &str); 6] = [
        (
            "returns.md",
            text.replace('\n', "\r").into_bytes(),
            "carriage return alone",
        ),
        (
            "first.md",
            format!("\u{a0}\n{text}").into_bytes(),
            "its first line is not `---`",
        ),
        (
            "indented.md",
            text.replacen("---", "  ---", 1).into_bytes(),
            "its first line is not `---`",
        ),
        (
            "typo.md",
            text.replacen(right, "tpye: tool\n", 1).into_bytes(),
            "write `type: tool` (line ",
        ),
        ("binary.md", vec![0x7f, 0xff, 0xfe, 0x80], "is not UTF-8"),
        (
            "notes.md",
            b"# Notes\n".to_vec(),
            "its frontmatter has to say `type: tool`",
        ),
    ];
    let workspace = Workspace::empty();
    for (name, bytes, why) in cases {
        workspace.write_bytes(name, &bytes);
        let output = run(&workspace, &["check", name]);
        assert_eq!(output.code, Some(2), "{name}: {output:?}");
        assert!(output.stderr.contains(why), "{name}: {why}: {output:?}");
        assert!(output.stderr.contains(name), "{output:?}");
    }
}

#[test]
fn a_document_that_cannot_be_read_is_not_denied() {
    let workspace = Workspace::of([&petshop()]);
    let latin = petshop()
        .text()
        .replace("vendor.invalid", "caf\u{e9}.invalid");
    let bytes: Vec<u8> = latin.chars().map(|c| u8::try_from(c).unwrap()).collect();
    workspace.write_bytes("latin.md", &bytes);
    workspace.write("closed.md", &petshop().text());
    let closed = workspace.file("closed.md");
    fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    let mut asked = vec![("latin", "is not UTF-8")];
    // Whoever may read everything can read this too.
    if fs::read(&closed).is_err() {
        asked.push(("closed", "check who may read it"));
    }
    for (id, why) in asked {
        for arguments in [
            &["show", id][..],
            &["graph", "--focus", id],
            &["call", id, "list-pets"],
            &["call", "--simulate", id, "list-pets"],
        ] {
            let output = run(&workspace, arguments);
            assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
            let last = output.stderr.lines().last().unwrap();
            assert!(last.contains(why), "{arguments:?}: {output:?}");
            assert!(!last.contains("there is no integration"), "{output:?}");
        }
    }
    let unknown = run(&workspace, &["show", "lost"]);
    assert!(
        unknown.stderr.contains("there is no integration `lost`"),
        "{unknown:?}"
    );
}

/// Public report: avh4/elm-format#504.
#[test]
fn programs_get_their_object_for_a_path_that_is_not_there() {
    let workspace = Workspace::of([&petshop()]);
    let output = run(
        &workspace,
        &["check", "nowhere", "petshop.md", "--format", "json"],
    );
    assert_eq!(output.code, Some(2), "{output:?}");
    let json: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(json["problems"][0]["file"], "nowhere", "{json}");
    let message = json["problems"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("does not exist"), "{json}");
    // It hides no other.
    assert_eq!(json["summary"]["files"], 1, "{json}");
    assert_eq!(json["summary"]["problems"], 1, "{json}");

    let sarif = run(&workspace, &["check", "nowhere", "--format", "sarif"]);
    assert_eq!(sarif.code, Some(2), "{sarif:?}");
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    assert!(sarif.to_string().contains("does not exist"), "{sarif}");

    workspace.write("wharf.toml", "[check\n");
    for format in ["json", "sarif"] {
        let output = run(&workspace, &["check", ".", "--format", format]);
        assert_eq!(output.code, Some(2), "{output:?}");
        let object: Value = serde_json::from_str(&output.stdout).unwrap();
        assert!(object.to_string().contains("is not valid"), "{object}");
    }
}
