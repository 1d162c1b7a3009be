//! `cargo xtask bench lsp`: one keystroke in an editor, from the change to what follows from it.
//!
//! The program runs as an editor runs it, over its streams. Behind each change the editor asks for
//! a hover: the answer comes when the text was read, the documents were compared and changed
//! findings were sent.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::report::table;
use super::{check, machine, results, subject};
use crate::{output, repository};

/// Documents in one folder of the workspace.
const PER_FOLDER: u32 = 100;

/// How keystrokes are measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Documents of the workspace
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=50_000))]
    documents: u32,
    /// Keystrokes of each kind
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    keystrokes: u32,
    /// A wharf to measure instead of building one as it is shipped (`cargo xtask dist`)
    #[arg(long, value_name = "PROGRAM")]
    program: Option<PathBuf>,
    /// Print the table only, leave benches/RESULTS.md as it is
    #[arg(long)]
    dry_run: bool,
}

/// Where somebody types: what is measured, the words in front of the place, what is typed in turn.
struct Typing {
    name: &'static str,
    before: &'static str,
    signs: [&'static str; 2],
}

const TYPING: [Typing; 4] = [
    Typing {
        name: "a letter in prose",
        before: "- **Purpose**: ",
        signs: ["x", "y"],
    },
    Typing {
        name: "a digit of `max_retries`",
        before: "max_retries = ",
        signs: ["1", "2"],
    },
    Typing {
        name: "a letter of an operation that others fall back to",
        before: "| List",
        signs: ["x", "y"],
    },
    Typing {
        name: "a letter of the id of a fallback",
        before: "- Fallback: service-",
        signs: ["x", "y"],
    },
];

/// Measures, prints the report and appends it to `benches/RESULTS.md`.
pub(super) fn run(options: &Options) -> Result<()> {
    let program = subject::named_or_built(options.program.as_ref())?;
    let folder = repository::target()?
        .join("bench")
        .join(std::process::id().to_string());
    let template = check::document(None)?;
    write(&folder, &template, options.documents)?;
    let middle = options.documents / 2;
    let path = file(&folder, middle);
    let text = document(&template, middle, options.documents);
    output::progress("reading the workspace");
    let mut editor = Editor::start(&program, &folder)?;
    let begun = Instant::now();
    editor.notify("initialized", &json!({}))?;
    editor.open(&path, &text)?;
    // Only an answer about other documents waits until all are read.
    editor.request("textDocument/references", &place(&path, "", &text)?)?;
    let reading = begun.elapsed();
    let mut rows = vec![
        [
            "typed",
            "median, ms",
            "99 of 100, ms",
            "longest, ms",
            "findings sent",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for typing in &TYPING {
        output::progress(typing.name);
        rows.push(measure(
            &mut editor,
            &path,
            &text,
            typing,
            options.keystrokes,
        )?);
    }
    let memory = editor.peak_mebibytes()?;
    editor.end()?;
    let report = format!(
        "## Keystroke, {}\n\n- Command: `{}`\n- Machine: {}\n- Version: {}\n\
         - Load: {} documents of about {} bytes, each with the next as its fallback. One is open; a sign is typed and \
         taken back by turns. A time runs from the change to the answer of the hover behind it, the reading of the \
         text, the comparing of all documents and the findings included.\n\
         - Reading the workspace at the start: {:.0} ms. Memory at its peak: {memory:.0} MiB.\n\n{}",
        machine::moment()?,
        results::command(),
        machine::describe()?,
        subject::version(&program)?,
        options.documents,
        text.len(),
        reading.as_secs_f64() * 1_000.0,
        table(&rows),
    );
    output::line(&report);
    if !options.dry_run {
        results::append(&report)?;
    }
    fs::remove_dir_all(&folder).with_context(|| format!("could not remove {}", folder.display()))
}

/// One of the documents: the template with paths of its own and the next document as fallback.
fn document(template: &str, index: u32, count: u32) -> String {
    template
        .replace("/webhooks/", &format!("/webhooks/{index}/"))
        .replace(
            "- Fallback: Alternative service",
            &format!(
                "- Fallback: service-{:05}\n\n| Operation | Fallback operation |\n|---|---|\n| list | list |",
                (index + 1) % count
            ),
        )
}

fn file(folder: &Path, index: u32) -> PathBuf {
    folder
        .join(format!("{:03}", index / PER_FOLDER))
        .join(format!("service-{index:05}.md"))
}

fn write(folder: &Path, template: &str, count: u32) -> Result<()> {
    output::progress(&format!("writing {count} documents"));
    for index in 0..count {
        let path = file(folder, index);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, document(template, index, count))?;
    }
    Ok(())
}

/// Types and takes back, and returns a row of the table.
fn measure(
    editor: &mut Editor,
    path: &Path,
    text: &str,
    typing: &Typing,
    count: u32,
) -> Result<Vec<String>> {
    let at = place(path, typing.before, text)?;
    let (line, column) = (
        &at["position"]["line"],
        at["position"]["character"].as_u64(),
    );
    let column = column.context("a place has a column")?;
    let range = |end: u64| {
        json!({
            "start": { "line": line, "character": column },
            "end": { "line": line, "character": end },
        })
    };
    let sent_before = editor.findings;
    let mut times = Vec::new();
    for index in 0..count {
        for change in [
            json!({ "range": range(column), "text": typing.signs[(index % 2) as usize] }),
            json!({ "range": range(column + 1), "text": "" }),
        ] {
            let begun = Instant::now();
            editor.change(path, &change)?;
            editor.request("textDocument/hover", &at)?;
            times.push(begun.elapsed());
        }
    }
    times.sort_unstable();
    let at_share = |share: usize| times.get((times.len() - 1) * share / 100);
    let shown = |time: Option<&Duration>| {
        time.map_or_else(String::new, |time| {
            format!("{:.2}", time.as_secs_f64() * 1_000.0)
        })
    };
    Ok(vec![
        typing.name.to_owned(),
        shown(at_share(50)),
        shown(at_share(99)),
        shown(times.last()),
        (editor.findings - sent_before).to_string(),
    ])
}

/// The place behind some words of a document.
fn place(path: &Path, before: &str, text: &str) -> Result<Value> {
    let at = text
        .find(before)
        .with_context(|| format!("`{before}` is not in the document"))?
        + before.len();
    let line = text[..at].matches('\n').count();
    let column = at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    Ok(json!({
        "textDocument": { "uri": address(path) },
        "position": { "line": line, "character": column },
        "context": { "includeDeclaration": true },
    }))
}

fn address(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// An editor with one open document.
struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: u64,
    version: u32,
    /// Messages with findings that came.
    findings: usize,
}

impl Editor {
    fn start(program: &Path, folder: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        let input = child.stdin.take().context("no pipe to the program")?;
        let output = child.stdout.take().context("no pipe from the program")?;
        let mut editor = Self {
            child,
            input,
            output: BufReader::new(output),
            requests: 0,
            version: 1,
            findings: 0,
        };
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
        });
        let params = json!({ "rootUri": address(folder), "capabilities": capabilities });
        editor.request("initialize", &params)?;
        Ok(editor)
    }

    fn open(&mut self, path: &Path, text: &str) -> Result<()> {
        let document = json!({
            "uri": address(path), "languageId": "markdown", "version": 1, "text": text,
        });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }))
    }

    fn change(&mut self, path: &Path, change: &Value) -> Result<()> {
        self.version += 1;
        let params = json!({
            "textDocument": { "uri": address(path), "version": self.version },
            "contentChanges": [change],
        });
        self.notify("textDocument/didChange", &params)
    }

    fn notify(&mut self, method: &str, params: &Value) -> Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// Sends a request and waits for its answer.
    fn request(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.read()?;
            if message["method"] == "textDocument/publishDiagnostics" {
                self.findings += 1;
            } else if message["id"] == id {
                ensure!(
                    message.get("error").is_none(),
                    "{method}: {}",
                    message["error"]
                );
                return Ok(message);
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.input.flush()?)
    }

    fn read(&mut self) -> Result<Value> {
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                bail!("the program ended early");
            }
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", number)) => length = Some(number.parse()?),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length.context("a message without a length")?];
        self.output.read_exact(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn peak_mebibytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes: f64 = kibibytes.context("no peak of memory")?.parse()?;
        Ok(kibibytes / 1_024.0)
    }

    fn end(mut self) -> Result<()> {
        self.request("shutdown", &Value::Null)?;
        self.notify("exit", &Value::Null)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the program ended with {status}");
        Ok(())
    }
}
