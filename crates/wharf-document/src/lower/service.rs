//! Service Details: the Overview list.

use super::context::{Context, Seen};
use crate::checks::not_filled_in::Need;
use crate::model::ServiceDetails;
use crate::raw::{Section, items, same_name};

const KNOWN: [&str; 4] = ["Purpose", "Category", "Vendor", "Contract"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> ServiceDetails {
    let mut details = ServiceDetails::default();
    let mut seen = Seen::new();
    let overview = section.part("Overview");
    for item in section.loose_items().chain(items(overview)) {
        let Some((key, value)) = item.text.split_key() else {
            continue;
        };
        if ["Overview", "Environments"]
            .iter()
            .any(|part| same_name(key.as_str(), part))
            || !context.is_new(&mut seen, &key, "key")
        {
            continue;
        }
        let target = match key.as_str().to_lowercase().as_str() {
            "purpose" => &mut details.purpose,
            "category" => &mut details.category,
            "vendor" => &mut details.vendor,
            "contract" => &mut details.contract,
            _ => {
                context.unknown_name(&key, "key of the Overview", &KNOWN);
                continue;
            }
        };
        *target = context.text(&value, &format!("`{}`", key.as_str()), Need::Read);
    }
    details
}
