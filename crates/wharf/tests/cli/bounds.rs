//! Bounds that pages tell are those of the code.

use wharf_console::wire::USER_LIMIT_BYTES;
use wharf_policy::procedure::{LONGEST_WAIT, MOST_ATTEMPTS, MOST_STEPS};
use wharf_policy::sealed::{SECRET_SIZE_LIMIT_BYTES, SecretName};
use wharf_store::{
    AUDIT_COUNT_LIMIT, AUDIT_PAGE_LIMIT, AUDIT_TEXT_LIMIT_BYTES, BATCH_LIMIT_BYTES,
    CALL_LIMIT_BYTES, CALLER_COUNT_LIMIT, DATABASE_WAITING_LIMIT, DEDUPE_WINDOW,
    ENDED_RUN_COUNT_LIMIT, EXCEPTION_LIMIT, EXCEPTION_RESERVE, EXCEPTION_TOTAL_LIMIT,
    HANDLER_LIMIT, HANDLER_TOTAL_LIMIT, HISTORY_LIMIT, LIVE_RUN_COUNT_LIMIT, NOTICE_COUNT_LIMIT,
    NOTICE_COUNT_LIMIT_OF_ONE, RESEAL_COUNT_LIMIT, SEALED_COUNT_LIMIT, SHARED_LANE_COUNT,
};
use wharf_workspace::settings::KEY_COUNT_LIMIT;

const README: &str = include_str!("../../../../README.md");
const ARCHITECTURE: &str = include_str!("../../../../ARCHITECTURE.md");
const CHANGELOG: &str = include_str!("../../../../CHANGELOG.md");
const NOTICES: &str = include_str!("../../../../docs/notices.md");
const KEYS: &str = include_str!("../../../../docs/store-keys.md");
const STORE: &str = include_str!("../../../../docs/store.md");
const API: &str = include_str!("../../../../docs/control-api.md");

/// A number as pages write it: `10,000`.
fn written(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().ok().unwrap().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn assert_told(page: &str, sentences: &[String]) {
    for sentence in sentences {
        assert!(page.contains(sentence), "no page says: {sentence}");
    }
}

#[test]
fn pages_write_numbers_in_groups_of_three() {
    for (number, text) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (1_234_567, "1,234,567"),
    ] {
        assert_eq!(written(number), text);
    }
}

#[test]
fn the_readme_tells_the_bounds_of_what_is_kept() {
    let of_one = written(NOTICE_COUNT_LIMIT_OF_ONE);
    let (notices, records) = (written(NOTICE_COUNT_LIMIT), written(AUDIT_COUNT_LIMIT));
    assert_told(
        README,
        &[
            format!("| callers | {} |", written(CALLER_COUNT_LIMIT)),
            format!("| notices | {notices}, {of_one} about one integration, 90 days |"),
            format!(
                "| audit records | the newest {records}, each text up to {AUDIT_TEXT_LIMIT_BYTES} \
                 bytes |"
            ),
        ],
    );
}

#[test]
fn the_page_of_notices_tells_their_bounds_and_those_of_procedures() {
    let of_one = written(NOTICE_COUNT_LIMIT_OF_ONE);
    let notices = written(NOTICE_COUNT_LIMIT);
    let (live, ended) = (
        written(LIVE_RUN_COUNT_LIMIT),
        written(ENDED_RUN_COUNT_LIMIT),
    );
    let days = LONGEST_WAIT.as_secs() / (24 * 3_600);
    assert_told(
        NOTICES,
        &[
            format!("**Bounds**: {notices} notices, {of_one} about one integration"),
            format!("| runs under way | {live};"),
            format!("| steps of a run | {MOST_STEPS} |"),
            format!("| attempts of a step | {};", written(MOST_ATTEMPTS)),
            format!("| a step's wait | {days} days |"),
            format!("| a history | {HISTORY_LIMIT} entries:"),
            format!("| runs that have ended | {ended}, and 400 days;"),
        ],
    );
}

#[test]
fn the_page_of_keys_tells_their_bounds() {
    let secret = SECRET_SIZE_LIMIT_BYTES / 1024;
    assert_told(
        KEYS,
        &[
            format!("| stored secrets | {} |", written(SEALED_COUNT_LIMIT)),
            format!("| a secret | {secret} KiB |"),
            format!(
                "n is its length, 0 to {} |",
                written(SECRET_SIZE_LIMIT_BYTES)
            ),
            format!("| a name | {} bytes |", SecretName::LENGTH_LIMIT_BYTES),
            format!("| `old_keys` | {KEY_COUNT_LIMIT} |"),
            format!("seals in one transaction | {RESEAL_COUNT_LIMIT} |"),
        ],
    );
}

#[test]
fn the_page_of_the_control_api_tells_its_bounds() {
    let (page, records) = (written(AUDIT_PAGE_LIMIT), written(AUDIT_COUNT_LIMIT));
    assert_told(
        API,
        &[
            format!("`limit` is how many, from 1 to {page},"),
            format!(
                "The newest {records} are kept, each text up to {AUDIT_TEXT_LIMIT_BYTES} bytes."
            ),
            format!("who asks, 1 to {USER_LIMIT_BYTES} characters of ASCII"),
        ],
    );
}

#[test]
fn what_is_told_of_the_log_of_events_is_so() {
    assert_eq!(DEDUPE_WINDOW.as_secs(), 4 * 24 * 3_600);
    assert_told(
        CHANGELOG,
        &["told from duplicates for four days".to_owned()],
    );
    assert_told(
        ARCHITECTURE,
        &[format!(
            "{SHARED_LANE_COUNT} lanes are shared by all who append"
        )],
    );
}

#[test]
fn the_page_of_the_state_folder_tells_its_bounds() {
    let (batch, call) = (BATCH_LIMIT_BYTES / (1024 * 1024), CALL_LIMIT_BYTES / 1024);
    let (handlers, all_handlers) = (written(HANDLER_LIMIT), written(HANDLER_TOTAL_LIMIT));
    let (beside, all_beside) = (written(EXCEPTION_LIMIT), written(EXCEPTION_TOTAL_LIMIT));
    assert_told(
        STORE,
        &[
            format!("one batch, at most {batch} MiB"),
            format!("{handlers} in a lane, {all_handlers} in all lanes"),
            format!(
                "{beside} a handler in one lane, and {all_beside} in all beyond the \
                 {EXCEPTION_RESERVE} that each has for itself"
            ),
            format!("each record up to {call} KiB"),
            format!(
                "and questions | {} of each.",
                written(DATABASE_WAITING_LIMIT)
            ),
        ],
    );
}
