//! Output and exit codes of the command.

use std::fs;
use std::path::Path;

use clap::Parser;
use wharf_diag::Colour;

use super::Arguments;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

const CLEAN: &str = "\
---
title: \"[Integration] A\"
type: tool
subtype: integration
environment: production
---

## Service Details

| Environment | Endpoint |
|---|---|
| Production | https://api.example.org |

## Authentication

- Type: None
";

/// What a run leaves.
struct Left {
    output: String,
    notes: Vec<String>,
    exit_code: u8,
}

fn check(root: &Path, options: &[&str]) -> anyhow::Result<Left> {
    let root = root.to_str().unwrap();
    let words = ["check", root].into_iter().chain(options.iter().copied());
    let mut findings = Vec::new();
    let arguments = Line::parse_from(words).arguments;
    let said = super::check(&arguments, Colour::Never, &mut findings)?;
    Ok(Left {
        output: String::from_utf8(findings).unwrap() + &said.text,
        notes: said.notes,
        exit_code: said.exit_code,
    })
}

#[test]
fn a_clean_document_is_exit_0_and_silent() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.md"), CLEAN).unwrap();
    let report = check(root.path(), &[]).unwrap();
    assert_eq!((report.exit_code, report.output.as_str()), (0, ""));
    assert_eq!(report.notes, ["0 errors, 0 warnings in 1 document"]);
}

#[test]
fn a_warning_is_exit_1_unless_only_errors_count() {
    let root = tempfile::tempdir().unwrap();
    let text = CLEAN.replace("https://", "http://");
    fs::write(root.path().join("a.md"), text).unwrap();
    let report = check(root.path(), &[]).unwrap();
    assert_eq!(report.exit_code, 1);
    let place = format!("{}/a.md:12:16", root.path().display());
    assert!(report.output.contains(&place), "{}", report.output);
    let report = check(root.path(), &["--severity", "error"]).unwrap();
    assert_eq!((report.exit_code, report.output.as_str()), (0, ""));
    assert_eq!(report.notes, ["0 errors, 1 warning in 1 document"]);
}

#[test]
fn infos_alone_are_exit_0_and_shown_on_demand() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.md"), format!("{CLEAN}\n## Garden\n")).unwrap();
    let report = check(root.path(), &[]).unwrap();
    assert_eq!((report.exit_code, report.output.as_str()), (0, ""));
    let expected = "0 errors, 0 warnings in 1 document; 1 info not shown, see --severity info";
    assert_eq!(report.notes, [expected]);
    let report = check(root.path(), &["--severity", "info"]).unwrap();
    assert_eq!(report.exit_code, 0);
    assert!(
        report.output.starts_with("info[WH003]"),
        "{}",
        report.output
    );
}

#[test]
fn what_cannot_be_read_is_exit_2_and_the_rest_is_checked() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("a.md"),
        CLEAN.replace("https://", "http://"),
    )
    .unwrap();
    let mut latin = CLEAN.as_bytes().to_vec();
    latin.push(0xe9);
    fs::write(root.path().join("b.md"), latin).unwrap();
    let report = check(root.path(), &["--format", "json"]).unwrap();
    assert_eq!(report.exit_code, 2);
    assert!(
        report.notes[0].contains("b.md: is not UTF-8"),
        "{:?}",
        report.notes
    );
    let json: serde_json::Value = serde_json::from_str(&report.output).unwrap();
    assert_eq!(json["summary"]["warnings"], 1);
    assert_eq!(json["summary"]["problems"], 1);
    assert_eq!(json["diagnostics"][0]["slug"], "plain-http");
}

#[test]
fn no_document_is_exit_2_with_a_remedy() {
    let root = tempfile::tempdir().unwrap();
    let report = check(root.path(), &[]).unwrap();
    assert_eq!((report.exit_code, report.output.as_str()), (2, ""));
    assert!(
        report.notes[0].contains("`type: tool`"),
        "{:?}",
        report.notes
    );
    let missing = check(&root.path().join("nowhere"), &[]).unwrap();
    assert_eq!(missing.exit_code, 2);
    assert!(
        missing.notes[0].contains("does not exist"),
        "{:?}",
        missing.notes
    );
}

#[test]
fn a_secret_in_a_document_is_in_no_output() {
    let canary = "sk_live_canary1234567890";
    let root = tempfile::tempdir().unwrap();
    let storage = format!(
        "\n### Credential Storage\n```yaml\nproduction: {canary}\nstaging:\n  location: {canary}\n  \
         path: {canary}\n  {canary}: {canary}\n  variables: [{canary}]\n  rotation: {canary}\n```\n"
    );
    let broken =
        format!("\n### Credential Storage\n```yaml\nproduction: {canary}: {canary}\n```\n");
    fs::write(root.path().join("a.md"), format!("{CLEAN}{storage}")).unwrap();
    fs::write(root.path().join("b.md"), format!("{CLEAN}{broken}")).unwrap();
    for format in ["text", "json"] {
        let options = ["--format", format, "--severity", "info"];
        let report = check(root.path(), &options).unwrap();
        assert_eq!(report.exit_code, 1);
        assert!(report.output.contains("WH211") && report.output.contains("WH101"));
        assert!(!report.output.contains("canary"), "{}", report.output);
        assert!(!report.notes.concat().contains("canary"));
    }
}

#[test]
fn operations_are_compared_with_a_linked_description() {
    let root = tempfile::tempdir().unwrap();
    let text = format!(
        "{CLEAN}\n## API Endpoints\n\n| Operation | Method | Endpoint |\n|---|---|---|\n\
         | List | GET | /v1/items |\n| Get | GET | /v1/item/{{id}} |\n\n\
         ## Documentation\n\n- [OpenAPI](specs/a.yaml)\n- [OpenAPI](https://example.org/b.json)\n"
    );
    fs::write(root.path().join("a.md"), text).unwrap();
    let report = check(root.path(), &[]).unwrap();
    assert!(report.output.contains("WH905"), "{}", report.output);
    assert!(!report.output.contains("WH901"), "{}", report.output);
    fs::create_dir(root.path().join("specs")).unwrap();
    let described = "openapi: 3.1.0\nservers:\n  - url: https://api.example.org/v1\npaths:\n  \
                     /items/:\n    get: {deprecated: true}\n  /items/{key}:\n    get: {}\n";
    fs::write(root.path().join("specs/a.yaml"), described).unwrap();
    let report = check(root.path(), &[]).unwrap();
    let output = &report.output;
    assert!(output.contains("did you mean `/items/{key}`?"), "{output}");
    assert!(output.contains("WH903"), "{output}");
    assert_eq!(report.notes, ["0 errors, 2 warnings in 1 document"]);
}

#[test]
fn a_secret_in_a_path_is_not_told_by_the_comparison() {
    let root = tempfile::tempdir().unwrap();
    let secret = format!("shp{}{}", "at_", "7c1e9a04b6d2f8835ae0c4917bd36f52");
    let text = format!(
        "{CLEAN}\n## API Endpoints\n\n| Operation | Method | Endpoint |\n|---|---|---|\n\
         | List | GET | /items/{secret}/x |\n\n## Documentation\n\n- [OpenAPI](a.json)\n"
    );
    fs::write(root.path().join("a.md"), text).unwrap();
    let described = r#"{"openapi": "3.1.0", "paths": {"/others": {"get": {}}}}"#;
    fs::write(root.path().join("a.json"), described).unwrap();
    for format in ["text", "json"] {
        let report = check(root.path(), &["--format", format]).unwrap();
        assert!(report.output.contains("WH901"), "{}", report.output);
        assert!(!report.output.contains(&secret), "{}", report.output);
    }
}

#[test]
fn a_comment_leaves_out_what_the_comparison_finds() {
    let root = tempfile::tempdir().unwrap();
    let text = format!(
        "{CLEAN}\n## Documentation\n\n<!-- wharf-ignore WH905: it comes with the next release -->\n\
         - [OpenAPI](a.json)\n"
    );
    fs::write(root.path().join("a.md"), text).unwrap();
    let report = check(root.path(), &[]).unwrap();
    assert_eq!(report.output, "");
    // Who does not compare says nothing about the comment.
    let loaded = crate::workspace::load(root.path()).unwrap();
    assert_eq!(loaded.all_diagnostics().count(), 0);
}
