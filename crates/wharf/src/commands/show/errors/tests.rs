//! What is told about a status is what the gateway does.

use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::IntegrationId;

use super::{Retried, outcomes};

const DOCUMENT: &str = "\
---
title: \"[Integration] A\"
type: tool
subtype: integration
---

## Error Handling

### Common Errors

| Error Code | Meaning | Response |
|---|---|---|
| 401 | Bad key | Rotate key |
| 403 | Old token | Refresh token + fail |
| 404 | Not there | Ignore |
| 409 | Busy | Backoff + retry |
| 429 | Too fast | Alert + use cache |
| 429 insufficient_quota | No money | Alert |
| 5xx | Broken | Alert + fallback |

### Retry Strategy
```python
retry_delays = [1]
max_retries = 2
retry_on = [408, 429, 502, 503]
```
";

fn told(text: &str) -> Vec<(String, String)> {
    let id = IntegrationId::new("a").unwrap();
    let source = Arc::new(SourceText::new("a.md", text));
    let integration = wharf_document::load(&id, &source).integration.unwrap();
    let outcomes = outcomes(&integration).into_iter();
    outcomes.map(|found| (found.code, found.happens)).collect()
}

#[test]
fn retries_come_first_and_the_row_after_them() {
    let retry = "retry up to 2 times where that is safe";
    let expected = [
        (
            "401",
            "fetch the credential again, and replay once where that is safe, then return the error".to_owned(),
        ),
        (
            "403",
            "fetch the credential again, and replay once where that is safe, then return the error"
                .to_owned(),
        ),
        ("404", "return the answer and count no error".to_owned()),
        ("409", format!("{retry}, then return the error")),
        (
            "429",
            format!("{retry}, then alert, then answer from the cache (not in force yet), then return the error"),
        ),
        (
            "429 insufficient_quota",
            "alert, then return the error".to_owned(),
        ),
        (
            "5xx",
            "retry 502, 503 up to 2 times where that is safe, then alert, then use the fallback (not in force yet), then return the error"
                .to_owned(),
        ),
        ("408", format!("{retry}, then return the error")),
    ];
    let expected = expected.map(|(code, happens)| (code.to_owned(), happens));
    assert_eq!(told(DOCUMENT), expected);
}

#[test]
fn without_retries_none_are_promised() {
    for (_, happens) in told(&DOCUMENT.replace("max_retries = 2", "max_retries = 0")) {
        assert!(!happens.contains("retry"), "{happens}");
    }
    let once = told(&DOCUMENT.replace("max_retries = 2", "max_retries = 1"));
    assert_eq!(
        once[3].1,
        "retry once where that is safe, then return the error"
    );
}

#[test]
fn a_status_knows_whether_it_is_retried() {
    let id = IntegrationId::new("a").unwrap();
    let source = Arc::new(SourceText::new("a.md", DOCUMENT));
    let integration = wharf_document::load(&id, &source).integration.unwrap();
    let retried: Vec<_> = outcomes(&integration)
        .into_iter()
        .filter(|found| found.retried != Retried::None)
        .map(|found| found.code)
        .collect();
    assert_eq!(retried, ["409", "429", "5xx", "408"]);
}
