//! Secrets stay where they belong: every credential and token of a run carries a canary, and
//! nothing that the program shows holds one.

mod secure_vendor;

use std::net::{Ipv4Addr, TcpListener};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::document::{Document, file, variables};
use crate::support::http::{Request, Response};
use crate::support::program::{Gateway, Output, up, wharf};
use crate::support::vendor::{Received, Vendor, json};
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon};
use secure_vendor::{ClearText, SecureVendor};

/// What every secret of the run holds.
const CANARY: &str = "canary9d1f27c4";

const ENVIRONMENT: &str = "canary9d1f27c4-environment";
const FILED: &str = "canary9d1f27c4-filed";
const USERNAME: &str = "canary9d1f27c4-username";
const PASSWORD: &str = "canary9d1f27c4-password";
const QUERY: &str = "canary9d1f27c4-query";
const SECURE: &str = "canary9d1f27c4-secure";
/// Cannot be sent: it holds a control character.
const UNUSABLE: &str = "canary9d1f27c4-\u{7}unusable";

/// Everything that was seen from outside, each with where it came from.
#[derive(Default)]
struct Seen {
    pieces: Vec<(String, String)>,
    problems: Vec<String>,
}

impl Seen {
    fn add(&mut self, source: &str, text: impl Into<String>) {
        self.pieces.push((source.to_owned(), text.into()));
    }

    fn output(&mut self, source: &str, output: &Output) {
        self.add(
            &format!("standard output of {source}"),
            output.stdout.clone(),
        );
        self.add(
            &format!("standard error of {source}"),
            output.stderr.clone(),
        );
    }

    /// Headers of every answer; bodies of those that the program made itself.
    fn answer(&mut self, source: &str, answer: &Response) {
        let is_ours = answer.header("wharf-source") == Some("wharf");
        assert!(
            is_ours || answer.header("wharf-source") == Some("vendor") || answer.body.is_empty()
        );
        let mut shown = answer.clone();
        if is_ours {
            self.problems
                .push(answer.json()["code"].as_str().unwrap().to_owned());
        } else {
            shown.body.clear();
        }
        self.add(source, shown.everything());
    }

    /// Asserts that nothing holds a canary, in any of the forms a secret takes on its way.
    fn assert_clean(&self, tokens: &[String]) {
        let basic = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
        let mut needles = vec![CANARY.to_owned(), STANDARD.encode(CANARY), basic];
        for token in tokens {
            needles.push(token.trim_start_matches("wharf_").to_owned());
            needles.push(STANDARD.encode(format!("{token}:")));
        }
        for (source, text) in &self.pieces {
            let lower = text.to_lowercase();
            for needle in &needles {
                let found = text
                    .find(needle.as_str())
                    .or_else(|| lower.find(&needle.to_lowercase()));
                if let Some(at) = found {
                    let from = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                    let to = text[at..]
                        .find('\n')
                        .map_or(text.len(), |newline| at + newline);
                    panic!("{source} holds a secret: {}", &text[from..to]);
                }
            }
        }
    }
}

/// A vendor that says back what it was sent wherever a vendor might.
fn indiscreet() -> Vendor {
    Vendor::answering(|request: &Received| {
        let credential = request.header("authorization").unwrap_or("none").to_owned();
        match request.target.split('?').next().unwrap() {
            "/denied" => json(
                401,
                &format!(
                    "{{\"error\":{{\"code\":\"invalid\",\"message\":\"bad key {credential}\"}}}}"
                ),
            ),
            "/busy" => json(503, &format!("{{\"error\":\"{credential}\"}}")),
            "/garbage" => format!("HTTP/1.1 200 OK\r\n{credential} \u{1}\r\n\r\n").into_bytes(),
            "/status" => format!("HTTP/9.9 {credential}\r\n\r\n").into_bytes(),
            "/half" => {
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 900\r\n\r\n{credential}").into_bytes()
            }
            "/chunk" => {
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{credential}\r\n")
                    .into_bytes()
            }
            "/closed" => Vec::new(),
            _ => json(200, "{\"ok\":true}"),
        }
    })
}

struct Run {
    workspace: Workspace,
    vendor: Vendor,
    secure: SecureVendor,
    _clear_text: ClearText,
    tokens: Vec<String>,
    seen: Seen,
}

impl Run {
    fn new() -> Self {
        let vendor = indiscreet();
        let secure = SecureVendor::start();
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap();
        let plain = vendor.address();
        let clear_text = ClearText::start();
        let documents = [
            Document::before("enviro", plain).credential(&variables(&["CANARY_KEY"])),
            Document::before("filed", plain)
                .method("- Type: API Key\n- Header: X-Api-Key: {api_key}")
                .credential(&file("keys/good.json")),
            Document::before("basic", plain)
                .method("- Type: Basic\n- Username: {username}\n- Password: {password}")
                .credential(&variables(&["CANARY_USERNAME", "CANARY_PASSWORD"])),
            Document::before("query", plain)
                .method("- Type: API Key\n- Query: key={api_key}")
                .credential(&variables(&["CANARY_QUERY"])),
            Document::before("down", closed).credential(&variables(&["CANARY_KEY"])),
            Document::new("badtls", &format!("https://{}", clear_text.address()))
                .credential(&variables(&["CANARY_KEY"])),
            Document::new(
                "distrusted",
                &format!("https://127.0.0.1:{}", secure.address().port()),
            )
            .credential(&variables(&["CANARY_KEY"])),
            Document::new(
                "secure",
                &format!("https://localhost:{}", secure.address().port()),
            )
            .credential(&variables(&["CANARY_SECURE"])),
            Document::before("unusable", plain).credential(&variables(&["CANARY_UNUSABLE"])),
            Document::before("unreadable", plain).credential(&file("keys/bad.json")),
            Document::before("lines", plain).credential(&file("keys/lines")),
        ];
        let workspace = Workspace::of(&documents);
        workspace.write("keys/good.json", &format!("{{ \"api_key\": \"{FILED}\" }}"));
        workspace.write(
            "keys/bad.json",
            &format!("{{ \"api_key\": \"{FILED}\", \"{FILED}\" }}"),
        );
        workspace.write("keys/lines", &format!("{FILED}\n{FILED}\n"));
        workspace.write("ca.pem", secure.certificate());
        let tokens = vec![workspace.caller("shop"), workspace.caller("billing")];
        Self {
            workspace,
            vendor,
            secure,
            _clear_text: clear_text,
            tokens,
            seen: Seen::default(),
        }
    }

    fn with_secrets(
        &self,
        command: crate::support::program::CommandLine,
    ) -> crate::support::program::CommandLine {
        command
            .variable("WHARF_LOG", "trace")
            .variable("SSL_CERT_FILE", self.workspace.file("ca.pem"))
            .variable("CANARY_KEY", ENVIRONMENT)
            .variable("CANARY_USERNAME", USERNAME)
            .variable("CANARY_PASSWORD", PASSWORD)
            .variable("CANARY_QUERY", QUERY)
            .variable("CANARY_SECURE", SECURE)
            .variable("CANARY_UNUSABLE", UNUSABLE)
    }

    fn call(&mut self, gateway: &Gateway, request: &Request, status: u16) {
        let answer = gateway.call(request);
        assert_eq!(
            answer.status,
            status,
            "{answer:?}\n{}",
            gateway.process.stderr()
        );
        self.seen.answer("an answer", &answer);
    }

    /// Calls that succeed, each with the credential in another place.
    fn successes(&mut self, gateway: &Gateway) {
        let token = self.tokens[0].clone();
        for id in ["enviro", "filed", "basic", "query", "secure"] {
            self.call(
                gateway,
                &Request::get(&format!("/{id}/pets")).bearer(&token),
                200,
            );
            let write = Request::post(&format!("/{id}/pets"), format!("{{\"key\":\"{token}\"}}"));
            self.call(
                gateway,
                &write
                    .header("Content-Type", "application/json")
                    .bearer(&token),
                200,
            );
        }
        // The token where the vendor's key would stand.
        self.call(
            gateway,
            &Request::get("/filed/pets").header("X-Api-Key", &token),
            200,
        );
        self.call(
            gateway,
            &Request::get(&format!("/query/pets?key={token}&page=2")),
            200,
        );
        let basic = STANDARD.encode(format!("{token}:"));
        self.call(
            gateway,
            &Request::get("/basic/pets").header("Authorization", &format!("Basic {basic}")),
            200,
        );
    }

    /// Calls that are refused or fail, in every way at hand.
    fn failures(&mut self, gateway: &Gateway) {
        let token = self.tokens[1].clone();
        let get = |target: &str| Request::get(target).bearer(&token);
        for (target, status) in [
            ("/enviro/denied", 401),
            ("/basic/denied", 401),
            ("/enviro/busy", 503),
            ("/enviro/garbage", 502),
            ("/enviro/status", 502),
            ("/enviro/half", 502),
            ("/query/closed", 502),
            ("/down/pets", 502),
            ("/badtls/pets", 502),
            ("/distrusted/pets", 502),
            ("/unusable/pets", 503),
            ("/unreadable/pets", 503),
            ("/lines/pets", 503),
            ("/unknown/pets", 404),
            ("/enviro@unknown/pets", 404),
            ("/enviro/../pets", 400),
        ] {
            self.call(gateway, &get(target), status);
        }
        // A body that is no body ends the answer, or comes to light before it has begun.
        if let Ok(answer) = get("/enviro/chunk").send(gateway.data) {
            assert_eq!(answer.status, 502, "{answer:?}");
            self.seen.answer("an answer", &answer);
        }
        // A caller whose request is no HTTP.
        let broken = get("/enviro/pets").header("X-Broken", &format!("{token}\u{1}"));
        self.call(gateway, &broken, 400);
        // Callers that use the vendor's real key, or a token that is none.
        self.call(
            gateway,
            &Request::get("/enviro/pets").bearer(ENVIRONMENT),
            401,
        );
        self.call(
            gateway,
            &Request::get("/enviro/pets").bearer(&format!("wharf_{CANARY}")),
            401,
        );
        self.call(
            gateway,
            &Request::get(&format!("/query/pets?key={QUERY}")),
            401,
        );
        self.call(gateway, &Request::get(&format!("/{CANARY}/pets")), 401);
        let basic = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
        self.call(
            gateway,
            &Request::get("/basic/pets").header("Authorization", &format!("Basic {basic}")),
            401,
        );
        let late = get("/enviro/pets").header("Wharf-Timeout", CANARY);
        self.call(gateway, &late, 400);
    }

    /// Documents that hold the secret itself where a reference belongs.
    fn broken_documents(&self) -> Vec<String> {
        let good = Document::before("enviro", self.vendor.address())
            .credential(&variables(&["CANARY_KEY"]))
            .text();
        let name = "CANARY_KEY";
        let location = "ENV_VARIABLES";
        let key = format!("sk_live_{CANARY}{CANARY}");
        vec![
            good.replace(name, &key),
            good.replace(location, &key),
            good.replace("  location:", &format!("  api_key: {key}\n  location:")),
            good.replace("  variables:", &format!("  path: \"{key}\n  variables:")),
            good.replace("Bearer {api_key}", &format!("Bearer {key} {{")),
            good.replace("\nproduction:\n", &format!("\nproduction: {key}\nother:\n")),
        ]
    }

    fn reloads(&mut self, gateway: &Gateway) {
        let good = std::fs::read_to_string(self.workspace.file("enviro.md")).unwrap();
        for text in self.broken_documents() {
            assert!(text != good && text.contains(CANARY));
            self.workspace.write("enviro.md", &text);
            soon("a broken document", || gateway.broken().len() == 1);
            self.scrape(gateway);
            self.workspace.write("enviro.md", &good);
            soon("a repaired document", || gateway.broken().is_empty());
        }
    }

    fn scrape(&mut self, gateway: &Gateway) {
        for path in ["/metrics", "/readyz", "/healthz", "/", "/unknown"] {
            let answer = gateway.control(path);
            self.seen.add(path, answer.everything());
        }
    }

    /// The other commands, with the same secrets.
    fn commands(&mut self) {
        let folder = self.workspace.argument().to_owned();
        for (id, operation) in [
            ("enviro", "list-pets"),
            ("secure", "list-pets"),
            ("basic", "create-pet"),
            ("query", "list-pets"),
            ("down", "list-pets"),
            ("unusable", "list-pets"),
            ("badtls", "list-pets"),
        ] {
            for format in ["text", "json"] {
                let command = wharf(&["call", "--dir", &folder, "--format", format, id, operation]);
                let output = self.with_secrets(command).finish();
                assert!(matches!(output.code, Some(0 | 1)), "{output:?}");
                self.seen.output("wharf call", &output);
            }
        }
        let list = self
            .with_secrets(wharf(&["callers", "--dir", &folder, "list"]))
            .finish();
        self.seen.output("wharf callers list", &list);
        for text in self.broken_documents() {
            let broken = Workspace::empty();
            broken.write("enviro.md", &text);
            let folder = broken.argument();
            for arguments in [
                &["up", folder][..],
                &["check", folder],
                &["check", "--format", "json", folder],
                &["call", "--simulate", "--dir", folder, "enviro", "list-pets"],
            ] {
                let output = self.with_secrets(wharf(arguments)).finish();
                assert!(
                    matches!(output.code, Some(1 | 2)),
                    "{arguments:?} {output:?}"
                );
                self.seen.output(arguments[0], &output);
            }
        }
    }
}

/// The search is worth something: the secrets were in use, the log was loud, and every kind of
/// failure happened.
fn assert_much_happened(run: &Run, output: &Output) {
    let sent = format!("{:?}{:?}", run.vendor.requests(), run.secure.headers());
    let basic = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
    let in_query = QUERY.replace('-', "%2D");
    for secret in [ENVIRONMENT, FILED, &in_query, SECURE, &basic] {
        assert!(sent.contains(secret), "{secret} never reached a vendor");
    }
    assert!(
        output.stderr.contains("DEBUG"),
        "the log was not loud: {output:?}"
    );
    let problems = &run.seen.problems;
    for code in [
        "unknown_caller",
        "credential_unavailable",
        "vendor_unreachable",
        "vendor_invalid",
        "vendor_truncated",
        "vendor_closed",
        "bad_timeout",
    ] {
        assert!(
            problems.iter().any(|seen| seen == code),
            "{code}: {problems:?}"
        );
    }
}

fn assert_run_is_clean(log_format: &str) {
    let mut run = Run::new();
    let folder = run.workspace.argument().to_owned();
    let command = up(&[&folder, "--log-format", log_format]);
    let gateway = run.with_secrets(command).ready();
    run.successes(&gateway);
    run.failures(&gateway);
    run.reloads(&gateway);
    run.scrape(&gateway);
    let output = gateway.stop();
    assert_eq!(output.code, Some(0), "{output:?}");
    run.seen.output("wharf up", &output);
    run.commands();
    assert_much_happened(&run, &output);
    run.seen.assert_clean(&run.tokens);
}

#[test]
fn a_run_with_json_logs_shows_no_secret() {
    assert_run_is_clean("json");
}

#[test]
fn a_run_with_text_logs_shows_no_secret() {
    assert_run_is_clean("text");
}

#[test]
fn the_search_finds_a_secret_in_every_form() {
    let token = "wharf_0123456789abcdef0123456789abcdef".to_owned();
    let leaks = [
        format!("authorization: Bearer {ENVIRONMENT}"),
        ENVIRONMENT.to_uppercase(),
        STANDARD.encode(format!("{USERNAME}:{PASSWORD}")),
        format!("key={}", QUERY.replace('-', "%2D")),
        format!("0x{}", &token[6..]),
        STANDARD.encode(format!("{token}:")),
    ];
    for leak in leaks {
        let mut seen = Seen::default();
        seen.add("a log", format!("first\n{leak}\nlast"));
        let tokens = [token.clone()];
        let found = std::panic::catch_unwind(|| seen.assert_clean(&tokens));
        assert!(found.is_err(), "{leak} was not found");
    }
    let mut clean = Seen::default();
    clean.add("a log", "nothing here");
    clean.assert_clean(&[token]);
}

#[test]
fn a_simulation_shows_its_token_once() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let gateway = up(&["--simulate", workspace.argument()])
        .variable("WHARF_LOG", "trace")
        .ready();
    let token = gateway.token();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(
        gateway.get("/petshop/pets", &format!("{token}x")).status,
        401
    );
    let metrics = eventually("the call to be counted", || {
        let metrics = gateway.metrics();
        (metrics.value("wharf_caller_calls_total", &[]) > 0.5).then_some(metrics)
    });
    let readiness = gateway.control("/readyz").everything();
    let output = gateway.stop();
    assert_eq!(output.stdout.matches(&token).count(), 1, "{output:?}");
    let rest = [output.stderr.as_str(), metrics.text(), &readiness].concat();
    assert!(
        !rest.contains(&token) && !rest.contains("simulated-"),
        "{rest}"
    );
}
