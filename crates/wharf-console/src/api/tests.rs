//! The API over real connections: who gets in, what is answered, what is left behind.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::zeroize::Zeroizing;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_store::{Actor, AddError, AuditRecord, CallerRecord, Records, Store, Unavailable};

use super::token::ControlToken;
use super::wire::digits;
use super::{Api, Later};
use crate::{Audit, Callers, Console, Metrics, Options, Readiness, Ready, Reason, Refusals};

/// Long enough for a loaded machine; reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// State in memory, which counts how often it was asked.
struct State {
    store: Store,
    records: Records,
    asked: AtomicUsize,
    refused: Mutex<Vec<Reason>>,
}

impl State {
    fn ask(&self) -> &Records {
        self.asked.fetch_add(1, Ordering::Relaxed);
        &self.records
    }
}

impl Callers for State {
    fn all(&self) -> Later<'_, Result<Vec<CallerRecord>, Unavailable>> {
        Box::pin(self.ask().callers())
    }

    fn add(
        &self,
        by: Actor,
        caller: CallerRecord,
        replace: bool,
    ) -> Later<'_, Result<Option<CallerRecord>, AddError>> {
        let records = self.ask().by(by);
        Box::pin(async move {
            if replace {
                return records.replace_caller(&caller).await;
            }
            records.add_caller(&caller).await.map(|()| None)
        })
    }

    fn restore(
        &self,
        by: Actor,
        added: CallerRecord,
        before: Option<CallerRecord>,
    ) -> Later<'_, Result<bool, Unavailable>> {
        let records = self.ask().by(by);
        Box::pin(async move { records.restore_caller(&added, before.as_ref()).await })
    }

    fn remove(&self, by: Actor, name: CallerName) -> Later<'_, Result<bool, Unavailable>> {
        let records = self.ask().by(by);
        Box::pin(async move { records.remove_caller(&name).await })
    }
}

impl super::State for State {
    fn status(&self) -> Later<'_, Result<Option<wharf_store::StoreStatus>, Unavailable>> {
        let store = self.store.clone();
        self.ask();
        Box::pin(async move { store.status().await })
    }
}

impl Audit for State {
    fn page(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Later<'_, Result<Vec<AuditRecord>, Unavailable>> {
        Box::pin(self.ask().audit(before, limit))
    }
}

impl Refusals for State {
    fn count(&self, reason: Reason) {
        self.refused.lock().unwrap().push(reason);
    }
}

impl Metrics for State {
    fn text(&self) -> String {
        "# EOF\n".to_owned()
    }
}

impl Ready for State {
    fn readiness(&self) -> Readiness {
        Readiness::default()
    }
}

struct Running {
    address: SocketAddr,
    token: ControlToken,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Value,
}

impl Running {
    fn start() -> Self {
        Self::with(Store::in_memory())
    }

    fn with(store: Store) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let token = ControlToken::from_random(&Zeroizing::new([7; 32]));
        let state = Arc::new(State {
            records: store.records(),
            store,
            asked: AtomicUsize::default(),
            refused: Mutex::default(),
        });
        let console = Console::new(Options {
            listener,
            metrics: state.clone(),
            ready: state.clone(),
            refusals: state.clone(),
            api: Some(Api {
                token: token.clone(),
                callers: state.clone(),
                audit: state.clone(),
                state: state.clone(),
            }),
        });
        let task = tokio::spawn(async move {
            console.run(std::future::pending::<()>()).await.unwrap();
        });
        Self {
            address,
            token,
            state,
            task,
        }
    }

    fn bearer(&self) -> String {
        format!("Authorization: Bearer {}", self.token.expose_secret())
    }

    /// Sends a request with exactly these headers.
    async fn send(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        for header in headers {
            text.push_str(&format!("{header}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        stream
            .write_all(format!("{text}\r\n{body}").as_bytes())
            .await
            .unwrap();
        let mut text = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut text))
            .await
            .expect("an answer in time")
            .unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        Answer {
            status: head[9..12].parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }

    /// Sends a request as a command does.
    async fn ask(&self, line: &str, body: &Value) -> Answer {
        let headers = [
            "Host: localhost",
            &self.bearer(),
            "Wharf-User: ada (uid 1000)",
            "Content-Type: application/json",
        ];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(line, &headers, &body).await
    }

    /// Asserts that a request is refused before the state is asked for anything.
    async fn assert_refused(&self, headers: &[&str], status: u16, code: &str, reason: Reason) {
        let body = json!({ "name": "shop", "token_sha256": hash("1") }).to_string();
        for (line, body) in [
            ("POST /api/v1/callers", body.as_str()),
            ("GET /api/v1/callers", ""),
            ("DELETE /api/v1/callers/shop", ""),
            ("GET /api/v1/audit", ""),
            ("OPTIONS /api/v1/callers", ""),
            ("GET /api/v1/nothing", ""),
        ] {
            self.state.refused.lock().unwrap().clear();
            let answer = self.send(line, headers, body).await;
            let told = (answer.status, answer.body["code"].as_str());
            assert_eq!(told, (status, Some(code)), "{line} {headers:?}");
            assert!(
                answer
                    .head
                    .contains("content-type: application/problem+json"),
                "{}",
                answer.head
            );
            // Nothing tells a browser that a page may read it.
            assert!(!answer.head.contains("access-control-"), "{}", answer.head);
            assert_eq!(*self.state.refused.lock().unwrap(), [reason], "{line}");
        }
        assert_eq!(self.state.asked.load(Ordering::Relaxed), 0, "{headers:?}");
    }
}

fn hash(token: &str) -> String {
    digits(TokenHash::hash(token))
}

#[tokio::test]
async fn nothing_is_given_or_done_without_the_token() {
    let running = Running::start();
    let right = running.bearer();
    let cut = &right[..right.len() - 1];
    let other = ControlToken::from_random(&Zeroizing::new([8; 32]));
    let other = format!("Authorization: Bearer {}", other.expose_secret());
    let basic = right.replace("Bearer", "Basic");
    let longer = format!("{right}A");
    let json = "Content-Type: application/json";
    let host = "Host: localhost";
    for headers in [
        &[host, json][..],
        &[host, json, cut],
        &[host, json, &longer],
        &[host, json, &other],
        &[host, json, &basic],
        &[host, json, "Authorization: Bearer"],
        &[host, json, "Authorization:"],
        &[host, json, &right, &right],
        &[host, json, &other, &right],
    ] {
        running
            .assert_refused(headers, 401, "token_refused", Reason::Token)
            .await;
    }
    let refused = running.send("GET /api/v1/callers", &[host], "").await;
    assert!(refused.head.contains("www-authenticate: bearer"));
    // What was public stays so.
    for page in ["/", "/healthz", "/metrics"] {
        let answer = running.send(&format!("GET {page}"), &[host], "").await;
        assert_eq!(answer.status, 200, "{page}");
    }
}

/// Even one that had the token: a page that was given it by mistake, or that guesses.
#[tokio::test]
async fn a_page_of_another_site_in_a_browser_is_refused() {
    let running = Running::start();
    let (host, token) = ("Host: localhost:7071", running.bearer());
    for headers in [
        &["Origin: http://attacker.example"][..],
        &["Origin: null"],
        &["Origin: http://localhost:3000"],
        &[
            "Origin: http://localhost:7071",
            "Sec-Fetch-Site: cross-site",
        ],
        &["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"],
        &["Sec-Fetch-Site: same-site"],
    ] {
        let all: Vec<&str> = [host, &token]
            .into_iter()
            .chain(headers.iter().copied())
            .collect();
        running
            .assert_refused(&all, 403, "origin_not_allowed", Reason::Origin)
            .await;
    }
    // A name of the attacker's that leads here (DNS rebinding): for the browser it is one site.
    for host in [
        "Host: attacker.example:7071",
        "Host: localhost.attacker.example",
    ] {
        let own = host.replace("Host: ", "Origin: http://");
        running
            .assert_refused(
                &[host, &own, &token, "Sec-Fetch-Site: same-origin"],
                421,
                "host_not_allowed",
                Reason::Host,
            )
            .await;
    }
    let own = [
        "Host: localhost:7071",
        "Origin: http://localhost:7071",
        &token,
    ];
    let answer = running.send("GET /api/v1/callers", &own, "").await;
    assert_eq!(answer.status, 200, "{}", answer.head);
}

#[tokio::test]
async fn callers_are_added_replaced_taken_back_and_removed() {
    let running = Running::start();
    let new = |token: &str, replace: bool| json!({ "name": "shop", "token_sha256": hash(token), "replace": replace });
    let add = "POST /api/v1/callers";
    let first = running.ask(add, &new("1", false)).await;
    assert_eq!((first.status, &first.body["before"]), (201, &Value::Null));
    assert!(first.head.contains("wharf-api: 1"), "{}", first.head);

    let again = running.ask(add, &new("2", false)).await;
    assert_eq!(
        (again.status, again.body["code"].as_str()),
        (409, Some("caller_exists"))
    );
    let since = format!(
        "caller shop exists since {}",
        first.body["created"].as_str().unwrap()
    );
    assert_eq!(again.body["detail"], since);
    let other = json!({ "name": "other", "token_sha256": hash("1") });
    let other = running.ask(add, &other).await;
    assert_eq!(
        (other.status, other.body["code"].as_str()),
        (409, Some("token_in_use"))
    );

    let second = running.ask(add, &new("2", true)).await;
    let before = json!({ "created": first.body["created"], "token_sha256": hash("1") });
    assert_eq!((second.status, &second.body["before"]), (201, &before));
    let restore = json!({ "token_sha256": hash("2"), "before": before });
    let restored = running
        .ask("POST /api/v1/callers/shop/restore", &restore)
        .await;
    assert_eq!(restored.body, json!({ "name": "shop", "restored": true }));
    let restored = running
        .ask("POST /api/v1/callers/shop/restore", &restore)
        .await;
    assert_eq!(restored.body, json!({ "name": "shop", "restored": false }));
    let list = running.ask("GET /api/v1/callers", &Value::Null).await;
    let listed = json!({ "callers": [{ "name": "shop", "created": first.body["created"] }] });
    assert_eq!(list.body, listed);

    let removed = running
        .ask("DELETE /api/v1/callers/shop", &Value::Null)
        .await;
    assert_eq!(removed.body, json!({ "name": "shop", "removed": true }));
    let removed = running
        .ask("DELETE /api/v1/callers/shop", &Value::Null)
        .await;
    assert_eq!(
        (removed.status, removed.body["code"].as_str()),
        (404, Some("caller_unknown"))
    );

    let audit = running.ask("GET /api/v1/audit?limit=2", &Value::Null).await;
    let row = &audit.body["records"][1];
    assert_eq!(
        [
            &row["who"],
            &row["from"],
            &row["action"],
            &row["subject"],
            &row["outcome"]
        ],
        [
            "ada (uid 1000)",
            "control API, 127.0.0.1",
            "callers.remove",
            "shop",
            "done"
        ]
    );
    assert_eq!(audit.body["records"][0]["reason"], "caller_unknown");
    let next = audit.body["next_before"].as_u64().unwrap();
    let rest = running
        .ask(&format!("GET /api/v1/audit?before={next}"), &Value::Null)
        .await;
    let actions: Vec<_> = rest.body["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row["action"], row["outcome"]).replace('"', ""))
        .collect();
    assert_eq!(
        actions,
        [
            "callers.restore refused",
            "callers.restore done",
            "callers.replace done",
            "callers.add refused",
            "callers.add refused",
            "callers.add done",
        ]
    );
    assert_eq!(rest.body["next_before"], Value::Null);
}

#[tokio::test]
async fn what_is_not_understood_is_told_and_changes_nothing() {
    let running = Running::start();
    let good = json!({ "name": "shop", "token_sha256": hash("1") });
    let add = "POST /api/v1/callers";
    for body in [
        json!({}),
        json!([]),
        json!({ "name": "shop" }),
        json!({ "name": "shop", "token_sha256": "abc" }),
        json!({ "name": "../shop", "token_sha256": hash("1") }),
        json!({ "name": "shop", "token_sha256": hash("1"), "admin": true }),
        json!({ "name": "shop", "token_sha256": hash("1"), "replace": "yes" }),
    ] {
        let answer = running.ask(add, &body).await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (400, Some("body_invalid")),
            "{body}"
        );
        assert_ne!(answer.body["detail"], "", "{body}");
    }
    let large = json!({ "name": "x".repeat(20_000), "token_sha256": hash("1") });
    let answer = running.ask(add, &large).await;
    assert_eq!(
        (answer.status, answer.body["code"].as_str()),
        (413, Some("body_too_large"))
    );
    let (host, token) = ("Host: localhost", running.bearer());
    let form = [
        host,
        &token,
        "Content-Type: application/x-www-form-urlencoded",
    ];
    let answer = running.send(add, &form, &good.to_string()).await;
    assert_eq!(answer.status, 415, "{}", answer.body);
    for (line, status, code) in [
        ("GET /api/v1/audit?limit=0", 400, "parameter_invalid"),
        ("GET /api/v1/audit?limit=1001", 400, "parameter_invalid"),
        ("GET /api/v1/audit?before=-1", 400, "parameter_invalid"),
        ("GET /api/v1/audit?after=1", 400, "parameter_invalid"),
        ("DELETE /api/v1/callers/SHOP", 400, "parameter_invalid"),
        ("DELETE /api/v1/callers/%ff", 400, "parameter_invalid"),
        ("GET /api/v1/nothing", 404, "not_found"),
        ("PUT /api/v1/callers", 405, "method_not_allowed"),
        ("GET /api/v2/callers", 404, "not_found"),
    ] {
        let answer = running.ask(line, &Value::Null).await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (status, Some(code)),
            "{line}"
        );
    }
    let long = format!("Wharf-User: {}", "x".repeat(129));
    for header in [&long, "Wharf-User:", "Wharf-Until: soon"] {
        let answer = running
            .send("GET /api/v1/callers", &[host, &token, header], "")
            .await;
        assert_eq!(answer.body["code"], "parameter_invalid", "{header}");
    }
    // What nobody waits for any more is not done.
    let headers = [
        host,
        &token,
        "Content-Type: application/json",
        "Wharf-Until: 2026-01-05T10:00:00Z",
    ];
    let late = running.send(add, &headers, &good.to_string()).await;
    assert_eq!(
        (late.status, late.body["code"].as_str()),
        (408, Some("request_expired"))
    );
    assert_eq!(running.state.asked.load(Ordering::Relaxed), 0);
    assert_eq!(running.state.records.callers().await.unwrap(), []);
}

#[tokio::test]
async fn what_there_is_in_the_state_is_told_with_the_token_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let running = Running::with(store.clone());
    let refused = running
        .send("GET /api/v1/store", &["Host: localhost"], "")
        .await;
    assert_eq!(refused.status, 401);
    assert_eq!(running.state.asked.load(Ordering::Relaxed), 0);
    let answer = running.ask("GET /api/v1/store", &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let status: super::wire::StoreStatus = serde_json::from_value(answer.body).unwrap();
    let tables: Vec<_> = status
        .records
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert!(tables.contains(&"callers"), "{tables:?}");
    // No process has the log.
    assert_eq!(status.events, None);
    assert!(status.events_problem.unwrap().contains("another process"));
    // Of what is kept in memory there is nothing to tell.
    let answer = Running::start()
        .ask("GET /api/v1/store", &Value::Null)
        .await;
    assert_eq!(answer.status, 404);
}
