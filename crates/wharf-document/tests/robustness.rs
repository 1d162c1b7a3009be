//! Damaged, foreign and huge texts: read, cut into pieces and laid out without a panic, in time.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a skipped test says so, and a helper of tests fails the test"
)]

mod support;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use rustix::time::{ClockId, clock_gettime};
use wharf_diag::{Colour, Hidden};

use support::mutate::mutated;
use support::survive::{lays_out, loads, round_trips, survives};
use support::{FRONTMATTER, cases, catalog, template};

/// Documents to damage: the template, the spec and the catalog.
fn documents() -> Vec<String> {
    let spec = cases().into_iter().map(|case| case.document);
    let catalog = catalog().into_iter().map(|(_, text)| text);
    template().into_iter().chain(catalog).chain(spec).collect()
}

// Ten thousand in all, in two halves that run side by side.
#[test]
fn five_thousand_damaged_documents_are_survived() {
    survive_damage(0..5_000);
}

#[test]
fn five_thousand_other_damaged_documents_are_survived() {
    survive_damage(5_000..10_000);
}

/// Numbers that calendars, clocks and counters cannot hold, and those beside what they can.
const OUTSIZE: [&str; 9] = [
    "0",
    "7304485",
    "99999999",
    "2147483648",
    "4294967296",
    "8589934592",
    "9223372036854775807",
    "18446744073709551616",
    "1e300",
];

#[test]
fn numbers_of_any_size_are_survived() {
    for unit in ["days", "weeks", "months", "quarters", "years"] {
        for number in OUTSIZE {
            let text = format!(
                "{FRONTMATTER}## Service Details\n\n### Overview\n- Contract: 2027-03-31, yearly\n- Notice: {number} {unit} before the end of the contract, last day 2027-02-28\n"
            );
            let outcome = std::panic::catch_unwind(|| loads(&text));
            assert!(outcome.is_ok(), "{number} {unit}");
        }
    }
    let documents = documents();
    for seed in 0..3_000 {
        let mut random = Rng::with_seed(seed);
        let document = &documents[random.usize(..documents.len())];
        let Some((range, number)) = number_in(document, &mut random) else {
            continue;
        };
        let mut text = document.clone();
        text.replace_range(range, number);
        let outcome = std::panic::catch_unwind(|| loads(&text));
        assert!(outcome.is_ok(), "seed {seed}: {number}");
    }
}

/// One of a text's numbers, and what to write in its place.
fn number_in(text: &str, random: &mut Rng) -> Option<(Range<usize>, &'static str)> {
    let digits = text.match_indices(|c: char| c.is_ascii_digit());
    let mut numbers: Vec<Range<usize>> = Vec::new();
    for (at, _) in digits {
        match numbers.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + 1,
            None => numbers.push(at..at + 1),
        }
    }
    Some((random.choice(numbers)?, random.choice(OUTSIZE)?))
}

fn survive_damage(seeds: Range<u64>) {
    let documents = documents();
    for seed in seeds {
        let mut random = Rng::with_seed(seed);
        let document = &documents[random.usize(..documents.len())];
        let text = mutated(document, &mut random);
        let outcome = std::panic::catch_unwind(|| {
            if seed % 10 == 0 {
                survives(&text);
                return;
            }
            let loaded = loads(&text);
            round_trips(&text);
            lays_out(&text, &loaded);
        });
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[test]
fn the_catalog_the_spec_and_the_template_are_laid_out_without_a_change_of_meaning() {
    for document in documents() {
        survives(&document);
        survives(&document.replace('\n', "\r\n"));
        survives(&format!("\u{feff}{document}"));
    }
}

#[test]
fn every_example_of_commonmark_is_survived() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("tests/clients/node_modules/commonmark-spec/spec.txt");
    let Ok(spec) = fs::read_to_string(path) else {
        println!("skipped: `npm ci` in tests/clients gets CommonMark's examples");
        return;
    };
    let fence = format!("{} example", "`".repeat(32));
    let mut examples = spec.split(&fence);
    examples.next();
    let mut count = 0;
    for example in examples {
        let (_, text) = example.split_once('\n').unwrap();
        let end = text.find("\n.\n").map_or(0, |end| end + 1);
        let markdown = text[..end].replace('→', "\t");
        survives(&format!("{FRONTMATTER}{markdown}"));
        survives(&format!("{FRONTMATTER}## API Endpoints\n\n{markdown}"));
        survives(&markdown);
        count += 1;
    }
    assert!(count > 600, "{count} examples");
}

/// A quarter of a megabyte made of one piece repeated, below what makes it be read.
fn large(head: &str, piece: &str) -> String {
    let count = 250_000 / piece.len();
    format!("{FRONTMATTER}{head}{}", piece.repeat(count))
}

/// The time that this thread has worked. Other work of the machine does not count.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap()
}

/// How long some work takes, and what comes of it.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = worked();
    let result = work();
    (worked().saturating_sub(start), result)
}

/// Reads a text in every way, and tells when it takes much longer than its length explains.
fn in_time(name: &str, text: &str, most: Duration) {
    let (load, loaded) = timed(|| loads(text));
    let (cut, ()) = timed(|| round_trips(text));
    let (layout, edits) = timed(|| wharf_document::format(text));
    let found = &loaded.diagnostics;
    let (show, shown) = timed(|| wharf_diag::to_text(found, &Hidden::of(found), Colour::Never));
    println!(
        "{name}: load {load:.1?} ({} findings), outline {cut:.1?}, layout {layout:.1?} ({} edits), shown {show:.1?} ({} bytes)",
        found.len() + loaded.left_out,
        edits.len(),
        shown.len(),
    );
    let all = load + cut + layout + show;
    assert!(all < most, "{name} took {all:?}");
}

#[test]
fn ten_megabytes_are_read_in_time() {
    let catalog = catalog();
    let mut text = String::new();
    for (_, document) in catalog.iter().cycle() {
        if text.len() > 10_000_000 {
            break;
        }
        // Only the first frontmatter is one.
        text.push_str(document);
    }
    // A few seconds. What grows with the square of the length takes minutes.
    in_time("the catalog over and over", &text, Duration::from_secs(40));
}

#[test]
fn time_grows_with_the_number_of_links_and_marks_in_one_text() {
    let responses = "## Error Handling\n\n### Common Errors\n\n| Error Code | Meaning | Response | When |\n|---|---|---|---|\n| 429 | x | ";
    let operation = "## API Endpoints\n\n| Operation | Endpoint | Method | Rate Limit |\n|---|---|---|---|\n| a | ";
    let item = "## Authentication\n\n### Method\n- ";
    for (name, head, piece) in [
        ("links", format!("{item}Note: "), "[a](b) "),
        ("links in prose", "## Notes\n\n".to_owned(), "[a](b) "),
        ("autolinks", format!("{item}Note: "), "<http://a.b> "),
        ("reference links", format!("[a]: b\n\n{item}Note: "), "[a] "),
        ("footnotes", format!("[^a]: b\n\n{item}Note: "), "a[^a] "),
        ("links in a cell", operation.to_owned(), "[a](b) "),
        ("emphasised scopes", format!("{item}Scopes: "), "*a*, "),
        (
            "emphasised methods",
            format!("{operation}/a | "),
            "**GET**, ",
        ),
        (
            "emphasised limits",
            format!("{operation}/a | GET | "),
            "**1**/s, ",
        ),
        (
            "emphasised responses",
            responses.to_owned(),
            "**Ret** \\+ry + ",
        ),
        (
            "emphasised conditions",
            format!("{responses} Retry | "),
            "header **x** and ",
        ),
        (
            "the parts of one link",
            format!("{item}Scopes: [a]({}) [", "b".repeat(100_000)),
            "a, ",
        ),
        (
            "underscores around links",
            format!("{item}Note: "),
            "_[a](b)_ ",
        ),
    ] {
        let mut text = large(&head, piece);
        if name == "the parts of one link" {
            text += &format!("]({})", "b".repeat(100_000));
        }
        in_time(name, &text, Duration::from_secs(10));
    }
}

#[test]
fn time_grows_with_the_names_that_are_compared() {
    let head = format!(
        "{FRONTMATTER}## Service Details\n\n### Environments\n\n| Environment | Endpoint |\n|---|---|\n"
    );
    let many = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect();
    let headers: String = many(12_000, &|n| format!("- Header: X-{n}: {{f{n}}}\n"));
    let variables: String = many(12_000, &|n| format!("A_F{n}, "));
    let credential = |variables: &str| {
        format!(
            "{head}| a | https://a.example.org |\n\n## Authentication\n\n### Method\n- Type: API Key\n{headers}\n### Credential Storage\n```yaml\na:\n  location: ENV_VARIABLES\n  variables: [{variables}A_G]\n```\n"
        )
    };
    in_time(
        "headers and variables",
        &credential(&variables),
        Duration::from_secs(10),
    );
    let others = variables.replace('F', "H");
    in_time(
        "headers and other variables",
        &credential(&others),
        Duration::from_secs(10),
    );
    let environments: String = many(10_000, &|n| {
        format!("| e{n} | https://a{n}.example.org |\n")
    });
    let limits: String = many(10_000, &|n| format!("\"e{n}\": \"9/s\", "));
    let text = format!(
        "{head}{environments}\n## Configuration\n\n### Required Settings\n```json\n{{\"rate_limit\": {{{limits}\"e\": \"9/s\"}}}}\n```\n"
    );
    in_time("limits of environments", &text, Duration::from_secs(10));
}

#[test]
fn time_grows_with_the_length_whatever_is_repeated() {
    let key = concat!("sk_", "live_", "4eC39HqLyjWDarjtT1zdp7dc\n");
    for (name, text) in [
        (
            "prose",
            large(
                "## Notes\n\n",
                "Some *words* in a [line](x), and `code`.\n\n",
            ),
        ),
        ("a paragraph", large("## Notes\n\n", "word_with_marks ")),
        (
            "rows",
            large(
                "## API Endpoints\n\n| Operation | Method | Endpoint |\n|---|---|---|\n",
                "| List things | GET | /v1/things/:id |\n",
            ),
        ),
        (
            "environments",
            large(
                "## Service Details\n\n### Environments\n\n| Environment | Endpoint |\n|---|---|\n",
                "| Production | https://api.example.org |\n",
            ),
        ),
        (
            "error rows",
            large(
                "## Error Handling\n\n### Common Errors\n\n| Error Code | Meaning | Response |\n|---|---|---|\n",
                "| 429 | x | Retry + Backof |\n",
            ),
        ),
        (
            "one cell",
            large(
                "## API Endpoints\n\n| Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n| a | GET | /a | ",
                "1/s, ",
            ),
        ),
        (
            "items",
            large("## Authentication\n\n### Method\n", "- Header: X-A: {b}\n"),
        ),
        (
            "one item",
            large("## Authentication\n\n- Header: ", "*a* {b} "),
        ),
        ("sections", large("", "## A\n\n- b: c\n\n")),
        ("parts", large("## Service Details\n\n", "### A\n- b: c\n")),
        ("tables", large("## Notes\n\n", "|a|b|\n|-|-|\n|1|2|\n\n")),
        (
            "json",
            large(
                "## Configuration\n\n### Required Settings\n```json\n{\n",
                "\"timeout\": 30,\n",
            ),
        ),
        (
            "yaml",
            large(
                "## Authentication\n\n### Credential Storage\n```yaml\n",
                "a:\n  location: FILE\n",
            ),
        ),
        (
            "assignments",
            large(
                "## Error Handling\n\n### Retry Strategy\n```python\n",
                "retry_on = [429]\n",
            ),
        ),
        (
            "a list of values",
            large(
                "## Error Handling\n\n### Retry Strategy\n```python\nretry_on = [",
                "429, ",
            ),
        ),
        (
            "examples",
            large(
                "## API Endpoints\n\n### Examples\n\n",
                "```json a\n{}\n```\n\n",
            ),
        ),
        ("credentials", large("## Notes\n\n", key)),
        ("comments", large("## Notes\n\n", "<!-- x -->\n\n")),
        (
            "keys",
            format!(
                "---\ntype: tool\nsubtype: integration\n{}---\n",
                "key: value\n".repeat(23_000)
            ),
        ),
    ] {
        in_time(name, &text, Duration::from_secs(4));
    }
}
