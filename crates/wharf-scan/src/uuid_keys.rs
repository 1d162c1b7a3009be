//! UUIDs that are secrets: keys of services that issue them in this form.
//!
//! A UUID behind a name such as `token` is most often an id. Behind the name of one of these services it is
//! the key itself.
//!
//! Sources: "Authentication" of postmarkapp.com, "API keys" of heroku.com, snyk.io, opsgenie.com,
//! scaleway.com and statuspage.io; "ACL tokens" of Consul and Nomad (developer.hashicorp.com); "Codecov
//! tokens" (docs.codecov.com); "npmrc" (docs.npmjs.com) for `_authToken`.

/// In small letters.
const ISSUERS: [&str; 16] = [
    "_authtoken",
    "postmark",
    "heroku",
    "snyk",
    "codecov",
    "consul",
    "nomad",
    "scaleway",
    "scw_",
    "geniekey",
    "opsgenie",
    "statuspage",
    "wakatime",
    "hibp",
    "npm_token",
    "courier",
];

/// How far before the value the issuer stands.
const MOST_BEFORE: usize = 100;

/// Whether the words on its line before a UUID make it a key.
pub(super) fn is_key(text: &str, at: usize) -> bool {
    let start = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
    let line = text[start..at].rsplit('\n').next().unwrap_or_default();
    let line = line.to_ascii_lowercase();
    ISSUERS.iter().any(|issuer| line.contains(issuer))
}

#[cfg(test)]
mod tests;
