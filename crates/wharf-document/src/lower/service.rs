//! Service Details: the Overview list.

use wharf_diag::Spanned;

use super::context::{Context, spanned};
use super::list;
use crate::findings::day_not_read;
use crate::findings::not_filled_in::Need;
use crate::model::{Contract, ServiceDetails};
use crate::parse::date;
use crate::raw::{Section, Text};
use crate::vocabulary;

const PARTS: [&str; 2] = ["Overview", "Environments"];

/// Keys of the Overview.
pub(crate) const KNOWN: [&str; 4] = vocabulary::names(&vocabulary::OVERVIEW_KEYS);

const KEYS: list::Keys<'static> = list::Keys {
    parts: &PARTS,
    listed: &["Purpose", "Category", "Vendor"],
    ..list::Keys::once(&KNOWN)
};

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> ServiceDetails {
    let mut details = ServiceDetails::default();
    let blocks: Vec<_> = section
        .loose_blocks()
        .chain(section.part("Overview"))
        .collect();
    for entry in list::entries(context, &blocks, KEYS) {
        let (value, what) = (&entry.value, entry.what());
        let target = match entry.name().as_str() {
            "purpose" => &mut details.purpose,
            "category" => &mut details.category,
            "vendor" => &mut details.vendor,
            "contract" => {
                details.contract = contract(context, value, &what);
                continue;
            }
            _ => {
                context.unknown_name(&entry.key, "key of the Overview", &KNOWN);
                continue;
            }
        };
        *target = context.text(value, &what, Need::Read);
    }
    details
}

/// `2027-12-31, yearly` or `2025-01-01 to 2027-12-31`: an end date, where one stands there, and
/// terms. A day of which the words say that something began on it is no end.
fn contract(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Contract> {
    let text = context.given(value, what, Need::Read)?;
    let dates = date::find(text.as_str());
    let end = dates.end();
    if let (None, Some(unread)) = (&end, dates.unread) {
        context.report_at(text.span_of(unread), |source, span| {
            day_not_read::unread(source, span, what)
        });
    }
    let end = end.map(|(date, range)| Spanned::new(date, text.span_of(range)));
    Some(Contract {
        end,
        terms: spanned(&text),
    })
}
