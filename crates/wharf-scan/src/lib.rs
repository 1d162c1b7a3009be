//! The secret scanner: credentials that stand in a text, by the formats in which vendors issue them.
//!
//! One pass over the text finds starts that vendors document (`ghp_`, `sk_live_`, `://`) and
//! names of secrets (`token`, `password`); a second one jumps from long word to long word. What
//! they meet is read by one file for each vendor, which knows the format, its checksum where it
//! has one, and what only looks like it. Every reader looks at a bounded piece of text, so the
//! time is linear in the length of the text whatever stands there.
//!
//! An editor may have saved a text with the escapes of Markdown. Such a text is read twice, as it is
//! written and as it is meant.
//!
//! Values that nobody issued are left alone: placeholders, repeated and counted-up characters,
//! examples of the vendors' documentation, and words with too little entropy.

mod alphabet;
mod anthropic;
mod assignment;
mod aws;
mod azure;
mod basic;
mod below;
mod calls;
mod checksum;
mod code_words;
mod commands;
mod connection;
mod context;
mod cookies;
mod decode;
mod dify;
mod discord;
mod docker;
mod documented;
mod drawn_value;
mod entropy;
mod filler;
mod github;
mod gitlab;
mod google;
mod html_table;
mod hugging_face;
mod human;
mod inner_marks;
pub mod json;
mod json_key;
mod jwt;
mod key_words;
mod kind;
mod linear;
mod long_words;
mod loose;
mod markup;
mod name_words;
mod names;
mod notion;
mod npm;
mod openai;
mod operator;
mod owner;
mod pairs;
mod password;
mod paypal;
mod phrase;
mod pipes;
mod private_key;
mod public_key;
mod query_keys;
mod reversed;
mod sealed;
mod sendgrid;
mod sentence;
mod sentry;
mod shopify;
mod signed_address;
mod slack;
mod starts;
mod stripe;
mod supabase;
mod table;
mod twilio;
mod unescape;
mod uuid_keys;
mod value;
mod vendor_words;
mod vendors;
mod vercel;
mod webhooks;
mod words;

use std::ops::Range;

pub use kind::Kind;
pub use loose::looks_like_secret;

/// A credential that stands in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// What it opens.
    pub kind: Kind,
    /// Its bytes in the text: the secret alone, without what stands around it.
    pub span: Range<usize>,
}

impl Found {
    fn new(kind: Kind, span: Range<usize>) -> Self {
        Self { kind, span }
    }
}

/// All credentials of a text, in the order of their places. No two of them overlap.
pub fn scan(text: &str) -> Vec<Found> {
    let found = scan_as_written(text);
    let Some(plain) = unescape::plain(text) else {
        return found;
    };
    // What the escapes hid comes first: without them only a part of it may be a word.
    let (hidden, open): (Vec<_>, Vec<_>) = scan_as_written(&plain.text)
        .into_iter()
        .map(|found| {
            let (span, has_escapes) = plain.in_source(&found.span);
            (Found::new(found.kind, span), has_escapes)
        })
        .partition(|(_, has_escapes)| *has_escapes);
    let all = |found: Vec<(Found, bool)>| found.into_iter().map(|(found, _)| found).collect();
    without_overlaps(without_overlaps(all(hidden), found), all(open))
}

fn scan_as_written(text: &str) -> Vec<Found> {
    let met = starts::read(text);
    let named = long_words::read(text);
    let sure = without_overlaps(without_overlaps(met.issued, named), met.cookies);
    without_overlaps(without_overlaps(sure, met.loose), met.assigned)
}

/// Both lists in one, in the order of places. What overlaps something of `first` is left out.
fn without_overlaps(first: Vec<Found>, second: Vec<Found>) -> Vec<Found> {
    if second.is_empty() {
        return first;
    }
    let mut all = Vec::with_capacity(first.len() + second.len());
    let mut first = first.into_iter().peekable();
    let mut end = 0;
    for found in second {
        while let Some(before) = first.next_if(|before| before.span.start < found.span.end) {
            end = before.span.end;
            all.push(before);
        }
        if end <= found.span.start {
            end = found.span.end;
            all.push(found);
        }
    }
    all.extend(first);
    all
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
