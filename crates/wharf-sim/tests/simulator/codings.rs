//! Request bodies behind content codings, as vendors take them off.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::StatusCode;
use serde_json::json;

use crate::support::{Answer, Running, authorised, small_document, start, vendor};

const PATH: &str = "/meters/production/series";

/// `{"series":[]}` as the commands `brotli` and `zstd` write it.
const BROTLI: &[u8] = b"\x0b\x06\x80{\"series\":[]}\x03";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x20\x0d\x69\x00\x00{\"series\":[]}";

const BODY: &[u8] = b"{\"series\":[]}";

async fn meters() -> Running {
    let rows = ["Send series | POST | /series"];
    let document = small_document("meters", "api.example.com", &rows);
    start(vec![vendor(&document)]).await
}

async fn sent(running: &Running, coding: &str, content_type: &str, body: &[u8]) -> Answer {
    let mut request = authorised("POST", PATH).header("content-encoding", coding);
    let headers = request.headers_mut().unwrap();
    headers.insert("content-type", content_type.parse().unwrap());
    running.try_send(request, body).await.unwrap()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

// mock-server/mockserver-monorepo#1397, wiremock/wiremock#404, pact-foundation/pact-jvm#556,
// dreamhead/moco#138: stand-ins that take a compressed body for what it is not.
#[tokio::test]
async fn codings_are_taken_off() {
    let running = meters().await;
    for (coding, body) in [
        ("gzip", gzip(BODY)),
        ("X-Gzip", gzip(BODY)),
        ("deflate", zlib(BODY)),
        ("deflate", deflate(BODY)),
        ("br", BROTLI.to_vec()),
        ("zstd", ZSTD.to_vec()),
        ("identity", BODY.to_vec()),
        ("deflate, gzip", gzip(&zlib(BODY))),
    ] {
        let answer = sent(&running, coding, "application/json", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{coding}: {:?}", answer.body);
        assert_eq!(answer.json()["received"], json!({"series": []}), "{coding}");
    }
    let form = "application/x-www-form-urlencoded";
    let answer = sent(&running, "gzip", form, &gzip(b"a=1")).await;
    assert_eq!(answer.json()["received"], json!({"a": "1"}));
    let answer = sent(&running, "gzip", "text/plain", &gzip(b"12345")).await;
    assert_eq!(answer.json()["received"]["bytes"], 5);
}

#[tokio::test]
async fn an_unknown_coding_is_415_that_tells_the_known() {
    let running = meters().await;
    for coding in ["compress", "gzip, aws-chunked", "gzip,gzip,gzip,gzip"] {
        let answer = sent(&running, coding, "application/json", &gzip(BODY)).await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{coding}"
        );
        assert_eq!(answer.header("accept-encoding"), "gzip, deflate, br, zstd");
        assert_eq!(answer.json()["code"], "unsupported_content_coding");
    }
}

#[tokio::test]
async fn a_body_that_is_not_in_its_coding_is_400() {
    let running = meters().await;
    let whole = gzip(BODY);
    for body in [BODY, &whole[..whole.len() / 2]] {
        let answer = sent(&running, "gzip", "application/json", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["code"], "invalid_content_coding");
    }
}

#[tokio::test]
async fn what_unfolds_is_bounded_like_a_plain_body() {
    let running = meters().await;
    let bomb = gzip(&vec![b' '; wharf_sim::MAX_BODY_BYTES + 1]);
    assert!(bomb.len() < 1 << 20);
    for (coding, body) in [("gzip", &bomb), ("gzip, gzip", &gzip(&bomb))] {
        let answer = sent(&running, coding, "application/json", body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{coding}");
        assert_eq!(answer.json()["code"], "body_too_large");
    }
}
