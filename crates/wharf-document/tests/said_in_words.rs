//! Contradictions between a value and what a document says in its own words, planted into one
//! consistent document, and remarks that only look like some.

mod support;

use std::collections::BTreeSet;

use support::{changed, codes_on};

const BASE: &str = include_str!("contradictions/words.md");

/// What is written instead of what.
type Changes = &'static [(&'static str, &'static str)];

const TABLE: &str = "Remark on the table.";
const HOOKS: &str = "Remark on webhooks.";
const STEP: &str = "Look into the queue";
const TIP: &str = "- Ports: They are sorted by name.";
const ISSUE: &str = "- Fog: Sailings are late.";
const SECRET: &str = "1. Ask for it in the portal.";

fn findings(changes: &[(&str, &str)]) -> BTreeSet<&'static str> {
    codes_on(&changed(BASE, changes), "2026-06-15T12:00:00Z")
}

/// Every change of `planted` has the finding and nothing else; no change of `consistent` has one.
fn hold(code: &'static str, planted: &[Changes], consistent: &[Changes]) {
    let expected = BTreeSet::from([code]);
    let missed: Vec<_> = planted
        .iter()
        .map(|changes| (findings(changes), changes))
        .filter(|(found, _)| *found != expected)
        .collect();
    let falsely: Vec<_> = consistent
        .iter()
        .map(|changes| (findings(changes), changes))
        .filter(|(found, _)| !found.is_empty())
        .collect();
    assert!(
        missed.is_empty() && falsely.is_empty(),
        "{code}: {missed:#?} {falsely:#?}"
    );
}

#[test]
fn the_document_is_consistent() {
    assert_eq!(findings(&[]), BTreeSet::new());
}

#[test]
fn another_version_that_is_told_of_is_none() {
    const OLD: &str = "/v2/bookings/{id}";
    hold(
        "WH642",
        &[
            &[(OLD, "/v1/bookings/{id}")],
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "Sailings were on v1 once."),
            ],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/vnd.quay+json; version=3",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/vnd.quay.v1+json",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Content-Type: application/json;v=1",
            )],
        ],
        &[
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "Cancelling a booking is still v1."),
            ],
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "`DELETE /v1/bookings/{id}` has no successor yet."),
            ],
            &[
                (OLD, "/v1/bookings/{id}"),
                (
                    TIP,
                    "- Versions: v2 in general, v1 for what cancels bookings.",
                ),
            ],
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "> Some calls stay on v1 until autumn."),
            ],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/vnd.quay+json; version=2",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/json;q=0.9",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Content-Type: application/vnd.quay.v2+json",
            )],
        ],
    );
}

#[test]
fn a_call_that_the_table_does_not_list() {
    const ALL: (&str, &str) = (TABLE, "These are all the operations that we use.");
    hold(
        "WH677",
        &[
            &[ALL, (STEP, "Ask `GET /v2/queue` how long it is")],
            &[
                (TABLE, "No other endpoint is called."),
                (STEP, "Run `curl -s https://api.quayside.example/v2/ping`"),
            ],
            &[
                (TABLE, "This list is complete."),
                (STEP, "Empty the queue with `PUT /v2/sailings`"),
            ],
            &[
                (TABLE, "The table holds every call we make."),
                (
                    "- Endpoint: GET /v2/sailings\n",
                    "- Endpoint: GET /v2/status\n",
                ),
            ],
            &[
                (TABLE, "We call only these endpoints."),
                (STEP, "See `HEAD /v2/alive`"),
            ],
            &[(STEP, "`wharf call quayside GET /v2/alive`")],
            &[
                ALL,
                (TIP, TIP),
                (
                    STEP,
                    "Look\n\n   ```sh\n   curl -X POST \"https://api.quayside.example/v2/reset\"\n   ```",
                ),
            ],
        ],
        &[
            &[
                ALL,
                (
                    STEP,
                    "Cancel by hand: `DELETE https://api.quayside.example/v2/bookings/B-77`",
                ),
            ],
            &[(STEP, "Ask `GET /v2/queue` how long it is")],
            &[
                (TABLE, "These are most of the operations that we use."),
                (STEP, "Ask `GET /v2/queue`"),
            ],
            &[
                ALL,
                (STEP, "Ask `GET https://status.other.example/v2/queue`"),
            ],
            &[ALL, (STEP, "Never call `DELETE /v2/sailings`")],
            &[
                ALL,
                (STEP, "See `GET /v2/bookings/{number}`"),
                (
                    "| Cancel booking | DELETE |",
                    "| Cancel booking | DELETE, GET |",
                ),
            ],
            &[
                (
                    TABLE,
                    "These are all the operations that we use. `GET /v2/queue` is for people alone.",
                ),
                (STEP, "Ask `GET /v2/queue` how long it is"),
            ],
            &[
                (TABLE, "All of these calls are cheap."),
                (STEP, "Ask `GET /v2/queue`"),
            ],
            &[ALL, (STEP, "Send `POST /in/quay` to ourselves")],
            &[
                ALL,
                (
                    STEP,
                    "See `GET /v2/sailings?day=today` and `HEAD /v2/sailings/5`",
                ),
            ],
        ],
    );
}

#[test]
fn a_probe_that_waits_for_another_status() {
    hold(
        "WH678",
        &[
            &[("- Expect: 200", "- Expect: 202")],
            &[("- Expect: 200", "- Expect: 204")],
            &[
                ("Scope | Success |", "Scope | Notes |"),
                (
                    "| 120/min | 20 min | sailings:read | 200 |\n| Get",
                    "| 120/min | 20 min | sailings:read | - |\n| Get",
                ),
                (TABLE, "Find sailing answers with 206."),
            ],
            &[
                ("Scope | Success |", "Scope | Notes |"),
                (
                    TABLE,
                    "### Answers\n- Find sailing, Get sailing: 203 Copied\n- Book place: 201",
                ),
            ],
            &[
                ("Scope | Success |", "Scope | Notes |"),
                (TABLE, "`GET /v2/sailings` returns 206."),
            ],
        ],
        &[
            &[("- Expect: 200", "- Expect: 2xx")],
            &[("- Expect: 200", "- Expect: 200, 204")],
            &[("- Expect: 200", "- Expect: 401")],
            &[
                (
                    "| 120/min | 20 min | sailings:read | 200 |\n| Get",
                    "| 120/min | 20 min | sailings:read | 200, 206 |\n| Get",
                ),
                ("- Expect: 200", "- Expect: 206"),
            ],
            &[(
                TABLE,
                "Get sailing answers with 206 where a part is asked for.",
            )],
            &[(
                TABLE,
                "### Page sizes\n- Find sailing: at most 204 in one page",
            )],
            &[(TABLE, "Book place returns 202.")],
        ],
    );
}

#[test]
fn a_scope_that_is_not_asked_for() {
    const SCOPES: &str = "sailings:read bookings:write";
    hold(
        "WH679",
        &[
            &[(SCOPES, "sailings:read")],
            &[(SCOPES, "sailings:read, bookings:read")],
            &[
                ("| Cache | Scope |", "| Cache | OAuth scopes |"),
                (
                    "sailings:read | 200 |\n| Book",
                    "sailings:read, ports:read | 200 |\n| Book",
                ),
            ],
            &[
                ("| Cache | Scope |", "| Cache | Required permission |"),
                ("bookings:write | 204", "bookings:delete | 204"),
            ],
        ],
        &[
            &[(
                "bookings:write | 204",
                "bookings:delete or bookings:write | 204",
            )],
            &[(SCOPES, "sailings bookings:write")],
            &[(SCOPES, "sailings:read bookings:*")],
            &[(SCOPES, "sailings:read bookings:admin")],
            &[
                (SCOPES, "bookings:write"),
                ("ours alone", "bookings:write covers sailings:read"),
            ],
            &[
                (SCOPES, "bookings:write"),
                (TABLE, "`sailings:read` comes with every token."),
            ],
            &[("bookings:write | 204", "- | 204")],
            &[
                ("| Cache | Scope |", "| Cache | Permission |"),
                (SCOPES, "full access"),
            ],
        ],
    );
}

#[test]
fn a_variable_that_is_not_stored() {
    hold(
        "WH680",
        &[
            &[(
                "- Rotation: Every 90 days",
                "- Rotation: Every 90 days, written to `QUAY_SECRET`",
            )],
            &[(
                SECRET,
                "1. Ask for it in the portal.\n2. Store it as QUAY_OAUTH_SECRET and restart.",
            )],
            &[(
                SECRET,
                "1. Set `QUAY_CLIENT_ID` and `QUAY_CLIENT_KEY` to what it shows.",
            )],
            &[(
                STEP,
                "If the secret leaked, put the new key into `QUAY_APP_SECRET`",
            )],
        ],
        &[
            &[(SECRET, "1. Store it as QUAY_CLIENT_SECRET.")],
            &[(SECRET, "1. Put it into `QUAY_HOOK_SECRET`.")],
            &[(
                SECRET,
                "1. Put it into `QUAY_CLIENT_SECRET`, then delete `QUAY_OLD_SECRET`.",
            )],
            &[(SECRET, "1. Put it into `DEPLOY_TARGET_ENV`.")],
            &[
                (SECRET, "1. Set `QUAY_PROFILE_ID` for the tool."),
                (
                    TIP,
                    "- Tool: It reads QUAY_PROFILE_ID where we say QUAY_CLIENT_ID.",
                ),
            ],
            &[(SECRET, "1. Copy it from `QUAY_VAULT_ITEM`.")],
        ],
    );
}

#[test]
fn the_header_of_a_signature() {
    hold(
        "WH681",
        &[
            &[(HOOKS, "The signature is in `X-Quay-Auth`.")],
            &[(HOOKS, "1. Read `Quay-Hmac`.\n2. Compare.")],
            &[(TIP, "- Webhooks: log `Quay-Sig` when a check fails.")],
            &[(
                HOOKS,
                "| Step | What |\n|---|---|\n| 1 | Read |\n\nHandlers take Quay-Body-Signature and compare it.",
            )],
        ],
        &[
            &[(
                HOOKS,
                "The signature is in `quay-signature`, the time in `Quay-Time`.",
            )],
            &[(HOOKS, "`Quay-Signature-Old` comes as well, for older apps.")],
            &[(HOOKS, "The HMAC-SHA256 is compared in constant time.")],
            &[(HOOKS, "`X-Quay-Delivery-Id` tells deliveries apart.")],
            &[(HOOKS, "Until 2025 the signature was in `X-Quay-Hmac`.")],
            &[(
                HOOKS,
                "What we send to partners carries `X-Shop-Signature`, which we sign.",
            )],
            &[(TIP, "- Exports: they carry `X-Content-Digest`.")],
        ],
    );
}

#[test]
fn events_that_are_forgotten_too_early() {
    hold(
        "WH682",
        &[
            &[(
                TIP,
                "- Twice: The vendor sends an event again for up to two days\n- Receiver: An event is taken once; an id is forgotten after six hours",
            )],
            &[(HOOKS, "We remember event ids for 2 minutes.")],
            &[(HOOKS, "Ids are stored 300 s in memory.")],
            &[(
                HOOKS,
                "Nonces are held for half an hour; the vendor retries for up to 6 hours.",
            )],
            &[(
                TIP,
                "- Event ids: deliveries are deduplicated for one minute.",
            )],
            &[(
                HOOKS,
                "Event ids are kept for 1 day, and the vendor tries again for 3 days.",
            )],
        ],
        &[
            &[(
                TIP,
                "- Fog: We forget a berth id after 2 minutes. Events of a berth come again for 3 days.",
            )],
            &[(
                TIP,
                "- Twice: The vendor sends an event again for up to two days\n- Receiver: An event is taken once; an id is forgotten after a week",
            )],
            &[(
                TIP,
                "- Twice: The vendor sends an event again for up to two days\n- Log: the ids of travellers are forgotten after six hours",
            )],
            &[(HOOKS, "We remember event ids for 360 s.")],
            &[(
                HOOKS,
                "We remember event ids for a week, since events are repeated for up to 3 days.",
            )],
            &[(
                HOOKS,
                "Event ids are kept for 1 day; what comes later is idempotent.",
            )],
            &[(
                HOOKS,
                "The vendor sends again every 2 minutes for 1 day. Ids are kept for 2 days.",
            )],
            &[(HOOKS, "Handlers answer within 5 seconds.")],
            &[(
                HOOKS,
                "On trial, where nothing is kept for long, test ids are kept for 1 minute.",
            )],
        ],
    );
}

#[test]
fn a_rate_that_is_more_than_prose_allows() {
    hold(
        "WH683",
        &[
            &[
                (
                    "| Find sailing | GET | /v2/sailings |",
                    "| Search | GET | /v2/sailings |",
                ),
                (TABLE, "The vendor lets us make 90 searches a minute."),
            ],
            &[(
                TABLE,
                "Quayside allows 60 requests per minute to find a sailing.",
            )],
            &[(TABLE, "Find sailing: 100/min, book place: 5/s.")],
            &[(TABLE, "Each call may be made 90 times a minute.")],
            &[(
                ISSUE,
                "- Speed: at most 3 requests per second for `POST /v2/bookings`, which is Book place.",
            )],
            &[(
                TABLE,
                "For get sailing and find sailing 80 calls every minute are taken.",
            )],
            &[
                (
                    "\"max_wait\": \"2s\"",
                    "\"max_wait\": \"2s\", \"rate_limit\": \"60000/h\"",
                ),
                (TABLE, "All calls together: 50,000 requests per hour."),
            ],
        ],
        &[
            &[
                (
                    "| Find sailing | GET | /v2/sailings |",
                    "| Search | GET | /v2/sailings |",
                ),
                (TABLE, "The vendor lets us make 900 searches a minute."),
            ],
            &[(TABLE, "The vendor lets us make 90 searches a minute.")],
            &[(
                TABLE,
                "Find sailing takes 120 requests a minute, and book place 300 a minute.",
            )],
            &[(
                TABLE,
                "The vendor allows 400 requests a minute to find a sailing.",
            )],
            &[(TABLE, "Find sailing: 2 requests per second.")],
            &[(
                TABLE,
                "In the free plan, find sailing is limited to 10 requests a minute.",
            )],
            &[(TABLE, "A user may book place 1 time a minute.")],
            &[(ISSUE, "- Desk: It prints 30 tickets a minute.")],
            &[(
                TABLE,
                "Find sailing, get sailing: 120/min; cancel booking and book place 5 a second.",
            )],
        ],
    );
}

#[test]
fn an_example_with_another_limit() {
    const VALUE: &str = "{\"most\": 5, \"wait\"";
    hold(
        "WH684",
        &[
            &[(VALUE, "{\"most\": 7, \"wait\"")],
            &[(VALUE, "{\"most\": \"80\", \"wait\"")],
            &[(VALUE, "{\"most\": 1000, \"wait\"")],
        ],
        &[
            &[(VALUE, "{\"most\": 300, \"wait\"")],
            &[(VALUE, "{\"most\": 2, \"wait\"")],
            &[(VALUE, "{\"most\": null, \"wait\"")],
            &[("- /limits/most: limit", "- /limits/wait: limit, seats")],
            &[(VALUE, "{\"least\": 7, \"wait\"")],
        ],
    );
}

#[test]
fn a_page_that_is_too_large() {
    hold(
        "WH685",
        &[
            &[
                (TABLE, "Find sailing gives up to 40 sailings per page."),
                (TIP, "- All: `GET /v2/sailings?page_size=50`"),
            ],
            &[
                (TABLE, "One answer holds 25 at most."),
                (TIP, "- All: `GET /v2/sailings?day=1&limit=100&page=2`"),
            ],
            &[
                (ISSUE, "- Paging: the page size is limited, max 1,000."),
                (
                    TIP,
                    "- All: `curl 'https://api.quayside.example/v2/sailings?perPage=5000'`",
                ),
            ],
            &[
                (TABLE, "### Page sizes\n- Find sailing: maximum 10"),
                (STEP, "Look at `GET /v2/sailings?first=20`"),
            ],
        ],
        &[
            &[
                (TABLE, "Find sailing gives up to 40 sailings per page."),
                (TIP, "- All: `GET /v2/sailings?page_size=40&offset=200`"),
            ],
            &[
                (TABLE, "Get sailing gives up to 40 stops per page."),
                (TIP, "- All: `GET /v2/sailings?limit=90`"),
            ],
            &[
                (TABLE, "One answer holds 25 at most."),
                (TIP, "- Refused: `GET /v2/sailings?limit=100` is an error."),
            ],
            &[
                (
                    TABLE,
                    "One answer holds 25 at most, find sailing up to 200 in one answer.",
                ),
                (TIP, "- All: `GET /v2/sailings?seats=100`"),
            ],
            &[
                (TABLE, "A booking has up to 9 seats."),
                (TIP, "- All: `GET /v2/sailings?limit=100`"),
            ],
        ],
    );
}

#[test]
fn a_body_that_is_too_large() {
    hold(
        "WH686",
        &[
            &[(TIP, "- Import: our nightly upload is 3 MB in one request.")],
            &[(
                TABLE,
                "The largest body is 500 kB. We send batches of up to 0.6 MB.",
            )],
            &[(
                TABLE,
                "### Sizes\n- Payload: the vendor accepts 64 KiB\n- Batch of ours: 100,000 bytes",
            )],
        ],
        &[
            &[(
                TIP,
                "- Import: our nightly upload is 1.9 MB in one request.",
            )],
            &[(TIP, "- Import: our nightly upload of 30 MB goes in chunks.")],
            &[(
                TABLE,
                "The largest body is 1 MiB. We send batches of 1,048,576 bytes.",
            )],
            &[(TIP, "- Disk: our archive takes 40 GB.")],
            &[(TABLE, "The vendor refuses a body of more than 3 MB.")],
        ],
    );
}

#[test]
fn a_cache_that_is_kept_for_too_long() {
    const METRIC: &str = "- Availability: > 99.5%";
    hold(
        "WH687",
        &[
            &[(METRIC, "- Availability: > 99.5%\n- Staleness: < 15 min")],
            &[(
                METRIC,
                "- Availability: > 99.5%\n- Freshness: < 10 min of find sailing",
            )],
            &[(TABLE, "No sailing that we show is older than 5 minutes.")],
            &[(
                "- Purpose: Places on ferries",
                "- Purpose: Places on ferries, never older than 600 s",
            )],
            &[(TABLE, "Answers may be at most 2 minutes old.")],
        ],
        &[
            &[(METRIC, "- Availability: > 99.5%\n- Staleness: < 1200 s")],
            &[(
                METRIC,
                "- Availability: > 99.5%\n- Freshness: < 10 min of book place",
            )],
            &[(
                METRIC,
                "- Availability: > 99.5%\n- Freshness: < 5 min for the board at the quay",
            )],
            &[(TABLE, "No sailing that we show is older than half an hour.")],
            &[(TIP, "- Logs: none is older than 1 minute.")],
            &[(METRIC, "- Availability: > 99.5%\n- Freshness: > 5 min")],
        ],
    );
}

#[test]
fn another_owner() {
    hold(
        "WH688",
        &[
            &[(TIP, "- This page belongs to the Lighthouse crew")],
            &[(TIP, "- This integration is looked after by Team Tide.")],
            &[("4. Notify stakeholders", "4. Notify the owner, Team Ferry")],
            &[(
                "4. Notify stakeholders",
                "4. Page the on-call team: Day Desk",
            )],
            &[(
                TIP,
                "- Questions: The integration is owned by Team Booking.",
            )],
            &[(STEP, "Ask the owner (Platform Crew) what to do")],
        ],
        &[
            &[(TIP, "- This page belongs to Quayside's docs.")],
            &[(TIP, "- This service is run by Quayside AB.")],
            &[(TIP, "- This integration belongs to Checkout.")],
            &[(TIP, "- This page belongs to the Harbour team")],
            &[(
                TIP,
                "- The berths belong to the Port Authority, and it is run by Oldport",
            )],
            &[(
                "4. Notify stakeholders",
                "4. Notify the owner, Harbour Team",
            )],
            &[("4. Notify stakeholders", "4. Notify the owner in #quay")],
            &[
                (
                    "- Owner: Team Harbour",
                    "- Owner: Team Harbour (formerly Team Ferry)",
                ),
                ("4. Notify stakeholders", "4. Notify the owner (Team Ferry)"),
            ],
            &[(TIP, "- Questions: Team Booking was the owner until May.")],
            &[(STEP, "Ask the owner of the account (Ms Lind)")],
            &[("4. Notify stakeholders", "4. Page the on-call: Night Desk")],
        ],
    );
}

#[test]
fn a_fallback_that_is_not_there() {
    const FEATURE: &str = "- Seat maps: enabled - shown in the app";
    hold(
        "WH689",
        &[
            &[(FEATURE, "- Timetable copy: disabled - Oldport is too dear")],
            &[(ISSUE, "- Oldport: The copy at Oldport is empty.")],
            &[(TIP, "- Savings: Oldport was switched off in May.")],
        ],
        &[
            &[(
                FEATURE,
                "- Timetable copy: enabled - Oldport has it each night",
            )],
            &[(FEATURE, "- Seat maps: disabled - Oldport has none")],
            &[(ISSUE, "- Oldport: The copy is empty until the first night.")],
            &[(ISSUE, "- Newport: The quay at Newport is empty.")],
            &[(
                ISSUE,
                "- Oldport: In the test environment the copy is empty.",
            )],
        ],
    );
}
