//! Every part is found where it stands, and what runs is not listed.

use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};

use super::{Part, not_in_force};

const HEAD: &str = "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n\n";

fn document(body: &str) -> Integration {
    let id = IntegrationId::new("a").unwrap();
    let source = Arc::new(SourceText::new("a.md", format!("{HEAD}{body}")));
    wharf_document::load(&id, &source).integration.unwrap()
}

/// Everything that is read and that nothing obeys, once or more.
const EVERYTHING: &str = r#"
## Service Details

| Environment | Endpoint |
|---|---|
| Production | https://api.example.org |

## Authentication

### Method
- Type: OAuth2
- Grant: refresh_token
- Token URL: /oauth/token
- Scopes: read
- Rotation: every 90 days
- Client certificate: {certificate}
- Client key: {key}

### Credential Storage
```yaml
production:
  location: ENV_VARIABLES
  variables: [A_CLIENT_ID, A_CLIENT_SECRET]
  rotation: 90_days
  rotated: 2026-01-01
```

## Configuration

### Required Settings
```json
{"rate_limit": "5/s", "max_concurrency": 3, "max_wait": "2s", "cache_ttl": "1min"}
```

### Optional Features
- Search: enabled - used

## API Endpoints

| Operation | Method | Endpoint | Rate Limit | Weight | Cache | Hedge | Cost |
|---|---|---|---|---|---|---|---|
| List | GET | /items | 2/s | 3 | 1min | 100ms | $0.01/call |

## Webhooks

### Incoming
| Event | Endpoint | Handler | Mapping |
|---|---|---|---|
| item.made | /webhooks/a | take | short |

### Outgoing
| Trigger | Target | Payload |
|---|---|---|
| sold | https://hooks.example.org/x | short |

### Mappings
```jq short
{id: .id}
```

## Error Handling

### Common Errors
| Error Code | Meaning | Response |
|---|---|---|
| 500 | Broken | Retry + Use cache + Fallback |

## Monitoring

### Health Checks
- Endpoint: `GET /health`
- Frequency: every 60 seconds

### Key Metrics
- Error rate: < 1%

## Costs

### Pricing Model
- Budget: $500/month

## Migration/Upgrade Path

### Migration Steps
1. Full rollout

## Disaster Recovery

### Outage Procedure
1. Detect via monitoring

## Review Checklist
- [ ] Monitoring active?
"#;

#[test]
fn every_part_is_found_with_its_place() {
    let integration = document(EVERYTHING);
    let found = not_in_force(&integration);
    for (part, words) in Part::ALL {
        assert!(found.iter().any(|one| one.part == part), "{words}");
    }
    let text = |part: Part| -> Vec<&str> {
        let of_part = found.iter().filter(|one| one.part == part);
        of_part
            .map(|one| integration.source.slice(one.span))
            .collect()
    };
    assert_eq!(text(Part::Cache).len(), 3, "setting, column and verb");
    assert_eq!(text(Part::Fallback), ["Fallback"]);
    assert_eq!(text(Part::RateLimit).len(), 2, "setting and column");
    assert_eq!(text(Part::Token), ["refresh_token"]);
    assert!(found.is_sorted_by_key(|one| one.span.start));
}

#[test]
fn tokens_without_a_refresh_token_are_made() {
    let text = EVERYTHING.replace("refresh_token", "client_credentials");
    let found = not_in_force(&document(&text));
    assert!(found.iter().all(|one| one.part != Part::Token));
}

#[test]
fn what_runs_is_not_listed() {
    let body = r#"
## Authentication

### Method
- Type: API Key
- Header: Authorization: Bearer {api_key}

### Credential Storage
```yaml
production:
  location: ENV_VARIABLES
  variables: [A_KEY]
```

## Configuration

### Required Settings
```json
{"timeout": 5, "connect_timeout": 2, "retry_attempts": 2, "max_body": "1MiB", "idempotency_header": "Idempotency-Key"}
```

## API Endpoints

| Operation | Method | Endpoint | Rate Limit | Timeout | Idempotent |
|---|---|---|---|---|---|
| Make | POST | /items | - | 3s | yes |

### Limit headers
- `x-remaining`: remaining

## Error Handling

### Common Errors
| Error Code | When | Meaning | Response |
|---|---|---|---|
| 401 | | Key | Rotate key + Alert |
| 403 | header retry-after | Fast | Backoff + Retry |
| 404 | | Gone | Ignore |
| 500 | | Broken | Fail |

### Retry Strategy
```python
retry_delays = [1, 2]
retry_on = [500]
```
"#;
    assert_eq!(not_in_force(&document(body)), []);
}

#[test]
fn the_settings_that_are_shown_are_those_of_the_list() {
    let integration = document(EVERYTHING);
    let effective = crate::effective(&integration);
    let operations = effective.operations.iter().flat_map(|one| &one.settings);
    let mut parts: Vec<_> = effective
        .integration
        .iter()
        .chain(operations)
        .filter_map(|setting| setting.not_in_force)
        .collect();
    parts.sort_unstable();
    parts.dedup();
    let settings = [Part::RateLimit, Part::Concurrency, Part::Wait, Part::Cache];
    assert_eq!(parts, settings);
}

#[test]
fn the_readme_names_the_same_parts() {
    let readme = include_str!("../../../../README.md");
    let (_, behind) = readme.split_once("Not in force yet: ").unwrap();
    let (list, _) = behind.split_once('.').unwrap();
    let told: Vec<_> = list.split(", ").collect();
    assert_eq!(told, Part::ALL.map(|(_, words)| words));
}
