use std::sync::Arc;
use std::time::Duration;

use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};

use super::{EffectiveSettings, Setting, effective, shown};

fn read(settings: &str, table: &str, retry: &str) -> Integration {
    let text = format!(
        "---\ntype: tool\nsubtype: integration\nenvironment: production\n---\n\n\
         ## Service Details\n\n### Environments\n| Environment | Endpoint |\n|---|---|\n\
         | Production | api.example.com |\n| Staging | staging.example.com |\n\n\
         ## Authentication\n\n### Method\n- Type: None\n- Version header: X-Version\n\n\
         ## Configuration\n\n### Required Settings\n```json\n{{{settings}}}\n```\n\n\
         ## API Endpoints\n{table}\n\n## Error Handling\n\n### Retry Strategy\n```python\n{retry}\n```\n"
    );
    let source = Arc::new(SourceText::new("x.md", text));
    wharf_document::load(&IntegrationId::new("x").unwrap(), &source)
        .integration
        .unwrap()
}

fn find<'a>(settings: &'a [Setting], name: &str) -> &'a Setting {
    settings
        .iter()
        .find(|setting| setting.name == name)
        .unwrap()
}

fn told(settings: &[Setting], name: &str) -> String {
    let setting = find(settings, name);
    format!("{}: {}", setting.value, setting.reason)
}

fn winners<'a>(integration: &'a Integration, setting: &Setting) -> Vec<&'a str> {
    let winning = setting.places.iter().filter(|place| place.wins);
    winning
        .map(|place| integration.source.slice(place.span))
        .collect()
}

#[test]
fn the_smaller_bound_of_retries_wins() {
    let document = read(
        "\"retry_attempts\": 3, \"timeout\": 2",
        "",
        "retry_delays = [1, 2, 4, 8]\nmax_retries = 5",
    );
    let EffectiveSettings { integration, .. } = effective(&document);
    assert_eq!(
        told(&integration, "retries"),
        "3 retries: the smaller of `retry_attempts` 3 and `max_retries` 5"
    );
    assert_eq!(winners(&document, find(&integration, "retries")), ["3"]);
    assert_eq!(
        told(&integration, "delays before retries"),
        "1 s, 2 s, 4 s: the first 3 of `retry_delays`, one for each retry"
    );
    // 4 attempts of 2 s, and 7 s of delays with a fifth on top.
    assert_eq!(
        told(&integration, "longest possible call"),
        "16.4 s: 4 attempts of 2 s, and 7 s of delays that may be a fifth longer"
    );
}

#[test]
fn the_longest_call_that_is_told_is_the_one_that_is_enforced() {
    let document = read("\"retry_attempts\": 3, \"timeout\": \"20 min\"", "", "");
    let EffectiveSettings { integration, .. } = effective(&document);
    assert_eq!(
        told(&integration, "longest possible call"),
        "60 min: 4 attempts of 20 min; no call lasts longer than 60 min"
    );
    let settings = crate::compile(&document).settings;
    let enforced = settings.call_timeout(settings.attempt_timeout);
    assert_eq!(shown(enforced), "60 min");
}

#[test]
fn one_bound_alone_holds_and_without_any_the_delays_count() {
    let of = |settings: &str, retry: &str| {
        let document = read(settings, "", retry);
        told(&effective(&document).integration, "retries")
    };
    assert_eq!(of("", "max_retries = 1"), "1 retry: `max_retries` says so");
    assert_eq!(
        of("\"retry_attempts\": 0", ""),
        "0 retries: `retry_attempts` says so"
    );
    assert_eq!(
        of("", "retry_delays = [1, 1]"),
        "2 retries: one for each of `retry_delays`"
    );
    assert_eq!(
        of("", "retry_on = [429]"),
        "0 retries: the document asks for none"
    );
}

#[test]
fn defaults_say_that_they_are() {
    let document = read("", "", "");
    let settings = effective(&document).integration;
    assert_eq!(
        told(&settings, "timeout of an attempt"),
        "30 s: the default, since `timeout` is not given"
    );
    assert!(find(&settings, "timeout of connecting").places.is_empty());
    assert!(settings.iter().all(|setting| setting.name != "rate limit"));
    assert_eq!(
        told(&settings, "environment"),
        "Production: `environment` of the frontmatter names it"
    );
}

#[test]
fn the_slowest_rate_of_an_operation_decides() {
    let table = "| Operation | Method | Endpoint | Rate Limit | Timeout |\n|---|---|---|---|---|\n\
                 | List | GET | /a | 200/min | - |\n| Create | POST | /a | 50/min, 1000/day | 90s |";
    let document = read(
        "\"rate_limit\": \"100/min\", \"timeout\": 5, \"idempotency_header\": \"Key\"",
        table,
        "",
    );
    let found = effective(&document);
    let [list, create] = found.operations.as_slice() else {
        panic!("two operations");
    };
    assert_eq!(
        told(&list.settings, "rate limit"),
        "100/min: `rate_limit`, the slowest; `Rate Limit` 200/min holds too"
    );
    assert_eq!(
        told(&create.settings, "rate limit"),
        "1000/day: `Rate Limit`, the slowest; `Rate Limit` 50/min and `rate_limit` 100/min hold too"
    );
    assert_eq!(
        winners(&document, find(&create.settings, "rate limit")),
        ["1000/day"]
    );
    assert_eq!(
        told(&create.settings, "timeout of an attempt"),
        "90 s: the operation's own goes before the setting"
    );
    assert_eq!(
        told(&list.settings, "timeout of an attempt"),
        "5 s: `timeout` says so"
    );
    assert_eq!(
        told(&create.settings, "longest possible call"),
        "90 s: 1 attempt of 90 s"
    );
    assert_eq!(
        told(&list.settings, "may be repeated"),
        "always: GET is idempotent"
    );
    assert!(told(&create.settings, "may be repeated").starts_with("with a key: POST is repeated"));
}

#[test]
fn a_version_is_sent_where_a_header_is_named() {
    let document = read("\"api_version\": \"v2\"", "", "");
    assert_eq!(
        told(&effective(&document).integration, "API version"),
        "v2: sent as `X-Version` where the caller sends none"
    );
}

#[test]
fn durations_are_short() {
    for (millis, expected) in [
        (0, "0 ms"),
        (500, "500 ms"),
        (1_500, "1.5 s"),
        (90_000, "90 s"),
        (120_000, "2 min"),
        (7_200_000, "2 h"),
        (86_400_000, "24 h"),
        (7_776_000_000, "90 days"),
    ] {
        assert_eq!(shown(Duration::from_millis(millis)), expected);
    }
}

#[test]
fn what_holds_in_one_environment_alone_is_told_apart() {
    let document = read(
        "\"retry_attempts\": {\"production\": 1}, \"timeout\": {\"production\": 4, \"staging\": 2}, \
         \"max_wait\": 9",
        "",
        "max_retries = 2",
    );
    let found = effective(&document);
    assert_eq!(
        told(&found.integration, "timeout of an attempt"),
        "30 s: the default, since `timeout` is not given"
    );
    let own: Vec<_> = found.environments.iter().collect();
    assert_eq!(own.len(), 2);
    assert_eq!(own[0].environment.value, "production");
    let settings = &own[0].settings;
    assert_eq!(
        told(settings, "timeout of an attempt"),
        "4 s: `timeout` says so"
    );
    assert_eq!(
        told(settings, "retries"),
        "1 retry: the smaller of `retry_attempts` 1 and `max_retries` 2"
    );
    assert_eq!(
        told(settings, "longest possible call"),
        "8 s: 2 attempts of 4 s"
    );
    // The same as everywhere.
    assert!(
        settings
            .iter()
            .all(|setting| setting.name != "wait for a limit")
    );
}

fn sent_as(method: &str) -> Vec<String> {
    let text = format!(
        "---\ntype: tool\nsubtype: integration\n---\n\n## Authentication\n\n### Method\n{method}\n"
    );
    let source = Arc::new(SourceText::new("x.md", text));
    let loaded = wharf_document::load(&IntegrationId::new("x").unwrap(), &source);
    let sent_as = effective(&loaded.integration.unwrap()).sent_as;
    let words = sent_as.into_iter().map(|sent| sent.words);
    words.collect()
}

#[test]
fn a_credential_that_calls_do_not_send_is_not_shown_as_sent() {
    let header = "- Header: X-Key: Token {api_key}";
    let with_type = |kind: &str| format!("- Type: {kind}\n{header}");
    assert_eq!(sent_as(&with_type("API Key")), ["X-Key: Token {api_key}"]);
    assert_eq!(
        sent_as("- Type: API Key"),
        ["Authorization: Bearer {api_key}"]
    );
    assert!(sent_as(&with_type("None")).is_empty());
}
