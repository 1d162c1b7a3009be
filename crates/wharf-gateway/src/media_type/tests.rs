use http::HeaderMap;
use http::header::{ACCEPT, HeaderValue, USER_AGENT};

use super::MediaType;

fn wanted(lines: &[&str], agent: &str) -> MediaType {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(ACCEPT, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    headers.insert(USER_AGENT, HeaderValue::from_str(agent).unwrap());
    MediaType::wanted(&headers)
}

#[test]
fn a_caller_that_takes_anything_gets_the_type_of_the_document() {
    for lines in [
        &[][..],
        &[""],
        &["*/*"],
        &["application/*;q=0.5"],
        &["text/html, application/xhtml+xml, */*;q=0.8"],
        &["Application/Problem+JSON"],
        &[
            "application/json",
            "text/plain, application/problem+json;q=0.1",
        ],
        &["\u{e9}"],
    ] {
        assert_eq!(wanted(lines, "curl/8"), MediaType::Problem, "{lines:?}");
    }
    // Named in another place than the beginning, it is not a client of Discord's API.
    assert_eq!(wanted(&["*/*"], "x DiscordBot"), MediaType::Problem);
}

/// `octokit` and `@discordjs/rest` read the message of an answer of type `application/json` only.
#[test]
fn a_caller_that_reads_json_only_gets_json() {
    for lines in [
        &["application/json"][..],
        &["application/vnd.github.v3+json"],
        &["text/event-stream"],
        &["application/json, text/plain, */*"],
        &["text/plain", "APPLICATION/JSON;charset=utf-8"],
        &["application/json, application/problem+json;q=0"],
        &["text/plain, */*; q=0.000"],
    ] {
        assert_eq!(wanted(lines, "curl/8"), MediaType::Json, "{lines:?}");
    }
    let agent = "DiscordBot (https://discord.js.org, 2.6.3) Node.js/20";
    assert_eq!(wanted(&["*/*"], agent), MediaType::Json);
    assert_eq!(wanted(&[], agent), MediaType::Json);
    let asked = wanted(&["application/problem+json"], agent);
    assert_eq!(asked, MediaType::Problem);
}
