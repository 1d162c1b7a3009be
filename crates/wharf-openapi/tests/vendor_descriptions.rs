//! The vendors' own published descriptions, where they are at hand.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

#[path = "../../../tests/shared.rs"]
mod shared;

use std::fs;
use std::path::Path;
use std::time::Instant;

use wharf_openapi::{Description, NotRead};

use shared::shared;

/// The folder of published descriptions.
const FOLDER: &str = "vendors/openapi";

fn read(folder: &Path, file: &str) -> Result<Description, NotRead> {
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let start = Instant::now();
    let description = Description::read(&text);
    println!(
        "{file}: {} bytes in {} ms",
        text.len(),
        start.elapsed().as_millis()
    );
    description
}

/// Files whose index states how many paths and operations they have.
///
/// A path counts as often as it is written: variants of one URL that differ in a fragment, and
/// paths with and without a slash at the end, are paths of their own. A key that a file repeats
/// counts once.
const COUNTED: [(&str, usize, usize); 16] = [
    ("datadog/v1.openapi.yaml", 150, 235),
    ("dify/openapi_service.json", 64, 82),
    ("discord/openapi.json", 150, 242),
    ("docker/engine-v1.55.yaml", 98, 108),
    ("github/api.github.com.json", 811, 1_223),
    // The index leaves out six operations: it does not count HEAD.
    ("kubernetes/swagger.json", 562, 1_117 + 6),
    // The index counts the 16 webhooks among its 304 operations; nobody calls those.
    ("openai/openapi.yaml", 182, 304 - 16),
    ("slack/slack_web_openapi_v2.json", 174, 174),
    // The index states only the number of paths; the operations are counted by hand.
    ("stripe/spec3.2023-09-12.yaml", 318, 468),
    ("supabase/auth.openapi.yaml", 43, 59),
    ("supabase/management-api.openapi.json", 109, 164),
    ("twilio/twilio_api_v2010.json", 121, 197),
    ("vercel/vercel-spec.2025-10-27.json", 161, 216),
    // Google's are not counted in the index. Here a path is one `flatPath`.
    ("google-analytics/analyticsadmin.v1alpha.json", 88, 166),
    ("google-analytics/analyticsdata.v1alpha.json", 6, 6),
    ("google-analytics/analyticsdata.v1beta.json", 10, 11),
];

#[test]
fn every_operation_of_every_vendor_is_found() {
    let Some(folder) = shared(FOLDER) else {
        return;
    };
    for (file, paths, operations) in COUNTED {
        let description = read(&folder, file).unwrap();
        let counts = description.paths.iter().map(|path| path.operations.len());
        assert_eq!(
            (description.paths.len(), counts.sum::<usize>()),
            (paths, operations),
            "{file}"
        );
    }
}

/// Every file of the folder is read or refused for a good reason.
#[test]
fn every_file_is_understood() {
    let Some(folder) = shared(FOLDER) else {
        return;
    };
    let refused = [
        ("mixpanel/platform.openapi.json", NotRead::NoPath),
        (
            "slack/slack_common_event_wrapper_schema.json",
            NotRead::UnknownForm,
        ),
        ("slack/slack_events_api_async_v1.json", NotRead::UnknownForm),
        ("stripe/fixtures3.json", NotRead::UnknownForm),
    ];
    let mut unread = Vec::new();
    for vendor in fs::read_dir(&folder).unwrap() {
        let vendor = vendor.unwrap().path();
        if !vendor.is_dir() {
            continue;
        }
        for file in fs::read_dir(&vendor).unwrap() {
            let file = file.unwrap().path();
            let is_described = file
                .extension()
                .is_some_and(|extension| extension == "json" || extension == "yaml");
            let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
            if is_described && let Err(why) = read(&folder, name) {
                unread.push((name.to_owned(), why));
            }
        }
    }
    unread.sort_by(|left, right| left.0.cmp(&right.0));
    let refused = refused.map(|(name, why)| (name.to_owned(), why));
    assert_eq!(unread, refused);
}

#[test]
fn what_vendors_mark_as_deprecated_is_known() {
    let Some(folder) = shared(FOLDER) else {
        return;
    };
    for (file, count) in [
        ("github/api.github.com.json", 37),
        ("supabase/management-api.openapi.json", 4),
        ("dify/openapi_service.json", 1),
        ("google-analytics/analyticsadmin.v1alpha.json", 5),
    ] {
        let description = read(&folder, file).unwrap();
        let operations = description.paths.iter().flat_map(|path| &path.operations);
        let deprecated = operations.filter(|operation| operation.deprecated).count();
        assert_eq!(deprecated, count, "{file}");
    }
}
