//! Sessions with an editor that speaks as Neovim on Linux does: it does not watch files, applies
//! renames of files, and does not declare `documentChanges`.

use std::collections::BTreeMap;
use std::io::{BufReader, PipeWriter, Write as _, pipe};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use wharf_document::{Linked, LinkedText};
use wharf_workspace::Beside;
use wharf_workspace::settings::Settings;

use crate::transport::{self, Incoming};
use crate::{Files, Options};

/// How long an answer may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Files that the test changes behind the server's back.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<BTreeMap<PathBuf, String>>>);

impl Disk {
    fn write(&self, path: &str, text: &str) {
        let mut files = self.0.lock().unwrap();
        files.insert(PathBuf::from(path), text.to_owned());
    }

    fn rename(&self, from: &str, to: &str) {
        let mut files = self.0.lock().unwrap();
        let text = files.remove(Path::new(from)).unwrap();
        files.insert(PathBuf::from(to), text);
    }
}

impl Beside for Disk {
    fn linked(&self, _: &Path, _: &Path, _: &str) -> Linked {
        Linked::Missing
    }

    fn linked_examples(&self, _: &Path, _: &Path, _: &str) -> LinkedText {
        LinkedText::Missing
    }

    fn committed(&self, _: &Path) -> Option<&str> {
        None
    }

    fn knows_history(&self) -> bool {
        false
    }
}

impl Files for Disk {
    fn list(&self, folder: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
        let files = self.0.lock().unwrap();
        let below = files.keys().filter(|path| path.starts_with(folder));
        Box::new(below.cloned().collect::<Vec<_>>().into_iter())
    }

    fn belongs(&self, folder: &Path, path: &Path) -> bool {
        path.starts_with(folder)
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.0.lock().unwrap().get(path).cloned()
    }

    fn forget_linked(&self) {}

    fn settings(&self, path: &Path) -> Result<Option<String>, String> {
        match self.read(path) {
            Some(text) if text == UNREADABLE => Err(format!("{} is not UTF-8", path.display())),
            text => Ok(text),
        }
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_owned())
    }
}

/// Stands for bytes that are no text.
const UNREADABLE: &str = "(bytes)";

struct Editor {
    to_server: PipeWriter,
    from_server: Receiver<Value>,
    /// Codes of the findings that are shown of each document.
    shown: BTreeMap<String, Vec<String>>,
    number: u64,
    /// Messages to the person.
    told: usize,
}

impl Editor {
    fn start(disk: &Disk, workspace_edit: &Value) -> Self {
        let (server_input, to_server) = pipe().unwrap();
        let (editor_input, server_output) = pipe().unwrap();
        let files = disk.clone();
        thread::spawn(move || {
            let options = Options {
                version: "0".to_owned(),
                files: Box::new(files),
            };
            options.run(BufReader::new(server_input), server_output)
        });
        let (sender, from_server) = channel();
        thread::spawn(move || {
            let mut input = BufReader::new(editor_input);
            while let Ok(Some(Incoming::Message(message))) = transport::read(&mut input) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut editor = Self {
            to_server,
            from_server,
            shown: BTreeMap::new(),
            number: 0,
            told: 0,
        };
        editor.ask(
            "initialize",
            &json!({
                "capabilities": { "workspace": {
                    "workspaceEdit": workspace_edit,
                    "didChangeWatchedFiles": { "dynamicRegistration": false },
                } },
                "workspaceFolders": [{ "uri": "file:///w", "name": "w" }],
            }),
        );
        editor.tell("initialized", &json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(
            self.to_server,
            "Content-Length: {}\r\n\r\n{text}",
            text.len()
        )
        .unwrap();
        self.to_server.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The answer to a request; what comes before it is taken in.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.number += 1;
        let number = self.number;
        self.send(&json!({ "jsonrpc": "2.0", "id": number, "method": method, "params": params }));
        self.until(|message, _| message["id"] == number && message.get("method").is_none())
    }

    /// Takes messages in until one is as wanted.
    fn until(
        &mut self,
        is_wanted: impl Fn(&Value, &BTreeMap<String, Vec<String>>) -> bool,
    ) -> Value {
        loop {
            let message = self.from_server.recv_timeout(LONGEST);
            let message = message.expect("the server says nothing that is wanted");
            if message["method"] == "textDocument/publishDiagnostics" {
                let found = message["params"]["diagnostics"].as_array().unwrap();
                let codes = found
                    .iter()
                    .map(|found| found["code"].as_str().unwrap().to_owned());
                let uri = message["params"]["uri"].as_str().unwrap().to_owned();
                self.shown.insert(uri, codes.collect());
            }
            self.told += usize::from(message["method"] == "window/showMessage");
            if is_wanted(&message, &self.shown) {
                return message;
            }
        }
    }

    fn until_shown(&mut self, uri: &str, code: &str, is_there: bool) {
        let is_so = |shown: &BTreeMap<String, Vec<String>>| {
            let codes = shown.get(uri);
            codes.is_some_and(|codes| codes.iter().any(|found| found == code) == is_there)
        };
        if !is_so(&self.shown) {
            self.until(|_, shown| is_so(shown));
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let item = json!({ "uri": uri, "languageId": "markdown", "version": 0, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": item }));
    }

    fn save(&mut self, uri: &str) {
        self.tell(
            "textDocument/didSave",
            &json!({ "textDocument": { "uri": uri } }),
        );
    }
}

fn document(references: &str) -> String {
    format!(
        "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\nreferences: [{references}]\n---\n"
    )
}

/// What Neovim 0.12 says of `workspaceEdit`.
fn neovim() -> Value {
    json!({ "resourceOperations": ["rename", "create", "delete"] })
}

const REFERENCE: &str = "file:///w/ref.md";

#[test]
fn a_rename_works_in_an_editor_that_does_not_declare_document_changes() {
    let disk = Disk::default();
    let text = document("stripe");
    disk.write("/w/ref.md", &text);
    disk.write("/w/stripe.md", &document(""));
    disk.write("/w/other.md", &text);
    let mut editor = Editor::start(&disk, &neovim());
    editor.open(REFERENCE, &text);
    let answer = editor.ask(
        "textDocument/rename",
        &json!({
            "textDocument": { "uri": REFERENCE },
            "position": { "line": 4, "character": 14 },
            "newName": "payments",
        }),
    );
    let changes = answer["result"]["documentChanges"].as_array().unwrap();
    let renamed: Vec<_> = changes
        .iter()
        .filter(|change| change["kind"] == "rename")
        .collect();
    assert_eq!(renamed.len(), 1, "{answer}");
    assert_eq!(renamed[0]["newUri"], "file:///w/payments.md");
    assert_eq!(changes.len(), 3, "{answer}");
    // The editor renames the file and says nothing of it, and edits both texts in memory.
    disk.rename("/w/stripe.md", "/w/payments.md");
    editor.open("file:///w/other.md", &document("payments"));
    editor.tell(
        "textDocument/didChange",
        &json!({
            "textDocument": { "uri": REFERENCE, "version": 1 },
            "contentChanges": [{ "text": document("payments") }],
        }),
    );
    editor.until_shown(REFERENCE, "WH701", false);
    editor.until_shown("file:///w/other.md", "WH701", false);
    let place = editor.ask(
        "textDocument/definition",
        &json!({
            "textDocument": { "uri": REFERENCE },
            "position": { "line": 4, "character": 14 },
        }),
    );
    assert!(
        place.to_string().contains("file:///w/payments.md"),
        "{place}"
    );
    editor.until_shown(REFERENCE, "WH701", false);
}

#[test]
fn a_rename_to_a_reserved_name_is_refused_with_the_reason() {
    let disk = Disk::default();
    let text = document("stripe");
    disk.write("/w/ref.md", &text);
    disk.write("/w/stripe.md", &document(""));
    let mut editor = Editor::start(&disk, &neovim());
    editor.open(REFERENCE, &text);
    for name in ["webhooks", "events.md", "features", "mcp"] {
        let refused = editor.ask(
            "textDocument/rename",
            &json!({
                "textDocument": { "uri": REFERENCE },
                "position": { "line": 4, "character": 14 },
                "newName": name,
            }),
        );
        assert_eq!(refused["error"]["code"], -32803, "{refused}");
        let said = refused["error"]["message"].as_str().unwrap();
        let stem = name.trim_end_matches(".md");
        let expected = format!("the path `/{stem}` for itself; `{stem}-api` can be one");
        assert!(said.ends_with(&expected), "{said}");
        // The editor may rename the file by itself: no reference follows to what is no id.
        let new = format!("file:///w/{stem}.md");
        let answer = editor.ask(
            "workspace/willRenameFiles",
            &json!({ "files": [{ "oldUri": "file:///w/stripe.md", "newUri": new }] }),
        );
        assert_eq!(answer["result"], Value::Null, "{answer}");
    }
}

#[test]
fn an_editor_that_takes_no_renames_of_files_is_told_so_and_gets_plain_changes() {
    let disk = Disk::default();
    let text = document("stripe");
    disk.write("/w/ref.md", &text);
    disk.write("/w/stripe.md", &document(""));
    let mut editor = Editor::start(&disk, &json!({}));
    editor.open(REFERENCE, &text);
    let place = json!({
        "textDocument": { "uri": REFERENCE },
        "position": { "line": 4, "character": 14 },
        "newName": "payments",
    });
    let refused = editor.ask("textDocument/rename", &place);
    assert_eq!(refused["error"]["code"], -32803, "{refused}");
    // It may still rename a file by itself, and references follow in the form that it takes.
    let answer = editor.ask(
        "workspace/willRenameFiles",
        &json!({ "files": [{ "oldUri": "file:///w/stripe.md", "newUri": "file:///w/payments.md" }] }),
    );
    let edit = &answer["result"];
    assert!(
        edit.get("documentChanges").is_none_or(Value::is_null),
        "{answer}"
    );
    assert_eq!(
        edit["changes"][REFERENCE][0]["newText"], "payments",
        "{answer}"
    );
}

/// phpactor/phpactor#2722, open-policy-agent/regal#857: findings that stay though their cause went.
#[test]
fn a_save_looks_at_the_folder_again_where_the_editor_does_not_watch() {
    let disk = Disk::default();
    let text = document("new");
    disk.write("/w/ref.md", &text);
    let mut editor = Editor::start(&disk, &neovim());
    editor.open(REFERENCE, &text);
    editor.until_shown(REFERENCE, "WH701", true);
    disk.write("/w/new.md", &document(""));
    editor.save(REFERENCE);
    editor.until_shown(REFERENCE, "WH701", false);
    disk.rename("/w/new.md", "/w/old.md");
    editor.save(REFERENCE);
    editor.until_shown(REFERENCE, "WH701", true);
}

#[test]
fn settings_that_cannot_be_used_are_told_to_the_person_in_the_words_of_up() {
    let disk = Disk::default();
    let bad = "[handlers]\nhandleB = { url = \"x\" }\n";
    disk.write("/w/wharf.toml", bad);
    disk.write("/w/ref.md", &document(""));
    let mut editor = Editor::start(&disk, &neovim());
    let is_message = |message: &Value, _: &_| message["method"] == "window/showMessage";
    let told = editor.until(is_message);
    assert_eq!(told["params"]["type"], 2);
    let by_up = Settings::parse(bad, Path::new("/w/wharf.toml")).unwrap_err();
    let by_up = format!("{by_up}; findings have their own severities");
    assert_eq!(told["params"]["message"], by_up);
    // Once: the same text again says nothing new.
    editor.open(REFERENCE, &document("nobody"));
    editor.save(REFERENCE);
    disk.write("/w/wharf.toml", UNREADABLE);
    editor.save(REFERENCE);
    let told = editor.until(is_message);
    let message = told["params"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("/w/wharf.toml is not UTF-8; "),
        "{message}"
    );
    // A repaired one takes effect.
    disk.write("/w/wharf.toml", "");
    editor.save(REFERENCE);
    let place =
        json!({ "textDocument": { "uri": REFERENCE }, "position": { "line": 0, "character": 0 } });
    editor.until_shown(REFERENCE, "WH701", true);
    editor.ask("textDocument/hover", &place);
    assert_eq!(editor.told, 2);
}

#[test]
fn a_file_that_is_nearly_a_document_is_told_before_it_is_opened() {
    let disk = Disk::default();
    disk.write(
        "/w/slip.md",
        &document("").replace("type: tool", "type: tol"),
    );
    disk.write("/w/returns.md", &document("").replace('\n', "\r"));
    disk.write("/w/notes.md", "# Notes\n");
    let mut editor = Editor::start(&disk, &neovim());
    editor.until_shown("file:///w/slip.md", "WH011", true);
    editor.until_shown("file:///w/returns.md", "WH011", true);
    assert!(!editor.shown.contains_key("file:///w/notes.md"));
}
