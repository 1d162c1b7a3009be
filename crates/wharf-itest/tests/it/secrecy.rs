//! No secret comes out anywhere but in the request to its vendor.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use secrecy::zeroize::Zeroizing;
use tracing::Level;
use wharf_gateway::{CallerBody, CallerDirectory, Engine, Trace};
use wharf_net::{Client, Connector, Limits};
use wharf_plan::Plan;
use wharf_policy::caller::{CallerName, CallerToken, TokenHash};
use wharf_secrets::{FixedVariables, Resolver};
use wharf_store::{CallerRecord, Store};

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup, TOKEN};
use crate::support::key_file::{CREDENTIALS, KeyFile};
use crate::support::tls::{Authority, TlsVendor, respond};
use crate::support::vendor::{Received, Vendor, answer, ok};

/// In every credential of the vendor.
const CANARY: &str = "canary0vendor7Qx";

/// The caller's token, whose random part is what must not come out.
fn caller_canary() -> &'static str {
    TOKEN.strip_prefix("wharf_").unwrap()
}

/// Everything that was said, in order.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Said {
    /// Everything that any crate logs in this process, at every level.
    fn from_log() -> Self {
        let said = Self::default();
        let writer = said.clone();
        tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        said
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Fails when a secret, or a part of it that could be put together again, stands in a text.
#[track_caller]
fn assert_clean(place: &str, text: &str) {
    for secret in [CANARY, caller_canary()] {
        for form in forms(secret) {
            assert!(
                !text.contains(&form),
                "a secret as {form} in {place}:\n{text}"
            );
        }
    }
}

/// A secret as it is, reversed bytes aside: plain, and in base64 at each of the three offsets.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), secret.to_uppercase()];
    for offset in 0..3 {
        let shifted = format!("{}{secret}", "x".repeat(offset));
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted);
            // The outer characters mix with what stands beside the secret.
            forms.push(encoded[4..encoded.len() - 4].to_owned());
        }
    }
    forms
}

/// Where a credential can stand: the name of a document, and its Method list.
const METHODS: [(&str, &str); 4] = [
    ("bearer", "- Type: API Key"),
    (
        "named",
        "- Type: API Key\n- Header: X-Api-Key: Key {api_key}",
    ),
    (
        "basic",
        "- Type: Basic\n- Username: {api_key}\n- Password: {api_key}",
    ),
    ("query", "- Type: API Key\n- Query: key={api_key}"),
];

fn document(id: &str, endpoint: &str, method: &str) -> Document {
    Document::with_endpoint(endpoint)
        .id(id)
        .method(method)
        .timeout("300ms")
        .retries(1, "1ms")
        .error("401", "Rotate key + Alert")
        .error("429 quota", "Fail")
}

/// What a vendor does to a call.
fn behaviour(request: &Received) -> Vec<u8> {
    match request.target().split(['?', '/']).nth(1).unwrap() {
        "unauthorized" => answer(401, &[], "no"),
        "down" => answer(503, &[("Retry-After", "0")], "down"),
        "quota" => answer(429, &[], "{\"code\":\"quota\"}"),
        "garbage" => b"garbage\r\n\r\n".to_vec(),
        "half" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec(),
        "chunks" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        "link" => {
            let host = request.header("host").unwrap();
            let target = request.target();
            let here = format!("http://{host}{target}");
            answer(
                200,
                &[("Location", &here), ("Link", &format!("<{here}>"))],
                "see there",
            )
        }
        _ => ok("fine"),
    }
}

/// A vendor that behaves so, and closes after everything that is not fine.
async fn misbehaving_vendor() -> Vendor {
    Vendor::start(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let bytes = behaviour(&request);
            connection.send(&bytes).await;
            if !bytes.ends_with(b"fine") {
                return;
            }
        }
    })
    .await
}

const PATHS: [&str; 10] = [
    "/fine",
    "/unauthorized",
    "/down",
    "/quota",
    "/garbage",
    "/half",
    "/chunks",
    "/link",
    "/../dots",
    "/fine?page=2",
];

/// The call that a client library would make: the token stands where the key would.
fn calls(id: &str, path: &str) -> Vec<Call> {
    let target = format!("/{id}{path}");
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    match id.split('-').next().unwrap() {
        "named" => vec![
            Call::get(&target)
                .without_token()
                .header("x-api-key", &format!("Key {TOKEN}")),
            Call::post(&target, "body").header("x-api-key", TOKEN),
        ],
        "basic" => vec![
            Call::get(&target).header("authorization", &basic(format!("{TOKEN}:"))),
            Call::post(&target, "body").header("authorization", &basic(format!("user:{TOKEN}"))),
        ],
        "query" => {
            let separator = if path.contains('?') { '&' } else { '?' };
            let target = format!("{target}{separator}key={TOKEN}");
            vec![
                Call::get(&target).without_token(),
                Call::post(&target, "body"),
            ]
        }
        _ => vec![Call::get(&target), Call::post(&target, "body")],
    }
}

/// Checks everything that a caller is told; the vendors here never repeat a secret in a body.
async fn call_everything(gateway: &Gateway, ids: &[String]) {
    for id in ids {
        let is_reached = !id.ends_with("-gone") && !id.ends_with("-wrong");
        for path in PATHS
            .into_iter()
            .take(if is_reached { PATHS.len() } else { 1 })
        {
            for call in calls(id, path) {
                let answer = gateway.call(call).await;
                assert_clean(&format!("the answer to {id}{path}"), &format!("{answer:?}"));
            }
        }
    }
    for call in [
        Call::get("/bearer/fine").header("authorization", &format!("Bearer {TOKEN}x")),
        Call::get("/bearer/fine").header("authorization", &format!("Bearer x{TOKEN}")),
        Call::get("/bearer/fine").header("authorization", &format!("Bearer {CANARY}")),
        Call::get("/nothing/here"),
        Call::get("/bearer@nowhere/here"),
        Call::get("/bearer/fine").header("wharf-timeout", TOKEN),
    ] {
        let answer = gateway.call(call).await;
        let shown = format!("{answer:?}");
        assert!(answer.status.is_client_error(), "{shown}");
        assert_clean("a refusal", &shown);
    }
}

fn setup(vendor: &Vendor, http2: &TlsVendor, folder: &Path) -> (Setup, Vec<String>) {
    let plain = format!("http://{}", vendor.address());
    let mut documents = Vec::new();
    for (id, method) in METHODS {
        documents.push(document(id, &plain, method));
        documents.push(document(&format!("{id}-tls"), &http2.endpoint(), method));
        documents.push(document(
            &format!("{id}-gone"),
            "http://127.0.0.1:1",
            method,
        ));
        documents.push(document(
            &format!("{id}-wrong"),
            &format!("https://{}", vendor.address()),
            method,
        ));
    }
    // Credentials that cannot be used, each with a secret in it.
    let files = [
        ("two-lines", format!("{CANARY}\n{CANARY}\n")),
        ("bad-json", format!("{{\"api_key\": \"{CANARY}\",")),
        ("control", format!("{CANARY}\u{7}")),
        ("odd", format!("{CANARY}ä")),
        (
            "other-members",
            format!("{{\"{CANARY}\": 1, \"b\": [\"{CANARY}\"]}}"),
        ),
        (
            "fine-json",
            format!("{{\"api_key\": \"{CANARY}\", \"other\": \"{CANARY}\"}}"),
        ),
    ];
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
        let credentials = format!("production:\n  location: FILE\n  path: {name}");
        documents.push(
            document(&format!("file-{name}"), &plain, "- Type: API Key").credentials(&credentials),
        );
    }
    let ids = documents
        .iter()
        .map(|document| document.load().id.to_string())
        .collect();
    let mut documents = documents.into_iter();
    let setup = documents.by_ref().take(1).map(Setup::of).next().unwrap();
    let setup = documents
        .fold(setup, Setup::and)
        .variable("VENDOR_API_KEY", CANARY)
        .root(folder.to_owned());
    (setup, ids)
}

#[tokio::test]
async fn no_secret_is_in_logs_answers_or_metrics() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let said = Said::from_log();
    let vendor = misbehaving_vendor().await;
    let http2 = TlsVendor::http2(authority.loopback(&["h2"]), |request, answer| async move {
        let status = if request.uri().path() == "/unauthorized" {
            401
        } else {
            200
        };
        respond(request, answer, status, "fine").await;
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let (setup, ids) = setup(&vendor, &http2, folder.path());
    let gateway = setup.workers(2).start();
    call_everything(&gateway, &ids).await;
    gateway.handle().refresh_credentials().await;

    assert_clean("the metrics", &gateway.metrics());
    let problems = gateway.handle().credential_problems();
    assert_eq!(problems.len(), 5, "{problems:#?}");
    assert_clean("the credentials' problems", &format!("{problems:#?}"));
    gateway.begin_stop().wait().await;

    let log = said.text();
    assert_clean("the log", &log);
    // The net was out: the log speaks of these calls, and the vendors got their secret.
    for expected in ["call failed", "call refused", "alert", "vendor_unreachable"] {
        assert!(log.contains(expected), "{expected} is not in the log");
    }
    let got = |secret: &str, requests: &str| requests.matches(secret).count();
    let heads: String = vendor
        .requests()
        .iter()
        .map(|request| request.head.as_str())
        .collect();
    assert!(got(CANARY, &heads) >= 30 && got(caller_canary(), &heads) == 0);
    assert!(format!("{:?}", http2.requests()).contains(CANARY) || http2.requests().len() > 40);
}

#[tokio::test]
async fn no_secret_is_in_a_trace() {
    let vendor = misbehaving_vendor().await;
    for (id, method) in METHODS {
        let document = document(id, &format!("http://{}", vendor.address()), method);
        let (handle, _registry) = Setup::of(document)
            .variable("VENDOR_API_KEY", CANARY)
            .handle();
        let engine = Engine::new(&handle, Client::new(Connector::new(), Limits::default()));
        for path in PATHS {
            let mut request = Request::new(CallerBody::Bytes(Bytes::new()));
            let query = if id == "query" {
                format!("?key={TOKEN}")
            } else {
                String::new()
            };
            *request.uri_mut() = format!("/{id}{path}{query}").parse().unwrap();
            let bearer = format!("Bearer {TOKEN}").parse().unwrap();
            request.headers_mut().insert("authorization", bearer);
            let mut trace = Trace::on();
            let response = engine.call(request, &mut trace).await;
            assert!(
                trace.entries().len() > 2 || path.contains(".."),
                "{trace:#?}"
            );
            let mut shown = format!("{trace:#?} {:?}", response.headers());
            if let Err(error) = response.into_body().collect().await {
                let _ = write!(shown, "{error} {error:?} {:?}", error.source());
            }
            assert_clean(&format!("the trace of {id}{path}"), &shown);
        }
    }
    let heads: String = vendor
        .requests()
        .iter()
        .map(|request| request.head.clone())
        .collect();
    assert!(heads.contains(CANARY));
}

#[tokio::test]
async fn no_secret_is_in_debug_output() {
    let key = KeyFile::holding(CANARY);
    let mut variables = FixedVariables::new();
    variables.set("VENDOR_API_KEY", CANARY.into());
    let in_variables = document("variables", "https://vendor.test", "- Type: API Key").load();
    let in_file = document("file", "https://vendor.test", "- Type: API Key")
        .credentials(CREDENTIALS)
        .load();
    let plan = Plan::new([Arc::clone(&in_variables), Arc::clone(&in_file)]);
    let resolver = Resolver::new(Arc::new(variables.clone()), key.folder().to_owned());
    let mut shown =
        format!("{variables:#?} {plan:#?} {resolver:#?} {in_variables:#?} {in_file:#?}");
    for integration in plan.integrations() {
        let store = integration.environments[0].credential.as_ref().unwrap();
        let credential = resolver
            .fetch(store, &integration.credential_fields)
            .await
            .unwrap();
        let fingerprint = credential.fingerprint();
        let stamp = resolver.stamp(store);
        let warnings = credential.warnings();
        let _ = write!(
            shown,
            "{credential:#?} {fingerprint:?} {fingerprint} {stamp:?} {warnings:?}"
        );
    }
    let store = Store::in_memory();
    let token = CallerToken::from_random(&Zeroizing::new([0x5a; 32]));
    let record = CallerRecord {
        name: CallerName::new("shop").unwrap(),
        created: "2026-01-05T10:00:00Z".parse().unwrap(),
        token_hash: token.token_hash(),
    };
    store.records().add_caller(&record).await.unwrap();
    let own = token
        .expose_secret()
        .strip_prefix("wharf_")
        .unwrap()
        .to_owned();
    let hash = TokenHash::hash(TOKEN);
    let directory = CallerDirectory::new([
        (hash, "shop".to_owned()),
        (token.token_hash(), "bar".to_owned()),
    ]);
    let records = store.records().callers().await.unwrap();
    let _ = write!(
        shown,
        "{store:?} {token:?} {hash:?} {directory:#?} {records:#?} {:?}",
        store.records()
    );
    assert_clean("Debug output", &shown);
    assert!(!shown.contains(&own), "{shown}");
}

/// A vendor that says the pair of Basic back, however base64 may be written.
#[tokio::test]
async fn an_echo_of_basic_is_taken_out_in_every_alphabet_and_without_padding() {
    // Chosen so that its base64 has padding and a sign that the other alphabet lacks.
    let key = "canary0>>>vendor7Q??";
    let pair = STANDARD.encode(format!("{key}:{key}"));
    assert!(pair.ends_with('=') && pair.contains(['+', '/']), "{pair}");
    let vendor = Vendor::start(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let sent = request.header("authorization").unwrap();
            let pair = sent.strip_prefix("Basic ").unwrap();
            let bare = pair.trim_end_matches('=');
            let other = |text: &str| text.replace('+', "-").replace('/', "_");
            let (padded, short) = (other(pair), other(bare));
            let echoes = [
                ("x-echo", sent.as_str()),
                ("x-pair", pair),
                ("x-bare", bare),
                ("x-other", &padded),
                ("x-short", &short),
                ("x-fine", "stays"),
            ];
            connection.send(answer(200, &echoes, "ok")).await;
        }
    })
    .await;
    let endpoint = format!("http://{}", vendor.address());
    let gateway = Setup::of(document("basic", &endpoint, METHODS[2].1))
        .variable("VENDOR_API_KEY", key)
        .start();
    let answer = gateway.call(Call::get("/basic/items")).await;
    assert_eq!(answer.header("x-fine"), Some("stays"));
    for name in ["x-echo", "x-pair", "x-bare", "x-other", "x-short"] {
        assert_eq!(answer.header(name), None, "{name}");
    }
    gateway.finish(&vendor, 1).await;
}

/// Some libraries show no words of an answer above 499, and users are sent to the log for them.
#[tokio::test]
async fn what_is_answered_above_499_before_it_is_matched_has_its_words_in_the_log() {
    let said = Said::from_log();
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address()).and_environment("Staging", "[endpoint]");
    let database = Document::at(vendor.address())
        .id("database")
        .and_environment("Other", "postgres://app@db.internal:5432/shop");
    let gateway = Setup::of(document).and(database).start();
    let socket = |target: &str| {
        Call::get(target)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
    };
    for (call, status) in [
        (Call::get("/vendor@staging/items"), 503),
        (Call::get("/database@other/items"), 501),
        (socket("/vendor/items"), 501),
        (socket("/nothing/items"), 501),
        // Below 500, the words reach their caller.
        (Call::get("/vendor@none/items"), 404),
    ] {
        let answer = gateway.call(call).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_clean("the answer", &format!("{answer:?}"));
    }
    gateway.finish(&vendor, 0).await;
    let log = said.text();
    assert_clean("the log", &log);
    let failed: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("WARN") && line.contains("call failed"))
        .collect();
    let expected = [
        ["vendor", "environment_not_configured", "fill it in"],
        ["database", "environment_not_http", "does not speak HTTP"],
        ["vendor", "upgrade_not_supported", "WebSocket"],
        ["unknown", "upgrade_not_supported", "WebSocket"],
    ];
    assert_eq!(failed.len(), expected.len(), "{failed:#?}");
    for (line, words) in failed.iter().zip(expected) {
        for word in words {
            assert!(line.contains(word), "{word} in {line}");
        }
    }
}
