//! WH688: two places name another owner, or another team on call.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;
use crate::prose::{Prose, Sentence, plain};
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH688",
    slug: "owner-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("owner_disagrees.md"),
};

/// The roles, each with the words that name it in a sentence.
const ROLES: [(&str, &[&str]); 2] = [
    (
        "owner",
        &[
            "owner",
            "owners",
            "owning team",
            "owned by",
            "owner is",
            "owner of this",
        ],
    ),
    (
        "on call",
        &["on-call team", "on call team", "on-call", "on call"],
    ),
];

/// What is owned.
const OWN: [&str; 6] = [
    "this integration",
    "this page",
    "this document",
    "this service",
    "the integration",
    "this wiki page",
];

/// How it is told who owns it.
const OWNED: [&str; 5] = [
    "belongs to",
    "looked after by",
    "maintained by",
    "run by",
    "kept by",
];

/// What tells of another time, of another thing that is owned, or of a stand-in.
const OTHERWISE: [&str; 17] = [
    "former",
    "formerly",
    "until",
    "was",
    "were",
    "previous",
    "previously",
    "old",
    "renamed",
    "vendor",
    "vendors",
    "account",
    "data",
    "product",
    "or",
    "deputy",
    "their",
];

/// Words that say nothing about who it is.
const FILLERS: [&str; 11] = [
    "team", "the", "squad", "group", "of", "and", "crew", "guild", "on", "call", "a",
];

/// Compares the names behind the roles with those of Contacts.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    for (role, words) in ROLES {
        let mut contacts = integration.contacts.internal.iter();
        let contact = contacts.find(|contact| plain(&contact.role.value).trim() == role);
        let Some(known) = contact.and_then(|contact| contact.value.as_ref()) else {
            continue;
        };
        // A channel or an address tells of nobody.
        if known.value.contains(['@', '#', '/']) {
            continue;
        }
        for sentence in prose.told().filter(|said| tells(said)) {
            let own = sentence.has(&OWN).then(|| team(sentence.text));
            let other = named(sentence.text, words).or(own.flatten().filter(|_| role == "owner"));
            let Some(other) = other else {
                continue;
            };
            if is_one(&known.value, other.as_str()) || is_person(integration, other.as_str()) {
                continue;
            }
            let (here, there) = (other.as_str(), &known.value);
            disagree(
                findings,
                CODE,
                format!("the {role} is {there} in Contacts, and {here} here"),
                (other.span(), &format!("the {role} here")),
                (known.span, &format!("the {role} in Contacts")),
                "the smallest change: write one name in both places, or tell the former one",
            );
            return;
        }
    }
}

fn tells(sentence: &Sentence) -> bool {
    !sentence.is_in("Contacts") && !sentence.is_in("Review Checklist") && !sentence.has(&OTHERWISE)
}

/// `the owner (Team A)`, `the owner, Team A,`, `Owner: Team A`, `owned by Team A`.
fn named<'a>(text: Stretch<'a>, roles: &[&str]) -> Option<Stretch<'a>> {
    let lower = text.as_str().to_ascii_lowercase();
    roles.iter().find_map(|role| {
        let at = lower.find(role)?;
        let is_word = !lower[..at].ends_with(|c: char| c.is_alphanumeric());
        let begin = at + role.len();
        let rest = text.as_str().get(begin..)?;
        let gap = rest.len()
            - rest
                .trim_start_matches([' ', '(', ',', ':', '–', '—', '*', '_'])
                .len();
        let name = rest.get(gap..)?;
        let article = name.strip_prefix("the ").map_or(0, |_| "the ".len());
        let name = &name[article..];
        let is_name = gap > 0 && name.starts_with(char::is_uppercase);
        let end = name_end(name);
        let start = begin + gap + article;
        (is_word && is_name && end > 0).then(|| text.part(start..start + end))
    })
}

/// `belongs to the Basalt squad`, `run by Team Tide`: a team, and neither a vendor nor a product.
fn team(text: Stretch<'_>) -> Option<Stretch<'_>> {
    const TEAMS: [&str; 6] = ["team", "squad", "crew", "guild", "group", "tribe"];
    let found = named(text, &OWNED)?;
    let is_team = |word: &str| {
        let word = word.trim_matches(|sign: char| !sign.is_alphanumeric());
        TEAMS.iter().any(|team| word.eq_ignore_ascii_case(team))
    };
    let name = found.as_str();
    let behind = text
        .as_str()
        .split_once(name)
        .map_or("", |(_, behind)| behind);
    let mut words = name
        .split(' ')
        .chain(behind.trim_start().split(' ').take(1));
    words.any(is_team).then_some(found)
}

/// Where the words in capitals end; `of` and `&` may stand between them.
fn name_end(text: &str) -> usize {
    let (mut end, mut at) = (0, 0);
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end();
        let is_joint = ["of", "and", "&", "for"].contains(&bare);
        if !is_joint && !bare.starts_with(char::is_uppercase) {
            break;
        }
        let stop = bare.find([')', ',', ';', '.', ':', '(']);
        if !is_joint {
            end = at + stop.unwrap_or(bare.len());
        }
        if stop.is_some() {
            break;
        }
        at += word.len();
    }
    end
}

/// Whether all words of one name stand in the other.
fn is_one(left: &str, right: &str) -> bool {
    let (left, right) = (plain(left), plain(right));
    let words = |text: &'_ str| -> Vec<String> {
        let words = text
            .split_whitespace()
            .filter(|word| !FILLERS.contains(word));
        words.map(str::to_owned).collect()
    };
    let (left, right) = (words(&left), words(&right));
    let holds = |all: &[String], some: &[String]| some.iter().all(|word| all.contains(word));
    holds(&left, &right) || holds(&right, &left)
}

/// Whether Contacts name it for another role, as a person of the team.
fn is_person(integration: &Integration, name: &str) -> bool {
    let contacts = integration.contacts.internal.iter();
    let mut values = contacts.filter_map(|contact| contact.value.as_ref());
    values.any(|value| is_one(&value.value, name))
}
