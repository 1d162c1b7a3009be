//! Ordinary changes are told apart from those that would hurt if the file were half written.

use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};

use super::{Risk, Section, what_it_changes};

const DOCUMENT: &str = "\
---
title: \"[Integration] Service\"
type: tool
subtype: integration
environment: production
---

# [Integration] Service

## Service Details

### Environments

| Environment | Endpoint | Status | Notes |
|---|---|---|---|
| Production | https://api.vendor.test/base | Active | |
| Staging | https://staging.vendor.test | Active | |

## Authentication

### Method
- Type: API Key
- Header: X-Key: {api_key}

### Credential Storage
```yaml
production:
  location: ENV_VARIABLES
  variables: [VENDOR_API_KEY]
staging:
  location: FILE
  path: key
```

## Configuration

### Required Settings
```json
{ \"timeout\": 10, \"max_body\": \"1MB\" }
```

## API Endpoints

| Operation | Method | Endpoint | Rate Limit |
|---|---|---|---|
| List items | GET | /items | |
| Create item | POST | /items | |

## Error Handling

### Common Errors

| Error Code | Meaning | Response |
|---|---|---|
| 503 | Overloaded | Backoff + retry |

### Retry Strategy
```python
retry_delays = [0.01]
max_retries = 1
retry_on = [503]
```

## Notes

### Tips
- None.
";

fn read(text: &str) -> Integration {
    let id = IntegrationId::new("service").unwrap();
    let loaded = wharf_document::load(
        &id,
        &Arc::new(SourceText::new("service.md", text.to_owned())),
    );
    loaded.integration.unwrap()
}

fn risks(from: &str, to: &str) -> Vec<Risk> {
    assert!(DOCUMENT.contains(from), "{from}");
    what_it_changes(&read(DOCUMENT), &read(&DOCUMENT.replacen(from, to, 1)))
}

#[test]
fn ordinary_changes_have_no_risk() {
    for (from, to) in [
        ("- None.", "- Something."),
        ("\"timeout\": 10", "\"timeout\": 20"),
        ("| Create item | POST | /items | |\n", ""),
        (
            "| List items | GET | /items | |\n",
            "| List items | GET | /v2/items | |\n",
        ),
        ("max_retries = 1", "max_retries = 0"),
        ("1MB", "1KB"),
        (
            "subtype: integration",
            "subtype: integration\nactive: false",
        ),
        ("\n## Notes\n\n### Tips\n- None.\n", ""),
        ("Status | Notes", "Status | Remarks"),
    ] {
        assert_eq!(risks(from, to), [], "{from} -> {to}");
    }
}

#[test]
fn what_adds_something_has_no_risk() {
    let (start, rest) = DOCUMENT.split_once("## Authentication").unwrap();
    let (_, end) = rest.split_once("## Configuration").unwrap();
    let less = format!("{start}## Configuration{end}");
    assert_eq!(what_it_changes(&read(&less), &read(DOCUMENT)), []);
}

#[test]
fn credentials_hosts_and_limits() {
    let named = |name: &str| Some(name.to_owned());
    for (from, to, expected) in [
        ("X-Key", "X-Other", Risk::Credential(None)),
        (
            "VENDOR_API_KEY",
            "OTHER_API_KEY",
            Risk::Credential(named("production")),
        ),
        (
            "path: key",
            "path: key2",
            Risk::Credential(named("staging")),
        ),
        (
            "https://api.",
            "http://api.",
            Risk::Host(named("production")),
        ),
        (
            "api.vendor.test",
            "api.vendor",
            Risk::Host(named("production")),
        ),
        ("/base", "/bas", Risk::Host(named("production"))),
        (
            "staging.vendor.test",
            "staging.vendor.test:444",
            Risk::Host(named("staging")),
        ),
        (
            "environment: production",
            "environment: staging",
            Risk::Host(None),
        ),
        (
            "max_retries = 1",
            "max_retries = 2",
            Risk::Limit("max_retries"),
        ),
        ("1MB", "2MB", Risk::Limit("max_body")),
        (", \"max_body\": \"1MB\"", "", Risk::Limit("max_body")),
    ] {
        assert_eq!(risks(from, to), [expected], "{from} -> {to}");
    }
}

#[test]
fn an_environment_that_goes_takes_its_host_and_credential_along() {
    let text = DOCUMENT
        .replace("| Staging | https://staging.vendor.test | Active | |\n", "")
        .replace("staging:\n  location: FILE\n  path: key\n", "");
    let staging = || Some("staging".to_owned());
    assert_eq!(
        what_it_changes(&read(DOCUMENT), &read(&text)),
        [Risk::Credential(staging()), Risk::Host(staging())]
    );
}

/// FreeshardBase/freeshard#228, jcmoraisjr/haproxy-ingress#1509: a file that is half written
/// says less than the whole one, wherever it is cut.
#[test]
fn a_cut_before_the_last_section_that_calls_need_is_always_seen() {
    let old = read(DOCUMENT);
    let end = DOCUMENT.find("retry_on").unwrap();
    // Cut inside the frontmatter, nothing says that it is a document.
    let start = DOCUMENT.find("# [Integration]").unwrap();
    let id = IntegrationId::new("service").unwrap();
    for cut in start..end {
        let text = SourceText::new("service.md", DOCUMENT[..cut].to_owned());
        let loaded = wharf_document::load(&id, &Arc::new(text));
        let is_broken = loaded
            .diagnostics
            .iter()
            .any(|found| found.severity == wharf_diag::Severity::Error);
        let is_seen = || {
            let new = loaded.integration.as_ref().unwrap();
            let risks = what_it_changes(&old, new);
            // Inside the last block, the text has no newline at its end.
            risks
                .iter()
                .any(|risk| matches!(risk, Risk::SectionLost(_)))
                || DOCUMENT[..cut].contains("retry_delays")
        };
        assert!(
            is_broken || is_seen(),
            "cut at {cut}: {}",
            &DOCUMENT[cut - 20..cut]
        );
    }
}

#[test]
fn a_section_that_is_emptied_is_lost() {
    let lost = |section| vec![Risk::SectionLost(section)];
    assert_eq!(
        risks("| 503 | Overloaded | Backoff + retry |\n", ""),
        lost(Section::CommonErrors)
    );
    let endpoints = "| List items | GET | /items | |\n| Create item | POST | /items | |\n";
    assert_eq!(risks(endpoints, ""), lost(Section::ApiEndpoints));
}
