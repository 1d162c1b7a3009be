//! Calls as people write them into prose and commands: `GET /v1/jobs?limit=5`,
//! `curl -X POST https://api.example.org/v1/jobs`.

use std::ops::Range;

use super::words::head;
use crate::model::Method;

/// One call in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenCall<'a> {
    pub(crate) method: Method,
    /// A path or an address, without the query.
    pub(crate) target: &'a str,
    /// What stands behind the question mark; empty without one.
    pub(crate) query: &'a str,
    /// Method and target.
    pub(crate) range: Range<usize>,
}

/// The calls in a text, in its order. A target that is left open, `/v1/…`, makes none.
pub(crate) fn find(text: &str) -> Vec<WrittenCall<'_>> {
    let text = head(text);
    let mut found = Vec::new();
    // A command may name the method anywhere before the address, and is a GET without one.
    let (mut method, mut is_command): (Option<(Method, usize)>, bool) = (None, false);
    for (start, word) in words(text) {
        let named = Method::ALL.into_iter().find(|known| known.as_str() == word);
        if let Some(named) = named {
            method = Some((named, start));
        } else if word == "curl" {
            (method, is_command) = (None, true);
        } else if word.starts_with('/') || word.starts_with("https://") {
            let written = method.take();
            let begins = written.map_or(start, |(_, at)| at);
            let method = written.map(|(method, _)| method);
            let method = method.or_else(|| is_command.then_some(Method::Get));
            is_command = false;
            if let Some(method) = method
                && let Some((target, query)) = target(word)
            {
                let range = begins..start + target.len();
                found.push(WrittenCall {
                    method,
                    target,
                    query,
                    range,
                });
            }
        } else if !is_command {
            method = None;
        }
    }
    found
}

/// Words between white space, quotes and commas, and where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_between = |c: char| c.is_whitespace() || "`\"',()".contains(c);
    let words = text.split(is_between).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Target and query of a word.
fn target(word: &str) -> Option<(&str, &str)> {
    let word = word.trim_end_matches([':', ';', '!']);
    let (target, query) = word.split_once('?').unwrap_or((word, ""));
    let target = target.split('#').next().unwrap_or(target);
    let is_open = |text: &str| text.contains('…') || text.contains("..") && !text.contains("...}");
    let target = target.trim_end_matches('.');
    (!is_open(target)).then_some((target, query))
}
