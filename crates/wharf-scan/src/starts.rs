//! The first pass: every start that a vendor documents and every name of a secret, in one walk.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::assignment::Assignments;
use super::cookies::{self, Cookies};
use super::name_words;
use super::names::Name;
use super::{
    Found, anthropic, aws, azure, basic, calls, commands, connection, dify, discord, docker,
    documented, github, gitlab, google, hugging_face, inner_marks, json_key, jwt, linear, notion,
    npm, openai, pairs, paypal, pipes, private_key, query_keys, sendgrid, sentry, shopify,
    signed_address, slack, stripe, supabase, value, vendors, vercel, webhooks,
};

/// Reads what stands at a start: the text, the place of the start, the start.
type Reader = fn(&str, usize, &str) -> Option<Found>;

/// Starts of credentials, and who reads what stands there.
const TOKENS: [(&[&str], Reader); 27] = [
    (&github::STARTS, github::classic),
    (&github::FINE_GRAINED, github::fine_grained),
    (&gitlab::STARTS, gitlab::read),
    (&npm::STARTS, npm::read),
    (&vercel::STARTS, vercel::read),
    (&stripe::LIVE, stripe::live),
    (&stripe::TEST, stripe::test),
    (&stripe::WEBHOOK, stripe::webhook),
    (&slack::STARTS, slack::token),
    (&slack::ROTATED, slack::rotated),
    (&aws::STARTS, aws::read),
    (&google::API_KEY, google::api_key),
    (&google::CLIENT_SECRET, google::client_secret),
    (&google::TOKEN, google::token),
    (&openai::STARTS, openai::read),
    (&sendgrid::STARTS, sendgrid::read),
    (&shopify::STARTS, shopify::read),
    (&docker::STARTS, docker::read),
    (&dify::STARTS, dify::read),
    (&sentry::USER, sentry::user),
    (&sentry::ORGANISATION, sentry::organisation),
    (&supabase::ACCESS_TOKEN, supabase::access_token),
    (&supabase::SECRET_KEY, supabase::secret_key),
    (&paypal::STARTS, paypal::read),
    (&anthropic::STARTS, anthropic::read),
    (&jwt::STARTS, jwt::read),
    (&private_key::STARTS, private_key::read),
];

/// Starts of addresses and names, in which a credential may be.
const PLACES: [(&[&str], Reader); 18] = [
    // These start names of people too.
    (&hugging_face::STARTS, hugging_face::read),
    (&notion::STARTS, notion::read),
    (&linear::STARTS, linear::read),
    (&vendors::STARTS, vendors::read),
    // The starts of these are short, or stand inside.
    (&inner_marks::STARTS, inner_marks::read),
    (&json_key::STARTS, json_key::read),
    (&private_key::PUTTY, private_key::putty),
    (&private_key::JWK, private_key::jwk),
    // The places of these are inside of addresses.
    (&slack::WEBHOOK, slack::webhook),
    (&discord::WEBHOOK, discord::webhook),
    (&connection::STARTS, connection::read),
    (&connection::DRIVERS, connection::driver),
    (&azure::WEBHOOK, azure::webhook),
    (&webhooks::STARTS, webhooks::read),
    (&query_keys::STARTS, query_keys::read),
    (&signed_address::STARTS, signed_address::read),
    // And of these inside of other texts.
    (&azure::SIGNATURE, azure::signature),
    (&gitlab::SESSION, gitlab::session),
];

/// Starts of what holds a credential of any kind: where a vendor's format tells which, it is that.
const LOOSE: [(&[&str], Reader); 7] = [
    (&basic::STARTS, basic::read),
    (&commands::OPTIONS, commands::option),
    (&commands::WORDS, commands::word),
    (&pairs::CALLS, pairs::literals),
    (&calls::STARTS, calls::read),
    (&calls::LOGIN_STARTS, calls::login),
    (&pipes::ECHO, pipes::read),
];

/// A start, and those beside it in its list.
#[derive(Clone, Copy)]
struct Start {
    word: &'static str,
    list: &'static [&'static str],
}

impl Start {
    fn all(list: &'static [&'static str]) -> impl Iterator<Item = Self> {
        list.iter().map(move |word| Self { word, list })
    }

    /// The start as it was met. The automaton folds the case: of two starts that differ in it alone
    /// (`BasicAuth(`, `basicAuth(`) it reports the first.
    fn met(self, met: &str) -> Option<&'static str> {
        if met == self.word {
            return Some(self.word);
        }
        self.list.iter().copied().find(|start| *start == met)
    }
}

#[derive(Clone, Copy)]
enum Action {
    Issued(Start, Reader),
    Loose(Start, Reader),
    Cookies(Start),
    Named(Name),
}

struct Starts {
    automaton: AhoCorasick,
    actions: Vec<Action>,
}

static STARTS: LazyLock<Option<Starts>> = LazyLock::new(|| {
    let mut words: Vec<Cow<'static, str>> = Vec::new();
    let mut actions = Vec::new();
    for (starts, reader) in TOKENS.into_iter().chain(PLACES) {
        words.extend(starts.iter().map(|start| Cow::Borrowed(*start)));
        actions.extend(Start::all(starts).map(|start| Action::Issued(start, reader)));
    }
    for (starts, reader) in LOOSE {
        words.extend(starts.iter().map(|start| Cow::Borrowed(*start)));
        actions.extend(Start::all(starts).map(|start| Action::Loose(start, reader)));
    }
    words.extend(cookies::STARTS.iter().map(|start| Cow::Borrowed(*start)));
    actions.extend(Start::all(&cookies::STARTS).map(Action::Cookies));
    for (word, name) in name_words::all() {
        words.push(Cow::Owned(word));
        actions.push(Action::Named(name));
    }
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words.iter().map(|word| word.as_bytes()))
        .ok()?;
    Some(Starts { automaton, actions })
});

/// What the first pass found; each list in the order of places.
#[derive(Default)]
pub(super) struct Met {
    pub(super) issued: Vec<Found>,
    pub(super) cookies: Vec<Found>,
    /// Values in options and pairs.
    pub(super) loose: Vec<Found>,
    /// Values behind names: less sure than the others.
    pub(super) assigned: Vec<Found>,
}

pub(super) fn read(text: &str) -> Met {
    let Some(starts) = STARTS.as_ref() else {
        return Met::default();
    };
    let mut issued: Vec<Found> = Vec::new();
    let mut end = 0;
    let mut loose: Vec<Found> = Vec::new();
    let mut sessions = Cookies::new(text);
    let mut assignments = Assignments::new(text);
    for hit in starts.automaton.find_iter(text) {
        match starts.actions[hit.pattern().as_usize()] {
            Action::Named(name) => assignments.read(hit.range(), name),
            Action::Loose(start, reader) => {
                // The letter of an option may start a name: `-password`.
                if let Some((name, range)) = name_of_option(text, hit.range()) {
                    assignments.read(range, name);
                    continue;
                }
                let is_free = loose.last().is_none_or(|last| last.span.end <= hit.start());
                // The letter of an option means one thing as a capital and another as a small one.
                let met = &text[hit.range()];
                if is_free
                    && (start.word.starts_with(" -") || start.met(met).is_some())
                    && let Some(mut found) = reader(text, hit.start(), met)
                    && !documented::is_example(&text[found.span.clone()])
                {
                    found.span.end = value::to_its_mark(text, &found.span);
                    loose.push(found);
                }
            }
            Action::Cookies(start) => {
                if let Some(start) = start.met(&text[hit.range()]) {
                    sessions.read(hit.start(), start);
                }
            }
            Action::Issued(start, reader) => {
                // Names are met in any case, starts in theirs.
                if hit.start() >= end
                    && let Some(start) = start.met(&text[hit.range()])
                    && let Some(found) = reader(text, hit.start(), start)
                    && !documented::is_example(&text[found.span.clone()])
                {
                    end = found.span.end;
                    issued.push(found);
                }
            }
        }
    }
    Met {
        issued,
        cookies: sessions.finish(),
        loose,
        assigned: assignments.finish(),
    }
}

/// Longest name that is looked for in an option.
const MOST_NAME: usize = 16;

/// The name of a secret that starts with the letter of the option that was met.
fn name_of_option(text: &str, met: Range<usize>) -> Option<(Name, Range<usize>)> {
    let from = met
        .end
        .checked_sub(1)
        .filter(|_| text[met].ends_with(['p', 'P']))?;
    // `-pW7…` is a password that is glued to its option, and no name.
    let length = text.as_bytes()[from..]
        .iter()
        .take(MOST_NAME + 1)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let range = from..from + length;
    let name = name_words::named(&text[range.clone()])?;
    Some((name, range))
}

/// The starts of credentials.
pub(super) fn issued() -> impl Iterator<Item = &'static str> {
    TOKENS.iter().flat_map(|(starts, _)| starts.iter().copied())
}
