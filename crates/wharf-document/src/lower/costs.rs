//! Costs: the pricing model and where money can be saved.

use wharf_diag::Spanned;

use super::context::{Context, spanned};
use super::list;
use crate::findings::not_filled_in::Need;
use crate::findings::{event_field_not_read, money_not_read, unknown_word};
use crate::model::{Budget, CallCost, Costs, Money, Price, PricePer};
use crate::parse::{condition, money};
use crate::raw::{Section, Text};
use crate::vocabulary;

const PARTS: [&str; 2] = ["Pricing Model", "Optimization Opportunities"];

/// Keys of the Pricing Model list.
pub(crate) const PRICING_KEYS: [&str; 5] = vocabulary::names(&vocabulary::COST_KEYS);

const KEYS: list::Keys<'static> = list::Keys {
    parts: &PARTS,
    may_repeat: &["Overage"],
    listed: &["Current usage"],
    ..list::Keys::once(&PRICING_KEYS)
};

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Costs {
    let mut costs = Costs::default();
    let blocks = list::blocks(section, "Pricing Model", true);
    for entry in list::entries(context, &blocks, KEYS) {
        let (value, what) = (&entry.value, entry.what());
        match entry.name().as_str() {
            "base" => costs.base = price(context, value, &what),
            "overage" => overage(context, &mut costs, value, &what),
            "current usage" => costs.current_usage = context.text(value, &what, Need::Read),
            "budget" => costs.budget = budget(context, value, &what),
            "projected monthly" => costs.projected_monthly = sum(context, value, &what),
            _ => context.unknown_name(&entry.key, "key of the Pricing Model", &PRICING_KEYS),
        }
    }
    let blocks = list::blocks(section, "Optimization Opportunities", false);
    costs.opportunities = list::lines(&blocks, &[])
        .into_iter()
        .map(|item| list::task(&item.text))
        .collect();
    costs
}

/// Reads a price; words may follow behind a comma or in parentheses.
pub(super) fn price(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Price>> {
    let text = without_remark(text);
    let text = context.given(&text, what, Need::Used)?;
    context.value(&text, money::price(text.as_str()), |source, span, why| {
        money_not_read::new(source, span, what, why)
    })
}

/// `$500/month`, or `$500/month, hard`.
fn budget(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Budget>> {
    let text = context.given(text, what, Need::Used)?;
    let value = text.as_str();
    // A comma before a word; one before figures parts thousands, or is a decimal one.
    let is_word = |(_, word): &(&str, &str)| word.trim_start().starts_with(char::is_alphabetic);
    let (money, word) = value
        .rsplit_once(',')
        .filter(is_word)
        .or_else(|| value.split_once('('))
        .or_else(|| behind_period(value))
        .unwrap_or((value, ""));
    let said = word.trim().trim_end_matches([')', '.']).trim();
    let hard = match said.to_lowercase().as_str() {
        "" | "soft" => false,
        "hard" => true,
        _ => {
            let place = text.part(value.len() - word.len()..value.len()).trimmed();
            context.report_at(place.span(), |source, span| {
                unknown_word::new(source, span, what, place.as_str(), &["hard", "soft"])
            });
            return None;
        }
    };
    let place = text.part(0..money.len());
    let read = money::price(money).and_then(|price| match price.per {
        Some(PricePer::Period(_)) => Ok(Budget { price, hard }),
        _ => Err("it does not say per how much time, such as `$500/month`".to_owned()),
    });
    context.value(&place, read, |source, span, why| {
        money_not_read::new(source, span, what, why)
    })
}

/// `$500/month hard`: the last word where it says what happens above the sum.
fn behind_period(value: &str) -> Option<(&str, &str)> {
    let (money, word) = value.trim_end().rsplit_once(' ')?;
    let is_said = ["hard", "soft"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known));
    is_said.then_some((money, word))
}

/// Prices of one call, joined by ` + `, each with the place of what it is paid for:
/// `$2 per 1M tokens at /usage/output_tokens, most /max_tokens`.
pub(super) fn of_a_call(
    context: &mut Context<'_>,
    cell: &Text,
    what: &str,
) -> Vec<Spanned<CallCost>> {
    let parts = cell.split_on(&[" + "]);
    parts
        .iter()
        .filter_map(|part| call_cost(context, part, what))
        .collect()
}

fn call_cost(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<CallCost>> {
    let value = text.as_str();
    let pointer_behind = |word: &str| {
        let at = value.find(word)?;
        let rest = &value[at + word.len()..];
        let length = rest.find([',', ' ']).unwrap_or(rest.len());
        let start = at + word.len();
        Some((at, text.part(start..start + length)))
    };
    let (used, most) = (pointer_behind(" at /"), pointer_behind(" most /"));
    let end = [&used, &most]
        .into_iter()
        .flatten()
        .map(|(at, _)| *at)
        .min();
    let price_text = text.part(0..end.unwrap_or(value.len()));
    let behind = &value[end.unwrap_or(value.len())..];
    if behind.contains(['$', '€', '£', '¥']) {
        context.report_at(text.span(), |source, span| {
            money_not_read::new(
                source,
                span,
                what,
                "more than one price stands there; join them by ` + `",
            )
        });
        return None;
    }
    let mut read = |found: Option<(usize, Text)>| {
        let Some((_, words)) = found else {
            return Some(None);
        };
        let pointer = condition::pointer(&format!("/{}", words.as_str()));
        let pointer = context.value(&words, pointer, |source, span, why| {
            event_field_not_read::new(source, span, what, why)
        })?;
        Some(Some(pointer.value))
    };
    let (used, most) = (read(used)?, read(most)?);
    let price = price(context, &price_text, what)?;
    let value = CallCost {
        price: price.value,
        used,
        most,
    };
    Some(Spanned::new(value, text.span()))
}

fn sum(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Money>> {
    let text = without_remark(text);
    let text = context.given(&text, what, Need::Read)?;
    let value = money::price(text.as_str())
        .or_else(|_| money::price(text.as_str().trim_start_matches(['~', '≈', ' '])))
        .map(|price| price.per_month().unwrap_or(price.money));
    context.value(&text, value, |source, span, why| {
        money_not_read::new(source, span, what, why)
    })
}

/// A price where it is one; everything else is words for people.
fn overage(context: &mut Context<'_>, costs: &mut Costs, text: &Text, what: &str) {
    let price = without_remark(text);
    let behind = text
        .as_str()
        .get(price.as_str().len()..)
        .unwrap_or_default();
    let has_more = behind.contains(['$', '€', '£', '¥']);
    let read = money::price(price.as_str());
    if has_more && read.is_ok() {
        match prices(text) {
            Some(several) => costs.overage.extend(several),
            None => context.report_at(text.span(), |source, span| {
                let why = "more than one price stands there; write an `Overage` for each";
                money_not_read::new(source, span, what, why)
            }),
        }
    } else if let Ok(value) = read {
        costs.overage.push(Spanned::new(value, price.span()));
    } else if let Some(words) = context.given(text, what, Need::Used) {
        costs.overage_words.get_or_insert_with(|| spanned(&words));
    }
}

/// `$2 per 1M tokens written, $0.10 per 1M tokens embedded`: every piece that names a sum is a
/// price. `None` where one is not.
fn prices(text: &Text) -> Option<Vec<Spanned<Price>>> {
    let pieces = text.split_on(&[", ", "; ", " + ", " and "]);
    let priced = pieces
        .into_iter()
        .filter(|piece| piece.as_str().contains(['$', '€', '£', '¥']));
    priced
        .map(|piece| {
            let price = without_remark(&piece.trimmed());
            let value = money::price(price.as_str()).ok()?;
            Some(Spanned::new(value, price.span()))
        })
        .collect()
}

fn without_remark(text: &Text) -> Text {
    let value = text.as_str();
    let end = [", ", " (", "; ", " - ", ". "]
        .iter()
        .filter_map(|mark| value.find(mark))
        .min()
        .unwrap_or(value.len());
    text.part(0..end).trimmed()
}
