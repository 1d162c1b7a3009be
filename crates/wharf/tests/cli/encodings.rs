//! Documents that are saved in another encoding than UTF-8.

use crate::support::document::Document;
use crate::support::program::{up, wharf};
use crate::support::workspace::Workspace;

/// A text as an editor on Windows may save it.
fn wide(text: &str, unit: fn(u16) -> Vec<u8>, mark: &[u8]) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(unit);
    mark.iter().copied().chain(units).collect()
}

#[test]
fn a_document_in_another_encoding_is_named_by_every_command() {
    let little = |unit: u16| unit.to_le_bytes().to_vec();
    let big = |unit: u16| unit.to_be_bytes().to_vec();
    let longer = |unit: u16| u32::from(unit).to_le_bytes().to_vec();
    let text = Document::new("petshop", "https://vendor.invalid").text() + "\nGrüße 🙂\n";
    let notes = "# Notes\n\nNo document at all.\n";
    let latin: Vec<u8> = text
        .chars()
        .map(|sign| u8::try_from(sign).unwrap_or(b'?'))
        .collect();
    let cases: [(&str, Vec<u8>, &str); 6] = [
        (
            "UTF-16",
            wide(&text, little, b"\xff\xfe"),
            "is UTF-16; save it as UTF-8",
        ),
        (
            "big",
            wide(&text, big, b"\xfe\xff"),
            "is UTF-16; save it as UTF-8",
        ),
        (
            "no mark",
            wide(&text, little, b""),
            "is UTF-16; save it as UTF-8",
        ),
        (
            "UTF-32",
            wide(&text, longer, b"\xff\xfe\0\0"),
            "is UTF-32; save it as UTF-8",
        ),
        ("Latin-1", latin, "is not UTF-8 from line "),
        (
            "cut",
            [text.as_bytes(), b"\xf0\x9f"].concat(),
            "is not UTF-8 from line ",
        ),
    ];
    for (name, bytes, words) in cases {
        let workspace = Workspace::empty();
        workspace.write_bytes("petshop.md", &bytes);
        workspace.write_bytes("notes.md", &wide(notes, little, b"\xff\xfe"));
        for command in [
            &["check"][..],
            &["check", "petshop.md"],
            &["list"],
            &["up", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"],
        ] {
            let output = wharf(command).within(workspace.path()).finish();
            assert_ne!(output.code, Some(0), "{name}: {command:?}: {output:?}");
            assert!(
                output.stderr.contains(&format!("petshop.md: {words}")),
                "{name}: {command:?}: {output:?}"
            );
            assert!(
                !output.stderr.contains("notes.md"),
                "{name}: {command:?}: {output:?}"
            );
        }
    }
}

#[test]
fn a_document_with_the_mark_of_utf_8_is_a_document() {
    let workspace = Workspace::empty();
    let text = Document::new("petshop", "https://vendor.invalid").text();
    workspace.write("petshop.md", &format!("\u{feff}{text}"));
    let output = wharf(&["check", "--severity", "error"])
        .within(workspace.path())
        .finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    let list = wharf(&["list"]).within(workspace.path()).finish();
    assert!(list.stdout.contains("petshop"), "{list:?}");
    let gateway = up(&["--simulate", workspace.argument()]).ready();
    assert_eq!(gateway.ready["integrations"][0]["id"], "petshop");
}
