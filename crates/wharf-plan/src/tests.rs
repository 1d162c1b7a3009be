use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Method};
use wharf_diag::SourceText;
use wharf_document::IntegrationId;
use wharf_document::model::{BaseUrl, CredentialStore, Scheme, Verb};

use crate::{
    ATTEMPT_TIMEOUT, Answer, CompiledIntegration, CompiledPlacement, Plan, Redirection, compile,
};

const HEAD: &str = "\
---
title: \"[Integration] Service\"
type: tool
subtype: integration
environment: ENVIRONMENT
---

# [Integration] Service

## Service Details

### Environments

| Environment | Endpoint | Status | Notes |
|---|---|---|---|
| Production | https://api.vendor.test/base/ | Active | |
| Staging | http://127.0.0.1:9 | Active | |

## Authentication

### Method
- Type: API Key
- Header: X-Key: {api_key}
- Version header: X-Version

### Credential Storage
```yaml
production:
  location: ENV_VARIABLES
  variables: [VENDOR_API_KEY]
staging:
  location: FILE
  path: key
```
";

fn document(environment: &str, rest: &str) -> CompiledIntegration {
    let text = format!("{}\n{rest}", HEAD.replace("ENVIRONMENT", environment));
    let id = IntegrationId::new("service").unwrap();
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("service.md", text)));
    compile(&loaded.integration.unwrap())
}

fn settings(json: &str) -> String {
    format!("## Configuration\n\n### Required Settings\n```json\n{json}\n```\n\n")
}

fn retry_block(lines: &str) -> String {
    format!("## Error Handling\n\n### Retry Strategy\n```python\n{lines}\n```\n")
}

#[test]
fn the_smaller_number_of_retries_wins() {
    let both = settings("{\"retry_attempts\": 3}")
        + &retry_block("retry_delays = [1, 2]\nmax_retries = 5");
    assert_eq!(document("production", &both).settings.retry.max_retries, 3);
    let one = retry_block("retry_delays = [1, 2]\nmax_retries = 5\nretry_on = [429]");
    assert_eq!(document("production", &one).settings.retry.max_retries, 5);
    let delays_only = retry_block("retry_delays = [1, 2]\nretry_on = [429]");
    assert_eq!(
        document("production", &delays_only)
            .settings
            .retry
            .max_retries,
        2
    );
    assert_eq!(document("production", "").settings.retry.max_retries, 0);
}

#[test]
fn a_call_may_take_all_attempts_and_delays() {
    let text =
        settings("{\"timeout\": 10}") + &retry_block("retry_delays = [1, 4]\nmax_retries = 2");
    let integration = document("production", &text);
    assert_eq!(
        integration.settings.attempt_timeout,
        Duration::from_secs(10)
    );
    // Three attempts of 10 s, and delays of 1 s and 4 s that are spread by up to a fifth.
    assert_eq!(
        integration
            .settings
            .call_timeout(integration.settings.attempt_timeout),
        Duration::from_secs(36)
    );
    // What is enforced ends after an hour, and so does what is told.
    assert_eq!(
        integration
            .settings
            .call_timeout(Duration::from_secs(3_000)),
        Duration::from_secs(3_600)
    );
    assert_eq!(
        document("production", "").settings.attempt_timeout,
        ATTEMPT_TIMEOUT
    );
}

#[test]
fn environments_are_chosen_by_name_or_by_default() {
    let integration = document("Production", "");
    assert_eq!(integration.environment(None), Some(0));
    assert_eq!(integration.environment(Some("STAGING")), Some(1));
    assert_eq!(integration.environment(Some("nowhere")), None);
    assert_eq!(document("all", "").environment(None), None);
}

#[test]
fn credential_and_version_go_where_the_document_says() {
    let integration = document("production", &settings("{\"api_version\": \"2026-01-01\"}"));
    assert_eq!(integration.credential_fields, ["api_key"]);
    let places = integration.placements.as_slice();
    let [CompiledPlacement::Header { name, value }] = places else {
        panic!("{places:?}");
    };
    assert_eq!(
        (name.as_str(), value.to_string()),
        ("x-key", "{api_key}".into())
    );
    let (name, value) = integration.settings.version_header.unwrap();
    assert_eq!(
        (name.as_str(), value.to_str().unwrap()),
        ("x-version", "2026-01-01")
    );
    assert!(document("production", "").settings.version_header.is_none());
    assert_eq!(
        integration.environments[0]
            .base_url
            .as_ref()
            .unwrap()
            .to_string(),
        "https://api.vendor.test/base"
    );
}

#[test]
fn the_most_specific_row_is_chosen() {
    let integration = document(
        "production",
        "## API Endpoints\n\n| Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n\
         | Any | GET | /:a/:b | |\n| Item | GET | /items/:id | |\n| Special | GET | /items/special | |\n\
         | Create | POST | /items | |\n| Format | GET | /items/{id}.{format} | |\n\
         | Text | GET | /items/{id}.txt | |\n| Rest | GET, PUT | /items/{path...} | |\n\
         | Same | GET | /items/{other} | |\n| Run | POST | /{property}:run | |\n",
    );
    let id = |method: Method, path: &str| {
        integration
            .route(&method, path)
            .map(|index| integration.operations[index].id.as_str())
    };
    assert_eq!(id(Method::GET, "/items/7"), Some("item"));
    assert_eq!(id(Method::GET, "/items/special"), Some("special"));
    assert_eq!(id(Method::HEAD, "/items/special"), Some("special"));
    assert_eq!(id(Method::GET, "/items/7/parts/8"), Some("rest"));
    assert_eq!(id(Method::PUT, "/items/7"), Some("rest"));
    assert_eq!(id(Method::PUT, "/items//"), Some("rest"));
    assert_eq!(id(Method::PUT, "/items"), None);
    assert_eq!(id(Method::GET, "/x/y"), Some("any"));
    assert_eq!(id(Method::POST, "/items"), Some("create"));
    assert_eq!(id(Method::GET, "/items/7.txt"), Some("text"));
    assert_eq!(id(Method::HEAD, "/items/7.csv"), Some("format"));
    assert_eq!(id(Method::GET, "/items/.txt"), Some("item"));
    assert_eq!(id(Method::POST, "/7:run"), Some("run"));
    assert_eq!(id(Method::POST, "/a%2Fb:run"), Some("run"));
    for (method, path) in [
        (Method::GET, "/items/"),
        (Method::GET, "/items"),
        (Method::POST, "/items/7"),
        (Method::POST, "/:run"),
        (Method::POST, "/a/b:run"),
        (Method::GET, "/"),
    ] {
        assert_eq!(id(method, path), None, "{path}");
    }
}

#[test]
fn rows_with_the_vendors_code_come_first() {
    let integration = document(
        "production",
        "## Error Handling\n\n### Common Errors\n\n| Error Code | Meaning | Response |\n|---|---|---|\n\
         | 5xx | Down | Alert |\n| 429 | Too fast | Backoff + retry |\n| 429 insufficient_quota | No credit | Fail |\n\
         | 503 | Busy | Retry |\n| invalid_auth | Bad token | Rotate key |\n",
    );
    let table = &integration.errors;
    let verbs = |status, details: &[&str]| {
        let answer = Answered {
            codes: details,
            header: None,
        };
        table.find(status, &answer).map(|row| row.verbs.to_vec())
    };
    assert_eq!(verbs(429, &["insufficient_quota"]), Some(vec![Verb::Fail]));
    assert_eq!(
        verbs(429, &["other"]),
        Some(vec![Verb::Backoff, Verb::Retry])
    );
    assert_eq!(verbs(503, &[]), Some(vec![Verb::Retry]));
    assert_eq!(verbs(500, &[]), Some(vec![Verb::Alert]));
    assert_eq!(verbs(200, &["invalid_auth"]), Some(vec![Verb::RotateKey]));
    assert_eq!(verbs(200, &[]), None);
    assert!(table.needs_body(429) && table.needs_body(200));
}

#[test]
fn rows_with_conditions_come_before_all_others() {
    let integration = document(
        "production",
        "## Error Handling\n\n### Common Errors\n\n| Error Code | When | Meaning | Response |\n|---|---|---|---|\n\
         | 403 | | No right | Fail |\n| 403 blocked | | Gone | Alert |\n\
         | 4xx | header x-left = 0 | Too fast | Backoff |\n\
         | timeout | | Slow | Retry |\n| unreachable | | Down | Fallback |\n",
    );
    let table = &integration.errors;
    let verbs = |status, codes: &[&str], header| {
        let answer = Answered { codes, header };
        table.find(status, &answer).map(|row| row.verbs.to_vec())
    };
    let left = Some(("x-left", "0"));
    assert_eq!(verbs(403, &["blocked"], left), Some(vec![Verb::Backoff]));
    assert_eq!(verbs(403, &["blocked"], None), Some(vec![Verb::Alert]));
    assert_eq!(verbs(403, &[], None), Some(vec![Verb::Fail]));
    assert_eq!(verbs(404, &[], None), None);
    // What has no status is for no answer.
    assert_eq!(verbs(200, &["timeout", "unreachable"], None), None);
    let row = table.timeout().unwrap();
    assert_eq!((row.verbs, row.specific), (&[Verb::Retry][..], true));
    assert_eq!(table.unreachable().unwrap().verbs, &[Verb::Fallback]);
    assert!(!table.needs_body(404) && table.needs_body(403));
}

/// An answer with codes in its body and perhaps a header.
struct Answered<'a> {
    codes: &'a [&'a str],
    header: Option<(&'a str, &'a str)>,
}

impl Answer for Answered<'_> {
    fn has_code(&self, code: &str) -> bool {
        self.codes.contains(&code)
    }

    fn has_header(&self, name: &HeaderName, value: Option<&str>) -> bool {
        let is_it = |(known, held): (&str, &str)| {
            known == name.as_str() && value.is_none_or(|value| value == held)
        };
        self.header.is_some_and(is_it)
    }

    fn has_field(&self, _: &str, _: Option<&str>) -> bool {
        false
    }
}

#[test]
fn a_plan_finds_integrations_by_id() {
    let id = IntegrationId::new("service").unwrap();
    let text = HEAD.replace("ENVIRONMENT", "production");
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("service.md", text)));
    let plan = Plan::new([Arc::new(loaded.integration.unwrap())]);
    assert!(plan.integration("service").is_some());
    assert!(plan.integration("other").is_none());
    assert_eq!(plan.integrations().len(), 1);
}

#[test]
fn a_redirected_plan_calls_no_vendor_and_reads_no_credential_of_its_own() {
    let id = IntegrationId::new("service").unwrap();
    let rows = "| Staging | http://127.0.0.1:9 | Active | |\n| Open | {url} | Active | |\n\
                | Socket | unix:///run/x.sock | Active | |\n| Base | postgres://db:5432/a | Active | |";
    let text = HEAD
        .replace("ENVIRONMENT", "production")
        .replace("| Staging | http://127.0.0.1:9 | Active | |", rows);
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("service.md", text)));
    let plan = Plan::new([Arc::new(loaded.integration.unwrap())]);
    let elsewhere = |name: &str| BaseUrl {
        scheme: Scheme::Http,
        host: "127.0.0.1".into(),
        port: 1,
        path: format!("/{name}"),
    };
    let plan = plan.redirected(|integration, environment| Redirection {
        base_url: Some(elsewhere(&environment.name)),
        variables: integration.credential_fields.clone(),
    });
    let environments = &plan.integration("service").unwrap().environments;
    assert_eq!(environments.len(), 5);
    for environment in environments {
        let Some(CredentialStore::EnvVariables { variables }) = &environment.credential else {
            panic!("{environment:?}");
        };
        assert_eq!(variables[0].value, "api_key");
        if environment.name == "base" {
            assert!(environment.base_url.is_none() && environment.connection.is_some());
            continue;
        }
        assert_eq!(environment.base_url, Some(elsewhere(&environment.name)));
        assert!(environment.connection.is_none());
    }
}

/// A document with as many environments, each with a credential of its own.
fn with_environments(count: usize) -> wharf_document::Integration {
    use std::fmt::Write as _;
    let (mut rows, mut entries) = (String::new(), String::new());
    for number in 0..count {
        writeln!(
            rows,
            "| Env{number} | https://e{number}.vendor.test | Active | |"
        )
        .unwrap();
        writeln!(
            entries,
            "env{number}:\n  location: FILE\n  path: key{number}"
        )
        .unwrap();
    }
    let (before, after) = HEAD.split_once("| Production").unwrap();
    let (_, after) = after.split_once("## Authentication").unwrap();
    let (method, _) = after.split_once("production:").unwrap();
    let text = format!("{before}{rows}\n## Authentication{method}{entries}```\n")
        .replace("environment: ENVIRONMENT\n", "");
    let id = IntegrationId::new("service").unwrap();
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("service.md", text)));
    loaded.integration.unwrap()
}

/// Thousands of environments with a search through all entries for each took seconds.
///
/// The shortest runs are compared, and more are made while they do not show it, so that a busy
/// machine does not count.
#[test]
fn twice_the_environments_take_less_than_three_times_as_long() {
    let documents = [2_000, 4_000].map(|count| {
        let document = with_environments(count);
        assert_eq!(document.credentials.len(), count);
        let compiled = compile(&document);
        let is_whole = |e: &Arc<crate::CompiledEnvironment>| e.credential.is_some();
        assert!(compiled.environments.iter().all(is_whole));
        document
    });
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..100 {
        for (document, shortest) in documents.iter().zip(&mut shortest) {
            let start = std::time::Instant::now();
            compile(document);
            assert!(crate::what_it_changes(document, document).is_empty());
            *shortest = start.elapsed().min(*shortest);
        }
        let [small, large] = shortest;
        if large < small * 3 {
            return;
        }
    }
    panic!("{shortest:?}");
}

#[test]
fn an_environment_has_its_own_settings_and_the_others_of_all() {
    let both = settings(
        "{\"timeout\": {\"Staging\": \"4s\", \"production\": \"9s\"}, \"connect_timeout\": \"2s\", \
         \"retry_attempts\": {\"staging\": 1}, \"max_body\": {\"staging\": \"1MB\"}, \
         \"api_version\": {\"staging\": \"v2\"}, \"idempotency_header\": {\"staging\": \"X-Once\"}}",
    ) + &retry_block("max_retries = 3\nretry_on = [500]");
    let found = document("production", &both);
    let in_force = |name: &str| {
        let index = found.environment(Some(name)).unwrap();
        &found.environments[index].settings
    };
    let (production, staging) = (in_force("production"), in_force("staging"));
    assert_eq!(production.attempt_timeout, Duration::from_secs(9));
    assert_eq!(staging.attempt_timeout, Duration::from_secs(4));
    for settings in [production, staging] {
        assert_eq!(settings.connect_timeout, Duration::from_secs(2));
    }
    assert_eq!(
        (production.retry.max_retries, staging.retry.max_retries),
        (3, 1)
    );
    assert_eq!(production.max_body_bytes, None);
    assert_eq!(staging.max_body_bytes, Some(1_000_000));
    assert_eq!(production.version_header, None);
    assert_eq!(staging.version_header.as_ref().unwrap().1, "v2");
    assert_eq!(production.idempotency_header, None);
    assert_eq!(staging.idempotency_header.as_ref().unwrap(), "x-once");
    // What no environment has of its own.
    assert_eq!(found.settings.attempt_timeout, ATTEMPT_TIMEOUT);
}
