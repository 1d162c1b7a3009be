//! The real server, in memory, on loopback. It ends with the value that stands for it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, Method};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::{Value, json};

use crate::exchange::{Ask, Exchange as _};
use crate::stores::network::{Network, Process, at_free_port};
use crate::stores::vault::{VaultLogin, VaultSettings};

/// Names the program of the server.
const PROGRAM: &str = "WHARF_BAO";
pub(super) const ROOT: &str = "canary-4007aaaa0001";

/// Longest wait for anything of the server.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Server {
    process: Process,
    _home: tempfile::TempDir,
    pub(super) address: String,
    pub(super) unseal_key: String,
    pub(super) network: Arc<Network>,
}

/// Starts one. `None`: there is no program, which is said.
pub(super) async fn start() -> Option<Server> {
    at_free_port(PROGRAM, "OpenBao", Server::at).await
}

impl Server {
    async fn at(program: String, address: String) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address={address}"))
            .env_clear()
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut process = Process(process);
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        // It is read to its end: a server whose words nobody takes would stop.
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            while let Some(Ok(line)) = lines.next() {
                if let Some(key) = line.trim().strip_prefix("Unseal Key: ") {
                    let _ = sender.send(key.to_owned());
                }
            }
        });
        let unseal_key = tokio::task::spawn_blocking(move || receiver.recv_timeout(PATIENCE));
        let Ok(unseal_key) = unseal_key.await.unwrap() else {
            return None;
        };
        let server = Self {
            process,
            _home: home,
            address: format!("http://{address}"),
            unseal_key,
            network: Arc::new(Network),
        };
        let deadline = Instant::now() + PATIENCE;
        while server.ask("GET", "sys/health", &Value::Null).await.0 != 200 {
            assert!(Instant::now() < deadline, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(server)
    }

    /// Asks as the operator. 0: there was no answer.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.ask_in("", method, path, body).await
    }

    pub(super) async fn ask_in(
        &self,
        namespace: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert("x-vault-token", ROOT.parse().unwrap());
        if !namespace.is_empty() {
            headers.insert("x-vault-namespace", namespace.parse().unwrap());
        }
        if path.ends_with("?wrap") {
            headers.insert("x-vault-wrap-ttl", "60".parse().unwrap());
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let said = self.network.ask(Ask {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            url: format!("{}/v1/{}", self.address, path.trim_end_matches("?wrap"))
                .parse()
                .unwrap(),
            headers,
            body: SecretSlice::from(body.into_bytes()),
            timeout: PATIENCE,
            trust: None,
        });
        match said.await {
            Ok(said) => {
                let body = serde_json::from_slice(said.body.expose_secret());
                (said.status.as_u16(), body.unwrap_or(Value::Null))
            }
            Err(_) => (0, Value::Null),
        }
    }

    /// The same, where it must work.
    pub(super) async fn put(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &body).await;
        assert!(status == 200 || status == 204, "{path}: {status} {answer}");
        answer
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(super) async fn policy(&self, name: &str, paths: &[&str]) {
        let rules = paths
            .iter()
            .map(|path| format!("path \"{path}\" {{ capabilities = [\"read\"] }}\n"));
        let rules: String = rules.collect();
        self.put(
            &format!("sys/policies/acl/{name}"),
            json!({"policy": rules}),
        )
        .await;
    }

    /// A role of `AppRole` with this policy; its settings, and a secret id.
    pub(super) async fn role(&self, name: &str, terms: &Value) -> (String, String) {
        let (status, _) = self
            .ask("GET", "auth/approle/role?list=true", &Value::Null)
            .await;
        if status == 404 {
            self.ask("POST", "sys/auth/approle", &json!({"type": "approle"}))
                .await;
        }
        let path = format!("auth/approle/role/{name}");
        self.put(&path, terms.clone()).await;
        let role = self.get(&format!("{path}/role-id")).await;
        let secret = self.put(&format!("{path}/secret-id"), json!({})).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&role["data"]["role_id"]),
            text(&secret["data"]["secret_id"]),
        )
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process.0.id()
    }

    pub(super) fn settings(&self, login: Option<VaultLogin>) -> VaultSettings {
        VaultSettings {
            address: Some(self.address.clone()),
            login,
            ..VaultSettings::default()
        }
    }
}
