//! The first pass: every start that a vendor documents and every name of a secret, in one walk.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::assignment::Assignments;
use super::names::Name;
use super::{
    Found, anthropic, aws, azure, basic, commands, connection, dify, discord, docker, documented,
    github, gitlab, google, hugging_face, jwt, linear, notion, npm, openai, paypal, private_key,
    sendgrid, sentry, shopify, slack, stripe, supabase, vercel,
};

/// Reads what stands at a start: the text, the place of the start, the start.
type Reader = fn(&str, usize, &str) -> Option<Found>;

/// Starts, and who reads what stands there.
const ISSUED: [(&[&str], Reader); 39] = [
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
    // These start names of people too.
    (&hugging_face::STARTS, hugging_face::read),
    (&notion::STARTS, notion::read),
    (&linear::STARTS, linear::read),
    // The places of these are inside of addresses.
    (&slack::WEBHOOK, slack::webhook),
    (&discord::WEBHOOK, discord::webhook),
    (&connection::STARTS, connection::read),
    (&azure::WEBHOOK, azure::webhook),
    // And of these inside of other texts.
    (&azure::SIGNATURE, azure::signature),
    (&gitlab::SESSION, gitlab::session),
    (&basic::STARTS, basic::read),
    (&commands::PAIR, commands::pair),
    (&commands::ALONE, commands::alone),
];

/// How many of them start a credential, and no address or name.
const WORDS: usize = 27;

#[derive(Clone, Copy)]
enum Action {
    Issued(&'static str, Reader),
    Named(Name),
}

struct Starts {
    automaton: AhoCorasick,
    actions: Vec<Action>,
}

static STARTS: LazyLock<Option<Starts>> = LazyLock::new(|| {
    let mut words = Vec::new();
    let mut actions = Vec::new();
    for (starts, reader) in ISSUED {
        words.extend(starts);
        actions.extend(starts.iter().map(|start| Action::Issued(start, reader)));
    }
    for (word, name) in Name::WORDS {
        words.push(word);
        actions.push(Action::Named(name));
    }
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(words)
        .ok()?;
    Some(Starts { automaton, actions })
});

/// What the first pass found; each list in the order of places.
#[derive(Default)]
pub(super) struct Met {
    pub(super) issued: Vec<Found>,
    /// Values behind names: less sure than the others.
    pub(super) assigned: Vec<Found>,
}

pub(super) fn read(text: &str) -> Met {
    let Some(starts) = STARTS.as_ref() else {
        return Met::default();
    };
    let mut issued: Vec<Found> = Vec::new();
    let mut end = 0;
    let mut assignments = Assignments::new(text);
    for hit in starts.automaton.find_iter(text) {
        match starts.actions[hit.pattern().as_usize()] {
            Action::Named(name) => assignments.read(hit.range(), name),
            Action::Issued(start, reader) => {
                // Names are met in any case, starts in theirs.
                if hit.start() < end || &text[hit.range()] != start {
                    continue;
                }
                if let Some(found) = reader(text, hit.start(), start)
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
        assigned: assignments.finish(),
    }
}

/// The starts of credentials.
pub(super) fn issued() -> impl Iterator<Item = &'static str> {
    ISSUED[..WORDS]
        .iter()
        .flat_map(|(starts, _)| starts.iter().copied())
}
