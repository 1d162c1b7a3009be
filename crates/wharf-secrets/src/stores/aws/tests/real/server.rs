//! The server, in memory, on loopback. It ends with the value that stands for it.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::{Value, json};

use crate::exchange::{Ask, Exchange as _};
use crate::sign::aws4::{Aws4, Aws4Payload, AwsKeys};
use crate::stores::network::{Network, Process, at_free_port};

/// Names the program of the server.
const PROGRAM: &str = "WHARF_MOTO";

/// Longest wait for anything of the server.
const PATIENCE: Duration = Duration::from_secs(30);

const REGION: &str = "eu-west-1";

pub(super) struct Server {
    process: Process,
    _home: tempfile::TempDir,
    pub(super) address: String,
    pub(super) network: Arc<Network>,
}

/// Starts one. `None`: there is no program, which is said.
pub(super) async fn start() -> Option<Server> {
    at_free_port(PROGRAM, "moto", Server::at).await
}

impl Server {
    async fn at(program: String, address: String) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p"])
            .arg(address.rsplit(':').next().unwrap())
            .env_clear()
            .env("HOME", home.path())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            process: Process(process),
            _home: home,
            address: format!("http://{address}"),
            network: Arc::new(Network),
        };
        let deadline = Instant::now() + PATIENCE;
        while server
            .ask("GET", "/moto-api/data.json", HeaderMap::new(), "")
            .await
            .0
            != 200
        {
            if server.process.0.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(Instant::now() < deadline, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Some(server)
    }

    /// Status 0: there was no answer.
    async fn ask(&self, method: &str, path: &str, headers: HeaderMap, body: &str) -> (u16, String) {
        let said = self.network.ask(Ask {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            url: format!("{}{path}", self.address).parse().unwrap(),
            headers,
            body: SecretSlice::from(body.as_bytes().to_vec()),
            timeout: PATIENCE,
            trust: None,
        });
        match said.await {
            Ok(said) => {
                let body = String::from_utf8_lossy(said.body.expose_secret()).into_owned();
                (said.status.as_u16(), body)
            }
            Err(_) => (0, String::new()),
        }
    }

    /// Asks a service as its owner; it must work.
    async fn own(&self, service: &str, mut headers: HeaderMap, body: &str) -> String {
        let keys = AwsKeys::new("AKIDOWNER", SecretString::from("owner"), None).unwrap();
        let region = REGION;
        let url = format!("{}/", self.address).parse().unwrap();
        let payload = Aws4Payload::Bytes(body.as_bytes());
        let request = (&Method::POST, &url);
        Aws4 { region, service }
            .sign(
                &keys,
                request,
                &mut headers,
                payload,
                jiff::Timestamp::now(),
            )
            .unwrap();
        let (status, answer) = self.ask("POST", "/", headers, body).await;
        assert_eq!(status, 200, "{body}: {answer}");
        answer
    }

    /// An operation of Secrets Manager.
    pub(super) async fn manage(&self, operation: &str, terms: &Value) -> Value {
        let mut headers = HeaderMap::new();
        headers.insert(
            "content-type",
            "application/x-amz-json-1.1".parse().unwrap(),
        );
        let target = format!("secretsmanager.{operation}");
        headers.insert("x-amz-target", target.parse().unwrap());
        let answer = self
            .own("secretsmanager", headers, &terms.to_string())
            .await;
        serde_json::from_str(&answer).unwrap()
    }

    async fn identity(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded";
        headers.insert("content-type", form.parse().unwrap());
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let fields = fields.iter().map(|(n, v)| format!("&{n}={}", encode(v)));
        let fields: String = fields.collect();
        let body = format!("Action={action}&Version=2010-05-08{fields}");
        self.own("iam", headers, &body).await
    }

    /// A user with this policy; the id and the secret of its key.
    pub(super) async fn user(&self, name: &str, policy: &str) -> (String, String) {
        self.identity("CreateUser", &[("UserName", name)]).await;
        let named = [
            ("UserName", name),
            ("PolicyName", "own"),
            ("PolicyDocument", policy),
        ];
        self.identity("PutUserPolicy", &named).await;
        let made = self
            .identity("CreateAccessKey", &[("UserName", name)])
            .await;
        let part = |tag: &str| {
            let rest = made.split(&format!("<{tag}>")).nth(1).unwrap();
            rest.split('<').next().unwrap().to_owned()
        };
        (part("AccessKeyId"), part("SecretAccessKey"))
    }

    /// A role with this policy; its ARN.
    pub(super) async fn role(&self, name: &str, policy: &str) -> String {
        let anybody =
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
        let trust = json!({"Version": "2012-10-17", "Statement": [anybody]}).to_string();
        let made = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        let made = self.identity("CreateRole", &made).await;
        let named = [
            ("RoleName", name),
            ("PolicyName", "own"),
            ("PolicyDocument", policy),
        ];
        self.identity("PutRolePolicy", &named).await;
        let rest = made.split("<Arn>").nth(1).unwrap();
        rest.split('<').next().unwrap().to_owned()
    }

    /// From now on signatures and policies count.
    pub(super) async fn judge_from_now_on(&self) {
        let (status, answer) = self
            .ask("POST", "/moto-api/reset-auth", HeaderMap::new(), "0")
            .await;
        assert_eq!(status, 200, "{answer}");
    }
}
