//! Contradictions that are planted into one consistent document, and changes of it that only look
//! like some: other numbers, units and words than the template has.

mod support;

use std::collections::BTreeSet;

use support::{changed, codes_on};

const BASE: &str = include_str!("contradictions/base.md");

/// What is written instead of what, and the finding that follows. No code: the document stays
/// consistent.
type Case = (&'static [(&'static str, &'static str)], &'static str);

fn findings(changes: &[(&str, &str)]) -> BTreeSet<&'static str> {
    codes_on(&changed(BASE, changes), "2026-06-15T12:00:00Z")
}

#[test]
fn the_document_is_consistent() {
    assert_eq!(findings(&[]), BTreeSet::new());
}

#[test]
fn every_contradiction_is_found_and_nothing_else() {
    let wrong: Vec<_> = PLANTED
        .iter()
        .map(|(changes, code)| (code, findings(changes), changes))
        .filter(|(code, found, _)| *found != BTreeSet::from([**code]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_only_looks_like_one_is_left_alone() {
    let wrong: Vec<_> = CONSISTENT
        .iter()
        .map(|changes| (findings(changes), changes))
        .filter(|(found, _)| !found.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_value_that_is_not_read_whole_is_told_and_nothing_follows_from_it() {
    let wrong: Vec<_> = NOT_READ
        .iter()
        .map(|(changes, code)| (code, findings(changes), changes))
        .filter(|(code, found, _)| *found != BTreeSet::from([**code]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const NOT_READ: &[Case] = &[
    (&[("> 99.5%", ">= 0.9995")], "WH122"),
    (&[("> 99.5%", "> 99.95")], "WH122"),
    (&[("> 99.5%", "< 99.9%")], "WH122"),
    (&[("< 0.4%", "> 0.4%")], "WH122"),
    (&[("< 700ms p95", "< 700")], "WH122"),
    (&[("Every 30 seconds", "every -5 s")], "WH110"),
    (
        &[("\"timeout\": \"4s\"", "\"timeout\": \"4s or so\"")],
        "WH110",
    ),
    (&[("deadline 25s", "deadline 25 moments")], "WH110"),
    (
        &[("retry_on = [429, 503]", "retry_on = (429, 503)")],
        "WH503",
    ),
    (
        &[("retry_on = [429, 503]", "retry_on = [429, 500-504]")],
        "WH503",
    ),
    (
        &[("retry_on = [429, 503]", "retry_on = [\"429\", \"5xx\"]")],
        "WH503",
    ),
    (&[("(until 2028-02-28)", "(until 03/04/2028)")], "WH123"),
    (&[("(until 2028-02-28)", "(until 2028)")], "WH123"),
    (
        &[("2025-07-01 to 2027-06-30, yearly", "until 2027-02-30")],
        "WH123",
    ),
    (&[("Base: €47/month", "Base: €1.047/month")], "WH119"),
    (
        &[("https://stg.parcel.example", "https://-bad-.example")],
        "WH113",
    ),
    (
        &[(
            "- Type: API Key",
            "- Type: OAuth2\n- Token URL: https://-bad-.example/token",
        )],
        "WH113",
    ),
];

const PLANTED: &[Case] = &[
    (
        &[
            ("\"api_version\": \"v4\"", "\"api_version\": \"v4.0\""),
            ("Current: v4 (until", "Current: v4.1 (until"),
        ],
        "WH642",
    ),
    (
        &[(
            "- Migration deadline: 2027-11-30",
            "- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Canary 5% in preview",
        )],
        "WH662",
    ),
    (
        &[
            (
                "- Type: API Key",
                "- Type: OAuth2\n- Token URL: https://api.parcel.example/token\n- Grant: refresh_token",
            ),
            (
                "  location: FILE\n  path: keys/stg.txt",
                "  location: ENV_VARIABLES\n  variables: [PARCEL_STG_CLIENT_ID, PARCEL_STG_CLIENT_SECRET]",
            ),
        ],
        "WH213",
    ),
    // Found by sets of documents that were written without a look at the checks.
    (
        &[(
            "- Type: API Key",
            "- Type: JWT\n- Algorithm: HS256\n- Signing key: {api_key}\n- Claims: nbf=20m, exp=15m",
        )],
        "WH661",
    ),
    (
        &[(
            "deprecated: false",
            "deprecated: true\ndeprecated_date: 2025-02-20",
        )],
        "WH655",
    ),
    (
        &[(
            "- Projected monthly: €58",
            "- Projected monthly: €1,058\n- Budget: €1,009/month, hard",
        )],
        "WH660",
    ),
    (
        &[
            (
                "| 503 | Down | Retry + fallback |",
                "| 503 | Down | Retry + use cache |",
            ),
            (
                "- Cache: 12-hour local cache",
                "- Cache: none, as old places mislead",
            ),
        ],
        "WH630",
    ),
    (
        &[(
            "\"timeout\": \"4s\"",
            "\"timeout\": {\"production\": \"4s\", \"staging\": \"14s\"}",
        )],
        "WH607",
    ),
    (
        &[(
            "\"rate_limit\": [\"900/min\", \"100,000/day\"]",
            "\"rate_limit\": {\"production\": \"900/min\", \"staging\": \"7/s\"}",
        )],
        "WH641",
    ),
    (&[("max_retries = 2", "max_retries = 4")], "WH601"),
    (
        &[("retry_delays = [1, 3]", "retry_delays = [1, 3, 9, 27]")],
        "WH640",
    ),
    (
        &[
            ("\"retry_attempts\": 2", "\"retry_attempts\": 0"),
            ("max_retries = 2", "max_retries = 0"),
            ("retry_delays = [1, 3]  # seconds\n", ""),
        ],
        "WH640",
    ),
    (&[("300/min", "18/s")], "WH641"),
    (&[("6000/h", "60,000/hour")], "WH641"),
    (&[("6000/h", "120,000 requests per day")], "WH641"),
    (
        &[(
            "| 503 | Down | Retry + fallback |",
            "| 503 | Down | Fallback |",
        )],
        "WH603",
    ),
    (
        &[("retry_on = [429, 503]", "retry_on = [400, 429, 503]")],
        "WH603",
    ),
    (
        &[(
            "| 401 | Wrong key | Rotate key |",
            "| 401 | Wrong key | Backoff |",
        )],
        "WH604",
    ),
    (
        &[("retry_on = [429, 503]", "retry_on = [429, 502, 503]")],
        "WH605",
    ),
    (&[("Error rate: < 0.4%", "Error rate: < 0,8 %")], "WH606"),
    (
        &[("Error rate: < 0.4%", "Error rate: at most 9 of 1000 calls")],
        "WH606",
    ),
    (
        &[
            ("Availability: > 99.5%", "Availability: ≥ 99,8 %"),
            ("30 seconds", "10 seconds"),
            ("> 4 min", "> 1 min"),
        ],
        "WH606",
    ),
    (&[("deadline 25s", "deadline 15 seconds")], "WH607"),
    (&[("deadline 25s", "gives up after 12,5 s")], "WH607"),
    (&[("deadline 25s", "10s deadline")], "WH607"),
    (&[("| 6000/h | 5s |", "| 6000/h | 1 min |")], "WH607"),
    (
        &[("\"timeout\": \"4s\"", "\"timeout\": \"2 min\"")],
        "WH607",
    ),
    (
        &[("\"max_wait\": \"3s\"", "\"max_wait\": \"1m30s\"")],
        "WH607",
    ),
    (&[("< 700ms p95", "< 3000 ms")], "WH607"),
    (
        &[("Every 30 seconds", "Every 2 min"), ("> 4 min", "> 10 min")],
        "WH608",
    ),
    (
        &[
            (
                "Availability: > 99.5%",
                "Availability: > 99.997% per quarter",
            ),
            ("< 0.4%", "< 0.003%"),
        ],
        "WH608",
    ),
    (
        &[(
            "Migration deadline: 2027-11-30",
            "Migration deadline: 31.03.2028",
        )],
        "WH609",
    ),
    (
        &[("v5 (available 2027-03-01)", "v5 (available June 2028)")],
        "WH609",
    ),
    (
        &[(
            "Migration deadline: 2027-11-30",
            "Migration deadline: 2027-01-31",
        )],
        "WH609",
    ),
    (&[("cost: €564/year", "cost: €600/year")], "WH610"),
    (&[("cost: €564/year", "cost: €141/month")], "WH610"),
    (&[("cost: €564/year", "cost: $47/month")], "WH610"),
    (&[("cost: €564/year", "cost: €12 per week")], "WH610"),
    (&[("Base: €47/month", "Base: €160 per quarter")], "WH610"),
    (
        &[("2025-07-01 to 2027-06-30, yearly", "until 30. April 2026")],
        "WH620",
    ),
    (
        &[
            ("v4 (until 2028-02-28)", "v4, sunset 28.02.2026"),
            ("- Migration deadline: 2027-11-30\n", ""),
            ("- Next: v5 (available 2027-03-01)\n", ""),
        ],
        "WH620",
    ),
    (&[("rotated: 2026-05-02", "rotated: 2026-01-02")], "WH622"),
    (
        &[("\"api_version\": \"v4\"", "\"api_version\": \"v3\"")],
        "WH642",
    ),
    (&[("Next: v5", "Next: v3.9")], "WH642"),
    (
        &[
            ("\"api_version\": \"v4\"", "\"api_version\": \"5\""),
            ("Current: v4", "Current: v5"),
            ("Next: v5", "Next: v6"),
        ],
        "WH642",
    ),
    (
        &[(
            "Permissions: read and write parcels",
            "Permissions: read only, and nothing can be changed",
        )],
        "WH653",
    ),
    (
        &[(
            "1. Detect via monitoring",
            "1. Detect: the pager rings at the third missed probe",
        )],
        "WH658",
    ),
    (&[("rotation: 90_days", "rotation: 52_weeks")], "WH643"),
    (&[("Once a quarter, by", "Every 30 days, by")], "WH643"),
    (&[("Timeout: 4 seconds", "Timeout: 1 minute")], "WH644"),
    (
        &[("Projected monthly: €58", "Projected monthly: €39,50")],
        "WH645",
    ),
    (&[("61% of quota", "8,600 of 10,000 labels")], "WH646"),
    (
        &[
            ("environment: production", "environment: sandbox"),
            (
                "\"webhook_url\": \"https://hooks.shop.example/parcel\",",
                "",
            ),
        ],
        "WH647",
    ),
    (
        &[("\"cache_ttl\": \"10 min\"", "\"cache_ttl\": \"2 days\"")],
        "WH648",
    ),
    (&[("900ms", "9000 ms")], "WH649"),
    (
        &[(
            "3. Switch to fallback if > 4 min",
            "3. Switch to Parcelforce if > 4 min",
        )],
        "WH650",
    ),
    (
        &[(
            "3. Switch to fallback if > 4 min",
            "3. Shift all lookups to the desk of Quickpost after 4 min",
        )],
        "WH650",
    ),
    (
        &[
            (
                "Fallback: Postal mirror of the warehouse",
                "Fallback: post-office",
            ),
            (
                "3. Switch to fallback if > 4 min",
                "3. Fail over to `courier-api` after 4 min",
            ),
        ],
        "WH650",
    ),
    (&[("{timestamp}.{body}", "{body}")], "WH651"),
    (
        &[
            ("- Scheme: Generic\n", "- Scheme: Stripe\n"),
            ("- Header: X-Parcel-Signature\n", ""),
            ("HMAC-SHA256", "Ed25519"),
        ],
        "WH651",
    ),
    (&[("criticality: high", "criticality: low")], "WH652"),
    (&[("active: true", "active: false")], "WH652"),
    (
        &[("retry_on = [429, 503]", "retry_on = [401, 429, 503]")],
        "WH603",
    ),
    (&[("| POST | /v4/labels", "| POST | /v3/labels")], "WH642"),
    (
        &[(
            "- Header: X-Api-Key: {api_key}",
            "- Header: X-Api-Key: {api_key}\n- Header: X-Api-Version: v3",
        )],
        "WH642",
    ),
    (&[("Once a quarter, by", "Never, says")], "WH643"),
    (
        &[("read and write parcels", "read-only access to parcels")],
        "WH653",
    ),
    (
        &[(
            "- Type: API Key",
            "- Type: API Key\n- Token URL: https://auth.parcel.example/token",
        )],
        "WH654",
    ),
    (
        &[(
            "deprecated: false",
            "deprecated: false\nsuperseded_by: post-office",
        )],
        "WH655",
    ),
    (
        &[("deprecated: false", "deprecated_date: 2026-01-31")],
        "WH655",
    ),
    (
        &[("- Usage: < 75%", "- Uptime: > 99.9%\n- Usage: < 75%")],
        "WH656",
    ),
    (
        &[("- Usage: < 75%", "- Latency: < 400 ms p99\n- Usage: < 75%")],
        "WH656",
    ),
    (&[("Webhooks: enabled", "Webhooks: disabled")], "WH657"),
    (
        &[(
            "1. Detect via monitoring",
            "1. Detect via monitoring (2 failed probes)",
        )],
        "WH658",
    ),
    (
        &[(
            "https://hooks.shop.example/parcel",
            "https://api.parcel.example/hooks",
        )],
        "WH659",
    ),
    (&[("path: keys/try.txt", "path: ./keys/stg.txt")], "WH220"),
    (&[("path: keys/try.txt", "path: keys//stg.txt")], "WH220"),
    (
        &[(
            "https://stg.parcel.example",
            "https://abc.execute-api.example/prod",
        )],
        "WH222",
    ),
    (
        &[(
            "https://hooks.shop.example/parcel",
            "https://staging.shop.example/parcel",
        )],
        "WH222",
    ),
];

const CONSISTENT: &[&[(&str, &str)]] = &[
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Hand the mails to Anna in support",
    )],
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Hand everything over to Support",
    )],
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Shift load to Dublin",
    )],
    &[(
        "1. Detect via monitoring",
        "1. Detect via monitoring (the second failed probe opens a ticket)",
    )],
    &[(
        "1. Detect via monitoring",
        "1. Detect via monitoring, check the second probe by hand if 4 failed",
    )],
    &[(
        "Permissions: read and write parcels",
        "Permissions: read-only on users; not only reading: labels may be created",
    )],
    &[(
        "Permissions: read and write parcels",
        "Permissions: read-only for support; no approval is needed to create labels",
    )],
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Shift all lookups to the postal mirror after 4 min",
    )],
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Hand the pager to Ada after 4 min",
    )],
    &[(
        "Permissions: read and write parcels",
        "Permissions: parcels may be read and changed, labels only read",
    )],
    &[(
        "1. Detect via monitoring",
        "1. Detect: the pager rings at the fourth missed probe, two minutes after the last good one",
    )],
    &[
        (
            "Once a quarter, by the platform team",
            "Once a quarter, staging once a year",
        ),
        (
            "  location: FILE\n  path: keys/stg.txt",
            "  location: FILE\n  path: keys/stg.txt\n  rotation: 365_days",
        ),
    ],
    // Steps behind the block are for people.
    &[(
        "## Configuration\n",
        "Rotation, step by step:\n\n1. Make a key in the portal\n2. Store it, and restart\n\n## Configuration\n",
    )],
    &[
        ("\"api_version\": \"v4\"", "\"api_version\": \"v4.0\""),
        ("Next: v5", "Next: v4.1"),
    ],
    &[(
        "- Migration deadline: 2027-11-30",
        "- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Update SDK\n2. Test in STAGING\n3. Canary 5% in production",
    )],
    &[(
        "Once a quarter, by the platform team",
        "Quarterly: a second key takes over, the first goes",
    )],
    &[(
        "deprecated: false",
        "deprecated: false\ndeprecated_date: 2027-03-02",
    )],
    &[(
        "\"timeout\": \"4s\"",
        "\"timeout\": {\"production\": \"4s\", \"staging\": \"3s\"}",
    )],
    &[(
        "- Type: API Key",
        "- Type: JWT\n- Algorithm: HS256\n- Signing key: {api_key}\n- Claims: iat=-60s, nbf=0s, exp=15m",
    )],
    &[
        ("\"retry_attempts\": 2", "\"retry_attempts\": 3"),
        ("max_retries = 2", "max_retries = 3"),
        ("deadline 25s", "deadline 40s"),
    ],
    &[("300/min", "15/s")],
    &[("6000/h", "54,000/hour")],
    &[("8/s", "200/s")],
    &[("8/s", "480/min, 20/s")],
    &[(
        "| 503 | Down | Retry + fallback |",
        "| 5xx | Down | Retry + use cache |",
    )],
    &[(
        "| 400 | Bad request | Fail |",
        "| 429 quota_spent | No credit | Fail |",
    )],
    &[("Error rate: < 0.4%", "Error rate: ≤ 0,5 %")],
    &[("Error rate: < 0.4%", "Error rate: under 4 of 1000 calls")],
    &[("deadline 25s", "deadline 1m30s")],
    &[("deadline 25s", "gives up after 25000 ms")],
    &[("deadline 25s", "25 s deadline")],
    &[("Every 30 seconds", "Twice a minute")],
    &[("Every 30 seconds", "every 0,5 min")],
    &[(
        "Alert threshold: 4 failures",
        "Alert threshold: after four failures in a row",
    )],
    &[
        ("Every 30 seconds", "Every 5 min"),
        ("Availability: > 99.5%", "Availability: > 99.5% per month"),
    ],
    &[("< 700ms p95", "p99: < 2 s")],
    &[(
        "Migration deadline: 2027-11-30",
        "Migration deadline: 30. November 2027",
    )],
    &[("v4 (until 2028-02-28)", "v4 (bis 28.02.2028)")],
    &[("v4 (until 2028-02-28)", "v4 (until February 2028)")],
    &[("v4 (until 2028-02-28)", "version 4.0, sunset 2028-02-28")],
    &[("cost: €564/year", "cost: 141 EUR/quarter")],
    &[("cost: €564/year", "cost: 47,00 €/month")],
    &[("cost: €564/year", "cost: €11/week")],
    &[
        ("cost: €564/year", "cost: $51/month"),
        (
            "Base: €47/month",
            "Base: €47/month (billed in euro, about $51)",
        ),
    ],
    &[(
        "2025-07-01 to 2027-06-30, yearly",
        "since 2020-01-01, monthly",
    )],
    &[(
        "2025-07-01 to 2027-06-30, yearly",
        "signed 2024-05-01, ends 2027-06-30",
    )],
    &[(
        "2025-07-01 to 2027-06-30, yearly",
        "2024-05-01 – 2027-04-30",
    )],
    &[(
        "2025-07-01 to 2027-06-30, yearly",
        "monthly since 2020-01-01, no end",
    )],
    &[("\"api_version\": \"v4\"", "\"api_version\": \"4\"")],
    &[("\"api_version\": \"v4\"", "\"api_version\": \"2026-05-01\"")],
    &[("rotation: 90_days", "rotation: 13_weeks")],
    &[
        (
            "Once a quarter, by",
            "Every 90 days (staging every 30 days), by",
        ),
        (
            "path: keys/stg.txt",
            "path: keys/stg.txt\n  rotation: 30_days",
        ),
    ],
    &[("Timeout: 4 seconds", "Timeout: 30000 ms")],
    &[("Projected monthly: €58", "Projected monthly: €564/year")],
    &[("61% of quota", "about 7,000 of 10,000 labels")],
    &[("\"cache_ttl\": \"10 min\"", "\"cache_ttl\": \"720 min\"")],
    &[("900ms", "4000 ms")],
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Switch to the postal mirror if > 4 min",
    )],
    &[(
        "3. Switch to fallback if > 4 min",
        "3. Switch to read-only mode if > 4 min",
    )],
    &[("criticality: high", "criticality: medium")],
    &[(
        "read and write parcels",
        "read-only for reports, write for labels",
    )],
    &[("deprecated: false", "deprecated_date: 2027-01-31")],
    &[("- Usage: < 75%", "- Latency: < 2 s p99\n- Usage: < 75%")],
    &[(
        "1. Detect via monitoring",
        "1. Detect via monitoring (four failures, within 2 min)",
    )],
    &[
        (
            "| Sandbox | https://try.parcel.example |",
            "| Pre-production | https://preprod.parcel.example |",
        ),
        ("sandbox:\n", "pre-production:\n"),
    ],
    &[(
        "https://stg.parcel.example",
        "https://stg.parcel.example/live-map",
    )],
];
