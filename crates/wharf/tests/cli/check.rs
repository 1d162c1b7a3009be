//! `wharf check`: every form of output, fixes, suppressions, settings, and bad input.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;

use crate::support::program::{CommandLine, Output, wharf};
use crate::support::workspace::Workspace;

const SECRET: &str = "sk_live_q8Zr2LxT5vN1mK7pW3cB9dYf";

/// One safe fix, one unsafe fix, one finding without a fix, and one that a comment leaves out.
const DOCUMENT: &str = "\
---
title: [Integration] Example
type: tool
subtype: integration
environment: all
---

## Service Details

| Environment | Endpoint |
|---|---|
| Production | http://a.example.org | <!-- wharf-ignore plain-http: inside the cluster -->
| Staging | http://b.example.org |

## Authentication

- Type: None

## Configuratoin
";

const FIXED_TITLE: &str = "title: \"[Integration] Example\"\n";

fn workspace(names: &[&str]) -> Workspace {
    let workspace = Workspace::empty();
    for name in names {
        workspace.write(name, DOCUMENT);
    }
    workspace
}

fn command(workspace: &Workspace, options: &[&str]) -> CommandLine {
    wharf(&["check"])
        .arguments(options)
        .within(workspace.path())
}

fn check(workspace: &Workspace, options: &[&str]) -> Output {
    command(workspace, options).finish()
}

fn json(workspace: &Workspace, options: &[&str]) -> Value {
    let output = check(workspace, &[&["--format", "json"], options].concat());
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn read(workspace: &Workspace, name: &str) -> String {
    fs::read_to_string(workspace.file(name)).unwrap()
}

#[test]
fn text_shows_frames_and_the_summary_tells_what_can_be_fixed() {
    let output = check(&workspace(&["example.md"]), &[]);
    assert_eq!(output.code, Some(1));
    assert_eq!(
        output.stdout,
        "\
warning[WH102]: the title starts with `[`, so YAML takes it for a list
 --> example.md:2:8
  |
2 | title: [Integration] Example
  |        ^^^^^^^^^^^^^^^^^^^^^ read as text all the same
  |
  = help: put the title in quotes, so that other programs can read it too

warning[WH114]: calls to `b.example.org` go out in clear text, credentials included
  --> example.md:13:13
   |
13 | | Staging | http://b.example.org |
   |             ^^^^^^^^^^^^^^^^^^^^
   |
   = help: write `https://`

warning[WH002]: `Configuratoin` is not a known section; did you mean `Configuration`?
  --> example.md:19:4
   |
19 | ## Configuratoin
   |    ^^^^^^^^^^^^^ kept, but not read
   |
   = help: Write `Configuration`

"
    );
    assert_eq!(
        output.stderr,
        "0 errors, 3 warnings in 1 document; 1 finding left out by comments\n\
         1 finding can be fixed with --fix, 1 more with --fix --unsafe\n"
    );
}

#[test]
fn github_gets_one_command_for_each_finding() {
    let output = check(&workspace(&["my, docs/ab.md"]), &["--format", "github"]);
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{output:?}");
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("::warning file=my%2C docs/ab.md,line="))
    );
    assert_eq!(
        lines[1],
        "::warning file=my%2C docs/ab.md,line=13,col=13,endLine=13,endColumn=33,title=WH114 \
         plain-http::calls to `b.example.org` go out in clear text, credentials included%0A\
         help: write `https://`"
    );
}

#[test]
fn sarif_has_results_rules_fixes_and_suppressions() {
    let output = check(&workspace(&["my docs/a.md"]), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&output.stdout).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules: Vec<_> = results
        .iter()
        .map(|result| result["ruleId"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["WH102", "WH114", "WH002", "WH114"]);
    let location = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], "my%20docs/a.md");
    assert_eq!(results[0]["fixes"][0]["properties"]["safe"], true);
    assert_eq!(
        results[3]["suppressions"][0]["justification"],
        "inside the cluster"
    );
    let help = run["tool"]["driver"]["rules"][1]["help"]["markdown"]
        .as_str()
        .unwrap();
    assert!(help.starts_with("# WH102 title-not-quoted\n"), "{help}");
}

#[test]
fn fixing_writes_the_safe_ones_and_fixing_twice_changes_nothing() {
    let workspace = workspace(&["a.md", "deep/b.md"]);
    let output = check(&workspace, &["--fix"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert_eq!(
        output.stderr,
        "fixed 2 findings in 2 documents\n\
         0 errors, 4 warnings in 2 documents; 2 findings left out by comments\n\
         2 findings can be fixed with --fix --unsafe; look first with --diff --unsafe\n"
    );
    assert!(!output.stdout.contains("WH102"), "{output:?}");
    for name in ["a.md", "deep/b.md"] {
        let text = read(&workspace, name);
        assert_eq!(
            text,
            DOCUMENT.replace("title: [Integration] Example\n", FIXED_TITLE)
        );
    }
    let before = fs::metadata(workspace.file("a.md"))
        .unwrap()
        .modified()
        .unwrap();
    let output = check(&workspace, &["--fix"]);
    assert!(!output.stderr.starts_with("fixed "), "{output:?}");
    assert_eq!(
        fs::metadata(workspace.file("a.md"))
            .unwrap()
            .modified()
            .unwrap(),
        before
    );

    let report = json(&workspace, &["--fix", "--unsafe"]);
    assert_eq!(report["summary"]["fixed"], 2);
    assert_eq!(report["fixed"][0]["code"], "WH002");
    assert!(read(&workspace, "a.md").ends_with("## Configuration\n"));
}

#[test]
fn a_diff_writes_nothing() {
    let workspace = workspace(&["a.md"]);
    for options in [&["--diff"][..], &["--fix", "--diff"]] {
        let output = check(&workspace, options);
        assert_eq!(output.code, Some(1));
        assert_eq!(
            output.stdout,
            "--- a/a.md\n+++ b/a.md\n@@ -1,5 +1,5 @@\n ---\n-title: [Integration] Example\n\
             +title: \"[Integration] Example\"\n type: tool\n subtype: integration\n environment: all\n"
        );
        assert!(
            output
                .stderr
                .starts_with("would fix 1 finding in 1 document\n"),
            "{output:?}"
        );
    }
    let output = check(&workspace, &["--diff", "--unsafe"]);
    assert!(
        output
            .stdout
            .contains("-## Configuratoin\n+## Configuration\n"),
        "{output:?}"
    );
    assert_eq!(read(&workspace, "a.md"), DOCUMENT);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let workspace = workspace(&["a.md"]);
    for (options, expected) in [
        (&["--unsafe"][..], "--fix"),
        (&["--diff", "--format", "json"], "leave out --format"),
        (&["-", "a.md"], "give it alone"),
        (&["-", "--fix", "--format", "sarif"], "leave out --format"),
    ] {
        let output = command(&workspace, options).input(DOCUMENT).finish();
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output:?}"
        );
        assert!(output.stderr.contains(expected), "{output:?}");
    }
    assert_eq!(read(&workspace, "a.md"), DOCUMENT);
}

#[test]
fn what_cannot_be_read_or_written_is_told_and_the_rest_is_fixed() {
    let workspace = workspace(&["fine.md", "locked.md"]);
    let locked = workspace.file("locked.md");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o444)).unwrap();
    let latin = [DOCUMENT.as_bytes(), b"\xe9t\xe9\n"].concat();
    fs::write(workspace.file("latin.md"), &latin).unwrap();
    symlink(workspace.path(), workspace.file("loop")).unwrap();
    symlink("nowhere.md", workspace.file("dead.md")).unwrap();

    let output = check(&workspace, &["--fix"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    for expected in [
        "error: dead.md: is a link to nothing; remove it\n",
        "error: latin.md: is not UTF-8 from line 20 on; save it as UTF-8\n",
        "error: loop: leads back to a folder above it; not followed\n",
        "error: locked.md: is read-only; nothing was written, make it writable and run again\n",
        "fixed 1 finding in 1 document\n",
    ] {
        assert!(output.stderr.contains(expected), "{expected}{output:?}");
    }
    assert!(read(&workspace, "fine.md").contains(FIXED_TITLE));
    assert_eq!(read(&workspace, "locked.md"), DOCUMENT);
    assert_eq!(fs::read(workspace.file("latin.md")).unwrap(), latin);
    let mode = fs::metadata(&locked).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
    // What is left in the file that was not written is shown.
    assert!(output.stdout.contains(" --> locked.md:2:8\n"), "{output:?}");
}

#[test]
fn a_link_is_followed_and_stays_and_windows_files_stay_windows_files() {
    let workspace = Workspace::empty();
    let elsewhere = Workspace::empty();
    let text = format!("\u{feff}{}", DOCUMENT.replace('\n', "\r\n"));
    elsewhere.write("real.md", &text);
    symlink(elsewhere.file("real.md"), workspace.file("a.md")).unwrap();
    check(&workspace, &["--fix", "--unsafe"]);
    assert!(
        fs::symlink_metadata(workspace.file("a.md"))
            .unwrap()
            .is_symlink()
    );
    let fixed = text
        .replace(
            "title: [Integration] Example",
            "title: \"[Integration] Example\"",
        )
        .replace("Configuratoin", "Configuration");
    assert_eq!(read(&elsewhere, "real.md"), fixed);
}

#[test]
fn a_secret_is_in_no_output_also_where_a_comment_leaves_it_out() {
    let workspace = Workspace::empty();
    // Beside the title, so that the frames and the diff of another finding touch its line.
    let shown = DOCUMENT.replace("type: tool", &format!("x: {SECRET}\ntype: tool"));
    let comment = format!("{SECRET} <!-- wharf-ignore secret-in-text: a sample, not {SECRET} -->");
    let left_out = DOCUMENT.replace("## Configuratoin", &format!("{comment}\n## Configuratoin"));
    workspace.write("shown.md", &shown);
    workspace.write("left-out.md", &left_out);
    for options in [
        &[][..],
        &["--severity", "info"],
        &["--format", "json"],
        &["--format", "sarif"],
        &["--format", "github"],
        &["--diff", "--unsafe"],
    ] {
        let output = check(&workspace, options);
        assert!(
            !format!("{output:?}").contains(&SECRET[8..]),
            "{options:?}: {output:?}"
        );
        assert!(
            output.stdout.contains("shown.md"),
            "{options:?}: {output:?}"
        );
    }
    let report = json(&workspace, &[]);
    let reasons: Vec<_> = report["suppressed"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["slug"] == "secret-in-text")
        .map(|finding| finding["reason"].as_str().unwrap())
        .collect();
    assert!(reasons[0].starts_with("a sample, not ***"), "{reasons:?}");
    assert_eq!(report["summary"]["errors"], 1);

    check(&workspace, &["--fix"]);
    assert!(read(&workspace, "shown.md").contains(SECRET));
}

#[test]
fn severities_and_excluded_files_come_from_the_settings() {
    let workspace = workspace(&["docs/a.md", "drafts/old/b.md"]);
    workspace.write(
        "wharf.toml",
        "[check]\nexclude = [\"drafts/**\"]\n[check.severity]\nplain-http = \"error\"\n\
         WH102 = \"off\"\nmisspelt-name = \"info\"\n",
    );
    for path in [".", "docs"] {
        let report = json(&workspace, &[path]);
        assert_eq!(report["files"], serde_json::json!(["docs/a.md"]));
        let summary = &report["summary"];
        assert_eq!(
            (&summary["errors"], &summary["warnings"]),
            (&1.into(), &0.into()),
            "{report}"
        );
        assert_eq!(summary["infos"], 1);
        assert_eq!(report["suppressed"][0]["severity"], "error");
    }
    let report = json(&workspace, &["--fix"]);
    assert_eq!(
        report["summary"]["fixed"], 0,
        "what is switched off is not fixed"
    );
    let report = json(&workspace, &["drafts/old/b.md"]);
    assert_eq!(
        report["files"],
        serde_json::json!(["drafts/old/b.md"]),
        "named files are checked"
    );
}

#[test]
fn mistakes_in_the_settings_are_shown_with_their_line() {
    let workspace = workspace(&["a.md"]);
    workspace.write(
        "wharf.toml",
        "[check.severity]\nplain-htpp = \"off\"\nsecret-in-text = \"off\"\n",
    );
    let output = check(&workspace, &[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    for expected in [
        "wharf.toml:2:1: `plain-htpp` is no code of a finding; did you mean `plain-http`?\n",
        "wharf.toml:3:1: WH215 (secret-in-text) is about secrets and cannot be `off`",
    ] {
        assert!(output.stderr.contains(expected), "{output:?}");
    }
}

#[test]
fn standard_input_is_one_document_with_a_name() {
    let workspace = Workspace::empty();
    workspace.write("wharf.toml", "[check.severity]\nplain-http = \"info\"\n");
    let run = |options: &[&str], text: &str| command(&workspace, options).input(text).finish();
    let output = run(
        &["-", "--stdin-name", "docs/stripe.md", "--format", "json"],
        DOCUMENT,
    );
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["files"], serde_json::json!(["docs/stripe.md"]));
    assert_eq!(report["summary"]["infos"], 1, "{report}");

    let output = run(&["-", "--fix"], DOCUMENT);
    let fixed = DOCUMENT.replace("title: [Integration] Example\n", FIXED_TITLE);
    assert_eq!((output.code, output.stdout), (Some(1), fixed));
    assert!(
        output.stderr.contains("warning[WH002]"),
        "{}",
        output.stderr
    );

    let output = run(&["-", "--diff"], DOCUMENT);
    assert!(
        output
            .stdout
            .starts_with("--- a/stdin.md\n+++ b/stdin.md\n"),
        "{output:?}"
    );
    let output = run(&["-"], "# Not a document\n");
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("stdin.md: is not an integration document"),
        "{output:?}"
    );
}
