//! `--help` of every command.

use crate::support::program::{Output, wharf};

/// Options and arguments that help must name, by command.
const NAMED: &[(&[&str], &[&str])] = &[
    (
        &[],
        &[
            "--log-format",
            "WHARF_LOG",
            "--help",
            "--version",
            "Exit codes: 0 ",
            "wharf up --simulate",
        ],
    ),
    (
        &["up"],
        &[
            "[DIR]",
            "--simulate",
            "--listen",
            "--control",
            "--state",
            "WHARF_LOG",
            "--workers",
            "--format",
            "127.0.0.1:7070",
            "127.0.0.1:7071",
        ],
    ),
    (
        &["call"],
        &[
            "<ID>",
            "<OPERATION>",
            "[KEY=VALUE]",
            "--data",
            "--header",
            "--timeout",
            "--simulate",
            "--dir",
            "--format",
            "key:=JSON",
            "key==value",
            "WHARF_LOG",
            "64 MiB",
            "left out with a warning",
            "Exit codes: 0 ",
        ],
    ),
    (
        &["callers"],
        &[
            "--dir",
            "--state",
            "--format",
            "add",
            "list",
            "remove",
            "WHARF_LOG",
            "Exit codes: 0 ",
        ],
    ),
    (
        &["callers", "add"],
        &[
            "<NAME>",
            "--replace",
            "--dir",
            "--state",
            "--format",
            "Exit codes: 0 ",
        ],
    ),
    (&["audit"], &["list", "10,000", "Exit codes: 0 "]),
    (
        &["audit", "list"],
        &[
            "--limit",
            "--before",
            "--dir",
            "--state",
            "--format",
            "Exit codes: 0 ",
        ],
    ),
    (&["callers", "list"], &["Exit codes: 0 "]),
    (&["callers", "remove"], &["<NAME>", "Exit codes: 0 "]),
    (
        &["store"],
        &["key", "--dir", "--state", "--format", "Exit codes: 0 "],
    ),
    (&["store", "key"], &["new", "status", "rotate", "[store]"]),
    (
        &["store", "key", "new"],
        &["--out", "--print", "Exit codes: 0 "],
    ),
    (&["store", "key", "status"], &["Exit codes: 0 "]),
    (&["store", "key", "rotate"], &["Exit codes: 0 "]),
    (
        &["notices"],
        &[
            "--dir",
            "--state",
            "--format",
            "list",
            "ack",
            "Exit codes: 0 ",
        ],
    ),
    (
        &["notices", "list"],
        &[
            "--severity",
            "--subject",
            "--since",
            "--open",
            "--before",
            "--limit",
            "Exit codes: 0 ",
        ],
    ),
    (&["notices", "ack"], &["<NUMBER>", "--by", "Exit codes: 0 "]),
    (
        &["check"],
        &[
            "[PATH]",
            "--format",
            "sarif",
            "github",
            "--severity",
            "--fix",
            "--unsafe",
            "--diff",
            "--stdin-name",
            "WHARF_LOG",
            "Exit codes: 0 ",
            "<!-- wharf-ignore CODE: reason -->",
            "[check.severity]",
        ],
    ),
    (
        &["explain"],
        &["[CODE]", "Without it, all codes are listed", "--search"],
    ),
    (&["init"], &["[DIR]", "--with", "Exit codes: 0 "]),
    (
        &["new"],
        &[
            "[NAME]",
            "--from",
            "--blank",
            "--dir",
            "--title",
            "--list",
            "Exit codes: 0 ",
        ],
    ),
    (
        &["list"],
        &[
            "[DIR]",
            "--tag",
            "--category",
            "--criticality",
            "--inactive",
            "--catalog",
            "Exit codes: 0 ",
        ],
    ),
    (
        &["show"],
        &[
            "<ID>",
            "--feature",
            "--section",
            "--dir",
            "--format",
            "Exit codes: 0 ",
        ],
    ),
    (
        &["graph"],
        &["[DIR]", "--focus", "mermaid", "Exit codes: 0 "],
    ),
    (&["index"], &["[DIR]", "--check", "Exit codes: 0 "]),
    (&["completions"], &["<SHELL>", "bash", "elvish"]),
    (&["man"], &["[DIR]", "man -l"]),
    (&["fmt"], &["[PATH]", "--check", "--diff", "Exit codes: 0 "]),
];

fn help(command: &[&str]) -> Output {
    let output = wharf(command).arguments(&["--help"]).finish();
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{command:?}: {output:?}"
    );
    output
}

/// Names in the list of commands.
fn commands(text: &str) -> Vec<String> {
    let list = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    list.take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect()
}

/// Asserts that a command and those below it have a text, and that nothing in it is bare.
fn walk(command: &[&str], seen: &mut usize) {
    *seen += 1;
    let text = help(command).stdout;
    assert!(text.contains("Usage: wharf"), "{command:?}: {text}");
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let is_option = line.trim_start().starts_with("--") || line.trim_start().starts_with("-h");
        if !is_option {
            continue;
        }
        // Either behind the option, or on the line below it.
        let beside = line.trim_start().contains("  ");
        let below = lines
            .get(index + 1)
            .is_some_and(|next| next.starts_with("          "));
        assert!(
            beside || below,
            "{command:?} does not explain `{line}`:\n{text}"
        );
    }
    for name in commands(&text) {
        let below: Vec<&str> = command.iter().copied().chain([name.as_str()]).collect();
        walk(&below, seen);
    }
}

#[test]
fn every_command_explains_every_option() {
    let mut seen = 0;
    walk(&[], &mut seen);
    assert!(seen >= 8, "only {seen} commands were found");
}

#[test]
fn help_names_what_can_be_given() {
    for (command, names) in NAMED {
        let text = help(command).stdout;
        for name in *names {
            assert!(
                text.contains(name),
                "{command:?} does not name {name}:\n{text}"
            );
        }
    }
}

#[test]
fn without_a_command_the_help_is_shown() {
    let output = wharf::<&str>(&[]).finish();
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(2), ""),
        "{output:?}"
    );
    for word in [
        "Usage: wharf",
        "up",
        "check",
        "call",
        "callers",
        "Start here:",
    ] {
        assert!(output.stderr.contains(word), "{output:?}");
    }
}

#[test]
fn the_version_is_told() {
    let output = wharf(&["--version"]).finish();
    assert_eq!(output.code, Some(0));
    assert_eq!(
        output.stdout,
        format!("wharf {}\n", env!("CARGO_PKG_VERSION"))
    );
}
