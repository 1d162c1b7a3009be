//! Webhooks: how one that comes in is verified, and how test requests are answered.

use wharf_diag::Spanned;

use super::context::{Context, is_absent, spanned};
use super::list::{self, Entry};
use crate::findings::not_filled_in::{self, Need};
use crate::findings::{
    condition_not_read, event_field_not_read, not_a_reference, status_not_read, template_not_read,
    unknown_word,
};
use crate::model::{
    EventField, Handshake, SignatureAlgorithm, SignatureAlphabet, SignatureEncoding,
    SignatureScheme, Verification, WebhookSecret,
};
use crate::parse::reference::is_name_or_path;
use crate::parse::template::is_header_name;
use crate::parse::{condition, placeholder, status, url};
use crate::raw::{self, Section, Text, same_name};
use crate::vocabulary;

/// Keys of the Verification list.
pub(crate) const VERIFICATION_KEYS: [&str; 14] = vocabulary::names(&vocabulary::VERIFICATION_KEYS);

const KEYS: list::Keys<'static> = list::Keys {
    may_repeat: &["Handshake"],
    read_below: &["Secret"],
    ..list::Keys::once(&VERIFICATION_KEYS)
};

/// What a template of signed content may hold.
const SIGNED_FIELDS: [&str; 4] = ["body", "timestamp", "id", "url"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Option<Verification> {
    let blocks = section.part("Verification");
    let entries = list::entries(context, &blocks, KEYS);
    if entries.is_empty() {
        return None;
    }
    let mut verification = Verification {
        span: section.place_of_part("Verification"),
        keys: entries.iter().map(|e| e.key.as_str().to_owned()).collect(),
        ..Verification::default()
    };
    for entry in &entries {
        verification_entry(context, &mut verification, entry);
    }
    Some(verification)
}

fn verification_entry(context: &mut Context<'_>, to: &mut Verification, entry: &Entry<'_>) {
    let (value, what) = (&entry.value, entry.what());
    match entry.name().as_str() {
        "scheme" => to.scheme = scheme(context, value),
        "header" => {
            let name = context.header_name(value, &what);
            to.header = name.map(|name| name.map(|name| name.to_ascii_lowercase()));
        }
        "algorithm" => to.algorithm = context.one_of(value, &what, &SignatureAlgorithm::ALL),
        "signed content" => to.signed_content = signed_content(context, value, &what),
        "encoding" => to.encoding = encoding(context, value, &what),
        "tolerance" => to.tolerance = context.bound(value, &what),
        "timestamp header" => {
            let name = context.header_name(value, &what);
            to.timestamp_header = name.map(|name| name.map(|name| name.to_ascii_lowercase()));
        }
        "secret" => to.secrets = secrets(context, entry, &what),
        "public url" => to.public_url = public_url(context, value, &what),
        "items" => to.items = items(context, value, &what),
        "handshake" => to.handshakes.extend(handshake(context, value, &what)),
        "event type" => to.event_type = field(context, value, &what),
        "event id" => to.event_id = field(context, value, &what),
        "respond" => (to.respond_status, to.handshake) = respond(context, value, &what),
        _ => context.unknown_name(
            &entry.key,
            "key of the Verification list",
            &VERIFICATION_KEYS,
        ),
    }
}

fn scheme(context: &mut Context<'_>, value: &Text) -> Option<Spanned<SignatureScheme>> {
    let (word, rest) = match value.as_str().find(',') {
        Some(at) => (
            value.part(0..at).trimmed(),
            Some(value.part(at + 1..value.as_str().len()).trimmed()),
        ),
        None => (value.trimmed(), None),
    };
    if same_name(word.as_str(), "None") {
        let proof = rest.map(|rest| rest.as_str().to_owned());
        return Some(Spanned::new(SignatureScheme::Unsigned(proof), value.span()));
    }
    let word = context.given(&word, "`Scheme`", Need::Used)?;
    if same_name(word.as_str(), "Generic") {
        return Some(Spanned::new(SignatureScheme::Generic, word.span()));
    }
    let name = SignatureScheme::NAMES
        .iter()
        .find(|name| same_name(word.as_str(), name));
    if name.is_none() {
        let known: Vec<_> = SignatureScheme::NAMES
            .into_iter()
            .chain(["Generic", "None"])
            .collect();
        context.report_at(word.span(), |source, span| {
            unknown_word::new(source, span, "the scheme", word.as_str(), &known)
        });
    }
    name.map(|name| Spanned::new(SignatureScheme::Named(name), word.span()))
}

/// `{timestamp}.{body}`: every hole is one that can be filled, and the body is in it.
fn signed_content(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    let value = context.given(value, what, Need::Used)?;
    let template = crate::parse::template::parse(value.as_str()).and_then(|template| {
        if let Some(field) = template.fields().find(|f| !SIGNED_FIELDS.contains(f)) {
            return Err(format!(
                "`{{{field}}}` is none of `{{body}}`, `{{timestamp}}`, `{{id}}` and `{{url}}`"
            ));
        }
        if template.fields().any(|field| field == "body") {
            Ok(value.as_str().to_owned())
        } else {
            Err("`{body}` is not in it, so any body would pass".to_owned())
        }
    });
    context.value(&value, template, |source, span, why| {
        template_not_read::new(source, span, what, why)
    })
}

/// `hex`, or `hex after sha256=`.
fn encoding(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> Option<Spanned<SignatureEncoding>> {
    let (word, prefix) = match value.as_str().find(" after ") {
        Some(at) => {
            let behind = value.as_str()[at + 7..].trim();
            let prefix = behind.trim_matches(['`', '"', '\'']).to_owned();
            (value.part(0..at).trimmed(), Some(prefix))
        }
        None => (value.trimmed(), None),
    };
    let alphabet = context.one_of(&word, what, &SignatureAlphabet::ALL)?;
    Some(alphabet.map(|alphabet| SignatureEncoding { alphabet, prefix }))
}

/// A name, several names, or one for each environment: in one line, or as a list below.
fn secrets(context: &mut Context<'_>, entry: &Entry<'_>, what: &str) -> Vec<WebhookSecret> {
    let mut secrets = Vec::new();
    let mut lines = entry.value.split_on(&[","]);
    lines.extend(raw::items(&entry.item.children).map(|item| item.text.clone()));
    for line in &lines {
        let (environment, names) = match line.split_key() {
            Some((environment, names)) => (Some(spanned(&environment)), names),
            None => (None, line.clone()),
        };
        for name in names_of(&names) {
            if let Some(name) = reference(context, &name, what) {
                secrets.push(WebhookSecret {
                    environment: environment.clone(),
                    name,
                });
            }
        }
    }
    secrets
}

/// Several names for one environment are joined by `and`: `production: A and B`.
fn names_of(value: &Text) -> Vec<Text> {
    value.split_on(&[",", " and "])
}

/// The names in a cell.
pub(super) fn names(context: &mut Context<'_>, cell: &Text, what: &str) -> Vec<Spanned<String>> {
    names_of(cell)
        .iter()
        .filter_map(|name| reference(context, name, what))
        .collect()
}

/// The name of a variable, or a path in a store. Anything else may be the secret itself.
fn reference(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    if is_absent(value.as_str()) {
        return None;
    }
    let is_open = placeholder::is_placeholder(value.as_str());
    let is_reference = is_name_or_path(value.as_str());
    if is_open {
        context.report_at(value.span(), |source, span| {
            not_filled_in::new(source, span, what, Need::Used)
        });
    } else if !is_reference {
        context.report_at(value.span(), |source, span| {
            not_a_reference::new(source, span, what)
        });
    }
    (!is_open && is_reference).then(|| spanned(value))
}

/// Our own address, as the vendor calls it.
fn public_url(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    let value = context.given(value, what, Need::Used)?;
    let value = context.led_to(&value, what)?;
    let url = url::parse(value.as_str()).map(|url| url.to_string());
    context.url(&value, url, what)
}

/// A JSON pointer; `/` is the whole body.
fn items(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    let value = context.given(value, what, Need::Used)?;
    if value.as_str() == "/" {
        return Some(Spanned::new(String::new(), value.span()));
    }
    context.pointer(&value, what)
}

/// `/challenge`, `204 when /type = 0`, or `{"type":1} when /type = 1`.
fn handshake(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<Handshake>> {
    let value = context.given(value, what, Need::Used)?;
    let read = match value.as_str().rsplit_once(" when ") {
        None => condition::pointer(value.as_str()).map(Handshake::Echo),
        Some((answer, when)) => answered(answer.trim(), when.trim()),
    };
    context.value(&value, read, |source, span, why| {
        condition_not_read::new(source, span, what, why)
    })
}

fn answered(answer: &str, when: &str) -> Result<Handshake, String> {
    let end = answer.find(|c: char| !c.is_ascii_digit());
    let (digits, rest) = answer.split_at(end.unwrap_or(answer.len()));
    let status = if digits.is_empty() {
        200
    } else {
        status::exact(digits)?
    };
    let body = rest.trim_start_matches([',', ' ']);
    if !body.is_empty() && serde_json::from_str::<serde_json::Value>(body).is_err() {
        return Err(format!("`{body}` is neither a status nor JSON"));
    }
    Ok(Handshake::Answer {
        status,
        body: (!body.is_empty()).then(|| body.to_owned()),
        when: condition::parse(when)?,
    })
}

/// `/type`, `X-GitHub-Event` or `header X-GitHub-Event`.
fn field(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<EventField>> {
    let value = context.given(value, what, Need::Used)?;
    let text = value.as_str();
    let field = if text.starts_with('/') && !text.contains(char::is_whitespace) {
        Ok(EventField::Pointer(text.to_owned()))
    } else if text.starts_with('$') || text.contains('.') && is_header_name(text) {
        let names = text.trim_start_matches(['$', '.']).replace('.', "/");
        Err(format!(
            "it is no JSON pointer; write `/{names}`, or `header {text}` where it is a header"
        ))
    } else if let Some(name) = header_word(text) {
        Ok(EventField::Header(name.to_ascii_lowercase()))
    } else {
        Err("it is neither a JSON pointer such as `/type` nor `header X-Event`".to_owned())
    };
    context.value(&value, field, |source, span, why| {
        event_field_not_read::new(source, span, what, why)
    })
}

/// The name of a header, alone or behind the word `header`.
fn header_word(text: &str) -> Option<&str> {
    let name = match text.split_once(' ') {
        Some((word, name)) if word.eq_ignore_ascii_case("header") => name.trim(),
        _ => text,
    };
    (is_header_name(name) && !name.eq_ignore_ascii_case("header")).then_some(name)
}

/// `200`, or `200, challenge`.
fn respond(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> (Option<Spanned<u16>>, Option<Spanned<String>>) {
    let Some(value) = context.given(value, what, Need::Used) else {
        return (None, None);
    };
    let end = value
        .as_str()
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.as_str().len());
    let number = value.part(0..end);
    let status = context.value(
        &value,
        status::exact(number.as_str()),
        |source, span, why| status_not_read::new(source, span, what, why),
    );
    let words = value.part(end..value.as_str().len());
    let words = words.as_str().trim_start_matches([',', ';', ' ', '-']);
    let start = value.as_str().len() - words.len();
    let words = value.part(start..value.as_str().len()).trimmed();
    let handshake = (!words.is_empty()).then(|| spanned(&words));
    (status, handshake)
}
