//! Every form of a credential that must not come back in an answer's headers.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::{HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use wharf_document::model::{Template, TemplatePart};
use wharf_plan::CompiledPlacement;
use wharf_secrets::Credential;

use super::fill;
use crate::relocate::{Forms, SHORTEST_BYTES};

/// What requests carry, the fields it is made of, and both as vendors write them.
pub(super) fn forms(
    placements: &[CompiledPlacement],
    credential: &Credential,
    headers: &[(HeaderName, HeaderValue)],
) -> Forms {
    let fields = placements.iter().flat_map(secret_fields);
    let fields = fields
        .filter_map(|field| credential.get(field))
        .map(|field| field.expose_secret().to_owned());
    let composed = placements
        .iter()
        .filter_map(|placement| composed(placement, credential));
    let mut plain: Vec<String> = fields.chain(composed).collect();
    // Places of one field mostly stand side by side; what is here twice all the same is only looked
    // for twice.
    plain.dedup();
    let basic = headers.iter().filter_map(|(_, value)| {
        let (scheme, pair) = value.to_str().ok()?.split_once(' ')?;
        let is_basic = scheme.eq_ignore_ascii_case("basic");
        // Echoed with padding or without it, so that both are found.
        is_basic.then(|| pair.trim_end_matches('=').to_owned())
    });
    let mut all: Vec<String> = basic.flat_map(in_both_alphabets).collect();
    for value in plain {
        if value.len() >= SHORTEST_BYTES {
            all.extend(in_both_alphabets(STANDARD_NO_PAD.encode(&value)));
            all.extend(escaped(&value));
        }
        all.push(value);
    }
    Forms::new(all.iter().map(String::as_str))
}

/// The fields of a placement that are secret. A user name is none, unless it stands for the key,
/// with nothing of the credential in the password: vendors write account ids into their links.
fn secret_fields(placement: &CompiledPlacement) -> impl Iterator<Item = &str> {
    match placement {
        CompiledPlacement::Header { value, .. } | CompiledPlacement::Query { value, .. } => value,
        CompiledPlacement::Basic { username, password } => {
            if password.fields().next().is_some() {
                password
            } else {
                username
            }
        }
    }
    .fields()
}

/// What is sent where it is put together from several fields, without the words around them: each
/// of them may be too short to be looked for.
fn composed(placement: &CompiledPlacement, credential: &Credential) -> Option<String> {
    match placement {
        CompiledPlacement::Header { value, .. } | CompiledPlacement::Query { value, .. } => {
            let is_field = |part: &TemplatePart| matches!(part, TemplatePart::Field(_));
            let first = value.parts.iter().position(is_field)?;
            let last = value.parts.iter().rposition(is_field)?;
            let parts = value.parts.get(first..=last).filter(|_| first < last)?;
            let parts = parts.to_vec();
            fill(&Template { parts }, credential)
        }
        CompiledPlacement::Basic { username, password } => {
            let pair = (fill(username, credential)?, fill(password, credential)?);
            let is_whole = !pair.0.is_empty() && !pair.1.is_empty();
            is_whole.then(|| format!("{}:{}", pair.0, pair.1))
        }
    }
}

/// A text in base64 as it is, and in the other alphabet (RFC 4648, section 5).
fn in_both_alphabets(base64: String) -> impl Iterator<Item = String> {
    let other = base64
        .contains(['+', '/'])
        .then(|| base64.replace('+', "-").replace('/', "_"));
    [Some(base64), other].into_iter().flatten()
}

/// How one character is written in a text of another kind.
type Escape = fn(char) -> Option<String>;

/// As JSON of PHP has it, as JSON has it that may stand in HTML, and as HTML has it, with numbers
/// of either kind.
const ESCAPES: [Escape; 5] = [
    |c| (c == '/').then(|| "\\/".to_owned()),
    |c| is_special(c).then(|| format!("\\u{:04x}", u32::from(c))),
    |c| is_special(c).then(|| format!("&#{};", u32::from(c))),
    |c| is_special(c).then(|| format!("&#x{:x};", u32::from(c))),
    |c| {
        let name = match c {
            '&' => "amp",
            '<' => "lt",
            '>' => "gt",
            '"' => "quot",
            '\'' => "apos",
            _ => return None,
        };
        Some(format!("&{name};"))
    },
];

/// What some writers escape in HTML or JSON.
const SPECIAL: [char; 9] = ['&', '<', '>', '"', '\'', '+', '/', '=', '`'];

fn is_special(c: char) -> bool {
    SPECIAL.contains(&c)
}

/// The forms that escaping gives a value. Which characters a writer escapes differs; each is taken
/// alone and all of them together.
fn escaped(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let special = SPECIAL.iter().filter(|c| value.contains(**c));
    let alone = special.clone().map(std::slice::from_ref);
    let together = (special.count() > 1).then_some(&SPECIAL[..]);
    for chosen in alone.chain(together) {
        for escape in ESCAPES {
            let mut form = String::with_capacity(value.len());
            for c in value.chars() {
                match escape(c).filter(|_| chosen.contains(&c)) {
                    // Writing to a string does not fail.
                    Some(escape) => drop(form.write_str(&escape)),
                    None => form.push(c),
                }
            }
            if form != value && !found.contains(&form) {
                found.push(form);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    //! Forms of values with characters that writers escape.

    use super::escaped;

    #[test]
    fn every_way_to_escape_is_a_form() {
        let found = escaped("ab/cd+ef=");
        for form in [
            r"ab\/cd+ef=",
            r"ab/cd\u002bef=",
            "ab/cd&#43;ef=",
            "ab&#x2f;cd+ef=",
            "ab&#x2f;cd&#x2b;ef&#x3d;",
        ] {
            assert!(found.iter().any(|known| known == form), "{form}: {found:?}");
        }
        assert_eq!(escaped("plain-key"), Vec::<String>::new());
    }
}
