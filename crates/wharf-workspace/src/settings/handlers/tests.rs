//! Both forms of a handler say the same, all mistakes come at once, and no secret is shown.

use std::path::Path;

use super::super::{CheckRules, FILE_NAME, Settings};
use super::{Handler, SecretPlace};

fn load(text: &str) -> anyhow::Result<Settings> {
    let root = Path::new("/w");
    // What the checks of documents and editors are told is the same.
    let rules = CheckRules::parse(text, root).map_err(anyhow::Error::from);
    let settings = Settings::parse(text, &root.join(FILE_NAME)).map_err(anyhow::Error::from);
    match (&rules, &settings) {
        (Ok(_), Ok(_)) => {}
        (Err(one), Err(other)) => assert_eq!(format!("{one:#}"), format!("{other:#}")),
        other => panic!("{other:?}"),
    }
    settings
}

fn mistakes(text: &str) -> Vec<String> {
    let error = format!("{:#}", load(text).unwrap_err());
    let lines = error.lines().map(|line| {
        let (_, behind) = line.split_once("wharf.toml:").unwrap();
        behind.to_owned()
    });
    lines.collect()
}

#[test]
fn an_address_alone_and_a_table_with_it_are_one_handler() {
    let short = load("[handlers]\nhandleA = \"http://127.0.0.1:9000/a\"\n").unwrap();
    let long = load("[handlers.handleA]\nurl = \"http://127.0.0.1:9000/a\"\n").unwrap();
    let inline = load("[handlers]\nhandleA = { url = \"http://127.0.0.1:9000/a\" }\n").unwrap();
    let expected = Handler {
        url: "http://127.0.0.1:9000/a".to_owned(),
        secret: None,
        rate: None,
    };
    for settings in [short, long, inline] {
        for name in ["handleA", "handleA()"] {
            assert_eq!(settings.handler(name), Some(&expected));
        }
        assert_eq!(settings.handler("handleB"), None);
    }
}

#[test]
fn every_key_of_a_handler_is_read() {
    let settings = load(
        "[handlers]\nhandleA = \"https://a.internal/hook/?source=wharf\"\n\n\
         [handlers.\"handleB()\"]\nurl = \"http://127.0.0.1:9000/b\"\nsecret = \"B_SECRET\"\n\
         rate = \"25/s\"\n\n\
         [handlers.handleC]\nurl = \"HTTPS://[::1]/c\"\nsecret = \"secrets/c\"\n\
         rate = \"2/s, burst 40\"\n",
    )
    .unwrap();
    let shown = |name: &str| {
        let handler = settings.handler(name).unwrap();
        let rate = handler.rate.as_ref().map(ToString::to_string);
        (handler.url.as_str(), handler.secret.clone(), rate)
    };
    // The address stays as it is written: a handler may tell `/hook` and `/hook/` apart.
    let address = "https://a.internal/hook/?source=wharf";
    assert_eq!(shown("handleA"), (address, None, None));
    let secret = SecretPlace::Variable("B_SECRET".to_owned());
    let rate = Some("25/s".to_owned());
    assert_eq!(
        shown("handleB"),
        ("http://127.0.0.1:9000/b", Some(secret), rate)
    );
    let secret = SecretPlace::File("secrets/c".to_owned());
    let rate = Some("2/s, burst 40".to_owned());
    assert_eq!(shown("handleC"), ("HTTPS://[::1]/c", Some(secret), rate));
}

#[test]
fn no_table_and_an_empty_one_are_told_apart() {
    assert!(load("").unwrap().handlers().is_none());
    assert!(load("[handlers]\n").unwrap().handlers().unwrap().is_empty());
}

#[test]
fn every_mistake_is_told_with_its_line_and_the_nearest_word() {
    let found = mistakes(
        "[handlers]\n\
         noAddress = 5\n\
         noScheme = \"127.0.0.1:9000/a\"\n\
         noHost = \"http://\"\n\
         \"twice()\" = \"http://127.0.0.1/1\"\n\
         twice = \"http://127.0.0.1/2\"\n\
         \"\" = \"http://127.0.0.1/3\"\n\
         otherScheme = \"ftp://127.0.0.1/4\"\n\
         fragment = \"http://127.0.0.1/5#x\"\n\
         query = \"http://127.0.0.1/5?a=b c\"\n\
         \n\
         [handlers.otherUrl]\n\
         ulr = \"http://127.0.0.1/6\"\n\
         [handlers.noUrl]\n\
         colour = \"red\"\n\
         \n\
         [handlers.kinds]\n\
         url = [\"http://127.0.0.1/7\"]\n\
         secret = true\n\
         rate = 25\n\
         \n\
         [handlers.values]\n\
         url = \"http://127.0.0.1/8\"\n\
         secret = \"refund secret\"\n\
         rate = \"25 a fortnight\"\n\
         \n\
         [handlers.counters]\n\
         url = \"http://127.0.0.1/9\"\n\
         rate = \"1/s per caller\"\n",
    );
    let expected = [
        (
            2,
            "the handler `noAddress` is an address, or a table",
            "not a number",
        ),
        (
            3,
            "the address of the handler `noScheme`",
            "start with `http://` or `https://`",
        ),
        (4, "the address of the handler `noHost`", "it has no host"),
        (6, "the handler `twice` is given twice", ""),
        (7, "a handler has a name", ""),
        (8, "the address of the handler `otherScheme`", "`http://`"),
        (9, "the address of the handler `fragment`", "a fragment"),
        (10, "the address of the handler `query`", "its query"),
        (
            13,
            "`ulr` is no key of the handler `otherUrl`",
            "did you mean `url`?",
        ),
        (14, "the handler `noUrl` has no `url`", ""),
        (
            15,
            "`colour` is no key of the handler `noUrl`",
            "known: url, secret, rate",
        ),
        (
            18,
            "`url` of the handler `kinds` is an address in quotes",
            "not a list",
        ),
        (
            19,
            "`secret` of the handler `kinds`",
            "not `true` or `false`",
        ),
        (
            20,
            "`rate` of the handler `kinds` is a rate in quotes",
            "not a number",
        ),
        (
            24,
            "`secret` of the handler `values` says where",
            "`REFUND_SECRET`",
        ),
        (
            25,
            "`rate` of the handler `values` cannot be read",
            "write it like `100/min`",
        ),
        (
            29,
            "`rate` of the handler `counters` cannot be read",
            "one counter",
        ),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, (line, start, words)) in found.iter().zip(expected) {
        let place = found.starts_with(&format!("{line}:"));
        assert!(place && found.contains(&format!(": {start}")), "{found}");
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn handlers_are_a_table() {
    let found = mistakes("handlers = [\"http://127.0.0.1/\"]\n");
    assert_eq!(
        found,
        ["1:12: `handlers` is a table of names and addresses, not a list"]
    );
}

#[test]
fn mistakes_of_other_tables_come_in_the_same_run() {
    let text = "[handlers]\na = 1\n[check.severity]\nplain-htpp = \"off\"\n";
    let error = CheckRules::parse(text, Path::new("/w"))
        .unwrap_err()
        .to_string();
    for place in [":2:5: the handler `a`", ":4:1: `plain-htpp`"] {
        assert!(error.contains(place), "{error}");
    }
}

/// A key of a format that is published, which nobody issued.
fn live_secret() -> String {
    ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dcQ3rK"].join("_")
}

#[test]
fn what_may_be_a_secret_is_refused_with_its_place_and_never_shown() {
    let live = live_secret();
    let of_secret =
        |value: &str| format!("[handlers.a]\nurl = \"http://127.0.0.1/\"\nsecret = {value}\n");
    for (secret, text) in [
        (live.as_str(), of_secret(&format!("\"{live}\""))),
        ("hunter2", of_secret("\"hunter2\"")),
        (
            "https://vault/hunter2",
            of_secret("\"https://vault/hunter2\""),
        ),
        ("hunter2", of_secret("\"\"\"\nhunter2\"\"\"")),
        ("hunter2", of_secret("[\"hunter2\"]")),
        ("hunter2", of_secret("{ value = \"hunter2\" }")),
        // No quotes: it is no TOML at all.
        ("hunter2", of_secret("hunter2")),
        ("hunter2", of_secret("\"hunter2")),
        ("hunter2", of_secret("\"\"\"\nhunter2\n")),
        (
            "hunter2",
            "[handlers]\na = { secrt = \"hunter2\", url = }\n".to_owned(),
        ),
        (
            "hunter2",
            "[handlers]\na = { url = \"http://me:hunter2@127.0.0.1/\" }\n".to_owned(),
        ),
        (
            "hunter2",
            "[handlers]\na = \"http://127.0.0.1/?token=hunter2\"\n".to_owned(),
        ),
        (
            "hunter2",
            "[handlers]\na = \"http://hunter2@127.0.0.1/\"\n".to_owned(),
        ),
        (
            &live,
            format!("[handlers]\na = \"http://127.0.0.1/{live}\"\n"),
        ),
        (
            &live,
            format!("[handlers.a]\nurl = \"http://127.0.0.1/\"\nrate = \"{live}\"\n"),
        ),
        (
            &live,
            format!("[handlers.a]\nurl = \"http://127.0.0.1/\"\n{live} = \"x\"\n"),
        ),
        (&live, format!("[handlers]\n{live} = 5\n")),
        (
            "hunter2",
            "[gateway]\nhandlers.a.secret = \"hunter2\"\n".to_owned(),
        ),
        (&live, format!("[listen]\nwebhooks = \"{live}\"\n")),
        (&live, format!("[gateway]\nworkers = \"{live}\"\n")),
        (
            &live,
            format!("[gateway]\nworkers = \"\\u0073{}\"\n", &live[1..]),
        ),
        (
            "kUr9xQ2vT4mZpL8w",
            of_secret("\"kUr9xQ2vT4mZpL8w/Y1cB6nHs3DfGjKa\""),
        ),
    ] {
        let error = format!("{:#}", load(&text).unwrap_err());
        assert!(!error.contains(secret), "{text}\n{error}");
        assert!(error.contains("wharf.toml"), "{error}");
        let has_place = (1..7).any(|line| {
            error.contains(&format!("wharf.toml:{line}:"))
                || error.contains(&format!("line {line}"))
        });
        assert!(has_place, "{text}\n{error}");
    }
}

#[test]
fn names_and_paths_are_references_to_a_secret() {
    for place in [
        "REFUND_SECRET",
        "_A1",
        "secrets/refund",
        "/run/secrets/refund.key",
        "./s",
    ] {
        let text = format!("[handlers.a]\nurl = \"http://127.0.0.1/\"\nsecret = \"{place}\"\n");
        let settings = load(&text).unwrap();
        let secret = settings.handler("a").unwrap().secret.as_ref().unwrap();
        assert_eq!(secret.to_string(), place);
    }
}
