//! `wharf.toml`: what belongs to the installation.

use std::net::{Ipv4Addr, TcpListener};

use crate::support::document::Document;
use crate::support::program::{up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn addresses_and_state_folder_come_from_the_file_and_options_win() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (data, control) = (free_port(), free_port());
    let settings = format!(
        "[listen]\ndata = \"127.0.0.1:{data}\"\ncontrol = \"127.0.0.1:{control}\"\n\
         [gateway]\nworkers = 1\nmax_connections = 8\ndrain_timeout_seconds = 3\n\
         [state]\nfolder = \"kept/here\"\n"
    );
    workspace.write("wharf.toml", &settings);
    let token = workspace.caller("shop");
    assert!(workspace.file("kept/here").is_dir() && !workspace.state().exists());

    // The file marks the folder as the workspace at hand.
    let gateway = wharf(&["up", "--format", "json"])
        .within(workspace.path())
        .variable("PET_KEY", "key")
        .ready();
    assert_eq!(
        (gateway.data.port(), gateway.control.port()),
        (data, control)
    );
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(gateway.stop().code, Some(0));

    let elsewhere = workspace.file("elsewhere");
    let gateway = up(&[workspace.argument(), "--state", elsewhere.to_str().unwrap()])
        .variable("PET_KEY", "key")
        .ready();
    assert_ne!(gateway.data.port(), data);
    assert_ne!(gateway.control.port(), control);
    assert_eq!(
        gateway.get("/petshop/pets", &token).status,
        401,
        "another state has other callers"
    );
    assert!(elsewhere.is_dir());
}

const HANDLERS: &str = "[handlers]\nhandlePaid = \"http://127.0.0.1:9/paid\"\n\n\
    [handlers.handleRefund]\nurl = \"http://127.0.0.1:9/refund\"\n\
    secret = \"REFUND_SECRET\"\nrate = \"25/s\"\n";

#[test]
fn the_address_for_webhooks_is_told_as_not_in_force_and_nothing_listens_there() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let address = format!("127.0.0.1:{}", free_port());
    let settings = format!("[listen]\nwebhooks = \"{address}\"\n\n{HANDLERS}");
    workspace.write("wharf.toml", &settings);
    let gateway = workspace.serve();
    let told = serde_json::json!(["the address for webhooks", "handlers"]);
    assert_eq!(gateway.ready["settings_not_in_force"], told);
    let said = gateway.process.until_logged("the address for webhooks");
    assert!(said.contains("not in force yet"), "{said}");
    // Whoever listened there would keep this from succeeding.
    drop(TcpListener::bind(&address).unwrap());
    let stopped = gateway.stop();
    assert_eq!(stopped.code, Some(0));
    assert!(
        !stopped.stderr.contains("other machines may reach"),
        "{stopped:?}"
    );
}

#[test]
fn both_forms_of_handlers_are_checked_and_shown_alike() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let file = workspace.file("petshop.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let webhooks = "\n## Webhooks\n\n### Incoming\n\n| Event | Endpoint | Handler |\n|---|---|---|\n\
        | paid | /in | handlePaid() |\n| refunded | /in | handleRefund() |\n\
        | lost | /in | handleRefnd() |\n";
    workspace.write("petshop.md", &format!("{text}{webhooks}"));
    workspace.write("wharf.toml", HANDLERS);
    let checked = wharf(&["check", workspace.argument(), "--format", "json"]).finish();
    let checked: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let found = checked["diagnostics"].as_array().unwrap().iter();
    let unknown: Vec<_> = found.filter(|found| found["code"] == "WH706").collect();
    assert_eq!(unknown.len(), 1, "{checked}");
    assert!(
        unknown[0]
            .to_string()
            .contains("did you mean `handleRefund`?")
    );

    let show = ["show", "petshop", "--dir", workspace.argument()];
    let shown = wharf(&show).arguments(&["--format", "json"]).finish();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let handlers = serde_json::json!([
        { "name": "handlePaid", "url": "http://127.0.0.1:9/paid", "secret": null, "rate": null },
        {
            "name": "handleRefund",
            "url": "http://127.0.0.1:9/refund",
            "secret": "REFUND_SECRET",
            "rate": "25/s",
        },
    ]);
    assert_eq!(shown["webhooks"]["handlers"], handlers);
    let shown = wharf(&show).finish().stdout;
    for words in [
        "not in force yet",
        "http://127.0.0.1:9/paid",
        "REFUND_SECRET",
        "25/s",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn a_document_with_a_reserved_name_is_told_and_not_served() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    workspace.put(&Document::before("events", vendor.address()));
    let (token, gateway) = workspace.serve_caller();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    for path in ["/events/pets", "/events-api/pets"] {
        assert_eq!(gateway.get(path, &token).status, 404, "{path}");
    }
    let broken = gateway.broken();
    let [(file, message)] = broken.as_slice() else {
        panic!("{broken:?}");
    };
    assert!(file.ends_with("events.md"), "{file}");
    assert!(message.contains("`events` cannot be the id"), "{message}");
    assert_eq!(gateway.stop().code, Some(0));
}

/// Joined here, so that no scanner of this repository takes it for a key of somebody.
fn live_key() -> String {
    ["sk_live_51NqVwYS81VP7", "Hb1DX8pPd5khxE3pyIgKpaUnArl63"].concat()
}

#[test]
fn a_secret_is_refused_with_its_line_and_shown_by_nothing() {
    let key = live_key();
    let petshop = Document::new("petshop", "https://vendor.invalid");
    for (text, line) in [
        ("\n[handlers]\nx = \"http://127.0.0.1:1/?k=KEY\"\n", 3),
        ("\n[handlers]\nx = \"http://127.0.0.1:1/KEY\"\n", 3),
        ("[handlers]\n\"KEY\" = \"http://127.0.0.1:1/\"\n", 2),
        ("[handlers.x]\nurl = \"http://127.0.0.1:1/\"\nKEY = 1\n", 3),
        ("[state]\nfolder = \"state/KEY\"\n", 2),
        ("[secrets]\nfolders = [\"/run\",\n\"/x/KEY\"]\n", 3),
        ("[check]\nexclude = [\"drafts/KEY\"]\n", 2),
        ("[check]\nexclude = [\"KEY[\"]\n", 2),
        ("[check.severity]\nplain-http = \"KEY\"\n", 2),
        ("[check.severity]\nKEY = \"off\"\n", 2),
        ("[listen]\ndata = \"KEY\"\n", 2),
        ("[listen]\ndata = \"x\" # KEY\n", 2),
        ("[gateway]\nworkers = \"KEY\"\n", 2),
        ("[gateway]\nworkers = KEY\n", 2),
        ("[KEY]\nx = 1\n", 1),
    ] {
        let workspace = Workspace::of([&petshop]);
        workspace.write("wharf.toml", &text.replace("KEY", &key));
        for arguments in [
            &["check", "."][..],
            &["check", ".", "--format", "json"],
            &["list", "."],
            &["show", "petshop"],
        ] {
            let output = wharf(arguments).within(workspace.path()).finish();
            let said = format!("{}{}", output.stdout, output.stderr);
            assert!(!said.contains(&key), "{text}: {said}");
            // Rules of checks are read by who checks.
            if !text.starts_with("[check.severity]\nplain") && arguments[0] != "check" {
                continue;
            }
            assert_eq!(output.code, Some(2), "{text}: {output:?}");
            let places = [format!("wharf.toml:{line}:"), format!("line {line}")];
            assert!(
                places.iter().any(|place| output.stderr.contains(place)),
                "{text}: {output:?}"
            );
        }
    }
    // What only looks as if a machine drew it is not shown either, where something is wrong.
    let drawn = "Zq8vT4mZpL8wR7yB6nHs3DfGjKa1";
    for text in [
        "[check.severity]\nplain-http = \"KEY\"\n",
        "[listen]\ndata = \"KEY\"\n",
    ] {
        let workspace = Workspace::of([&petshop]);
        workspace.write("wharf.toml", &text.replace("KEY", drawn));
        let output = wharf(&["check", workspace.argument()]).finish();
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(!output.stderr.contains(drawn), "{output:?}");
    }
}

#[test]
fn what_is_no_file_of_settings_is_told_by_every_command() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let place = workspace.file("wharf.toml");
    let refused = |words: &str| {
        for arguments in [
            &["check", "."][..],
            &["fmt", "--check", "."],
            &["index", "--check", "."],
            &["list", "."],
            &["check"],
            &["list"],
        ] {
            let output = wharf(arguments).within(workspace.path()).finish();
            assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
            assert!(output.stderr.contains(words), "{arguments:?}: {output:?}");
            assert!(output.stderr.contains("wharf.toml"), "{output:?}");
        }
    };
    std::fs::create_dir(&place).unwrap();
    refused("settings stand in a file of that name");
    std::fs::remove_dir(&place).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &place).unwrap();
    refused("it is not a regular file");
    std::fs::remove_file(&place).unwrap();
    std::fs::write(&place, b"# caf\xe9\n").unwrap();
    refused("is not UTF-8 from line 1 on; save it as UTF-8");
    std::fs::write(&place, "[gateway]\nworkers = 0\n").unwrap();
    let output = wharf(&["check", workspace.argument()]).finish();
    assert!(
        output.stderr.contains("workers is a number from 1 to 1024"),
        "{output:?}"
    );
}

/// Public reports: astral-sh/ruff#8267, eslint/eslint#1686.
#[test]
fn a_folder_is_left_out_by_its_name_and_a_pattern_without_a_file_is_told() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    workspace.write(
        "drafts/deep/half.md",
        "---\ntype: tool\nsubtype: integration\n---\n",
    );
    let check = |pattern: &str, path: &str| {
        workspace.write(
            "wharf.toml",
            &format!("[check]\nexclude = [\"{pattern}\"]\n"),
        );
        wharf(&["check", path]).within(workspace.path()).finish()
    };
    for pattern in [
        "drafts",
        "drafts/",
        "./drafts/**",
        "/drafts/**",
        "drafts/**",
    ] {
        let output = check(pattern, ".");
        assert_eq!(output.code, Some(0), "{pattern}: {output:?}");
        assert!(output.stderr.contains("in 1 document"), "{output:?}");
        assert!(!output.stderr.contains("leaves out no"), "{output:?}");
    }
    let output = check("draft/**", ".");
    assert!(output.stderr.contains("in 2 documents"), "{output:?}");
    let told = "note: `draft/**` in `exclude` of wharf.toml leaves out no Markdown file";
    assert!(output.stderr.contains(told), "{output:?}");
    // Who looks at a part of the workspace learns nothing about the rest.
    let output = check("other", "drafts");
    assert!(!output.stderr.contains("leaves out no"), "{output:?}");
}
