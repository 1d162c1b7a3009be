//! A caller that writes bytes, and an answer read as bytes.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::gateway::{Gateway, LONGEST_CALL, TOKEN};

/// An answer read from a socket to the end of its connection.
pub(crate) struct Raw {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        tokio::time::timeout(LONGEST_CALL, stream.read_to_end(&mut bytes))
            .await
            .expect("the connection did not end")
            .expect("the answer, and not a reset");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        Self {
            status: head[9..12].parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// It is a problem document in a frame that says where it ends.
    pub(crate) fn assert_refusal(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        for header in [
            format!("content-length: {}", self.body.len()),
            "connection: close".to_owned(),
            "wharf-source: wharf".to_owned(),
            "wharf-attempts: 0".to_owned(),
            "content-type: application/problem+json".to_owned(),
        ] {
            assert!(self.head.contains(&header), "{header}: {}", self.head);
        }
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["fault"], "caller");
        assert_eq!(problem["sent"], "nothing");
        assert_eq!(problem["error"]["message"], problem["detail"]);
        assert_eq!(problem["message"], problem["detail"]);
        problem
    }
}

/// A connection over which `text` was written.
pub(crate) async fn begin(gateway: &Gateway, text: &str) -> TcpStream {
    let mut stream = gateway.connect().await;
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Writes `text` and reads the answer to the end of the connection.
pub(crate) async fn send(gateway: &Gateway, text: &str) -> Raw {
    Raw::read(&mut begin(gateway, text).await).await
}

/// A request with the caller's token.
pub(crate) fn head(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
}
