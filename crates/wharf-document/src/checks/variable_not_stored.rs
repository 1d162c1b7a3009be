//! WH680: a new secret is put where Credential Storage does not look for it.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{CredentialStore, Integration};
use crate::prose::{Kind, Prose, Sentence};
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH680",
    slug: "variable-not-stored",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("variable_not_stored.md"),
};

/// Words of parts that tell how a credential gets to its place.
const PARTS: [&str; 9] = [
    "rotat",
    "setup",
    "set up",
    "runbook",
    "procedure",
    "install",
    "onboarding",
    "key",
    "credential",
];

/// Words in front of the place that something is put into.
const PUT: [&str; 20] = [
    "put",
    "puts",
    "store",
    "stored",
    "write",
    "written",
    "save",
    "saved",
    "set",
    "copy",
    "paste",
    "enter",
    "update",
    "replace",
    "place",
    "into",
    "export",
    "fill",
    "overwrite",
    "as",
];

/// Words in front of what is taken out, or has another owner.
const TAKEN: [&str; 16] = [
    "delete", "remove", "revoke", "drop", "unset", "from", "old", "reads", "called", "named",
    "instead", "not", "never", "tool", "former", "formerly",
];

/// Looks up the variables that steps put a secret into.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let stores = integration
        .credentials
        .iter()
        .map(|credential| &credential.store.value);
    let known: Vec<_> = stores
        .filter_map(|store| match store {
            CredentialStore::EnvVariables { variables } => Some(variables),
            _ => None,
        })
        .flatten()
        .collect();
    let verification = integration.webhooks.verification.iter();
    let signing = verification
        .flat_map(|found| &found.secrets)
        .map(|secret| &secret.name);
    let signing = signing.chain(
        integration
            .webhooks
            .outgoing
            .iter()
            .flat_map(|row| &row.secrets),
    );
    let signing: Vec<_> = signing.map(|name| name.value.as_str()).collect();
    if known.is_empty() {
        return;
    }
    // Most sentences name no variable; that is seen at once.
    let names_one = |sentence: &&Sentence| {
        let mut pairs = sentence.text.as_str().as_bytes().windows(2);
        pairs.any(|pair| pair.iter().all(u8::is_ascii_uppercase))
    };
    let sentences = prose.told().filter(names_one);
    for sentence in sentences.filter(|sentence| tells_to_put(sentence)) {
        for name in put(sentence.text) {
            let variable = name.as_str();
            let kin = known
                .iter()
                .find(|one| prefix(&one.value) == prefix(variable));
            let is_known =
                known.iter().any(|one| one.value == variable) || signing.contains(&variable);
            let Some(kin) = kin.filter(|_| !is_known && !is_explained(prose, variable)) else {
                continue;
            };
            disagree(
                findings,
                CODE,
                format!(
                    "a secret is put into `{variable}`, which Credential Storage does not list"
                ),
                (name.span(), "what is filled"),
                (kin.span, "what is read"),
                &format!(
                    "the smallest change: write `{}` there, or list `{variable}`",
                    kin.value
                ),
            );
            return;
        }
    }
}

fn tells_to_put(sentence: &Sentence) -> bool {
    let is_named = |name: &str| PARTS.iter().any(|word| name.contains(word));
    sentence.is_in("Authentication")
        || is_named(&sentence.section)
        || is_named(&sentence.part)
        || sentence.has(&[
            "rotate",
            "rotation",
            "rotated",
            "rotating",
            "new key",
            "new secret",
            "new token",
        ])
}

/// The names of variables in a sentence that a word of putting stands before.
fn put(text: Stretch<'_>) -> Vec<Stretch<'_>> {
    let mut is_put = false;
    let mut found = Vec::new();
    let words = text.split(|value, at| {
        let sign = value[at..].chars().next().unwrap_or(' ');
        let is_word = sign.is_alphanumeric() || matches!(sign, '_' | '$' | '…' | '*');
        if is_word { 0 } else { sign.len_utf8() }
    });
    for word in words {
        let lower = word.as_str().to_lowercase();
        if PUT.contains(&lower.as_str()) {
            is_put = true;
        } else if TAKEN.contains(&lower.as_str()) {
            is_put = false;
        } else if is_put && is_variable(word.as_str()) {
            found.push(word);
        }
    }
    found
}

/// `VENDOR_API_KEY`
fn is_variable(word: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let has_parts = word.split('_').filter(|part| !part.is_empty()).count() > 1;
    word.starts_with(|c: char| c.is_ascii_uppercase()) && has_parts && word.chars().all(is_sign)
}

fn prefix(name: &str) -> &str {
    name.split('_').next().unwrap_or(name)
}

/// Whether the document tells whose variable it is, or what it holds.
fn is_explained(prose: &Prose<'_>, variable: &str) -> bool {
    const WHOSE: [&str; 12] = [
        "tool",
        "reads",
        "called",
        "alias",
        "same",
        "where we say",
        "until",
        "former",
        "formerly",
        "pipeline",
        "job",
        "script",
    ];
    prose.sentences.iter().any(|sentence| {
        let is_said = sentence.kind != Kind::Code && sentence.text.as_str().contains(variable);
        is_said && sentence.has(&WHOSE)
    })
}
