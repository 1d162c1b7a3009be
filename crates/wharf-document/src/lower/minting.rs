//! Authentication: keys about tokens that are made, TLS in both directions, and new secrets.

use wharf_diag::Spanned;

use super::context::{Context, spanned};
use super::endpoints::{METHODS, operation_id};
use crate::findings::not_filled_in::Need;
use crate::findings::{template_not_read, unknown_word};
use crate::model::{
    Authentication, Claim, ClientAuthentication, Grant, Method, RotateWith, Template, TokenRequest,
};
use crate::parse::duration::{self, Unit};
use crate::parse::template;
use crate::raw::Text;

/// Claims that are moments (RFC 7519, 4.1).
const MOMENTS: [&str; 3] = ["iat", "nbf", "exp"];

/// Reads a key; `false` when it is none of these.
pub(super) fn key(
    context: &mut Context<'_>,
    to: &mut Authentication,
    name: &str,
    value: &Text,
    what: &str,
) -> bool {
    let minting = &mut to.minting;
    match name {
        "client authentication" => {
            minting.client_authentication = context.one_of(value, what, &ClientAuthentication::ALL);
        }
        "token request" => minting.token_request = token_request(context, value, what),
        "token field" => minting.token_field = context.pointer(value, what),
        "expiry field" => minting.expiry_field = context.pointer(value, what),
        "signing key" => minting.signing_key = field(context, value, what),
        "key id" => minting.key_id = super::authentication::field(context, value, what),
        "certificate authority" => to.tls.authority = field(context, value, what),
        "client certificate" => to.tls.certificate = field(context, value, what),
        "client key" => to.tls.key = field(context, value, what),
        "rotate with" => to.rotate_with = rotate_with(context, value, what),
        _ => return false,
    }
    true
}

/// A word of [`Grant`], or the whole name of an extension grant (RFC 6749, 4.5).
pub(super) fn grant(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<Grant>> {
    const URN: &str = "urn:ietf:params:oauth:grant-type:";
    let text = value.as_str();
    // `urn:` is the same in any case (RFC 8141, 2.1), and so are the letters of the namespace.
    let start = text.get(..URN.len());
    let is_whole = start.is_some_and(|start| start.eq_ignore_ascii_case(URN));
    let word = if is_whole {
        value.part(URN.len()..text.len())
    } else {
        value.clone()
    };
    context.one_of(&word, what, &Grant::ALL)
}

/// `POST /app/installations/{installation_id}/access_tokens`.
fn token_request(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> Option<Spanned<TokenRequest>> {
    let value = context.given(value, what, Need::Used)?;
    let text = value.as_str();
    let (word, path) = match text.find(' ') {
        Some(space) => (
            value.part(0..space),
            value.part(space + 1..text.len()).trimmed(),
        ),
        None => (Text::empty_at(value.span()), value.clone()),
    };
    let mut methods = METHODS.into_iter();
    let method = if word.is_empty() {
        Some(Method::Post)
    } else {
        methods.find(|method| word.as_str().eq_ignore_ascii_case(method.as_str()))
    };
    let Some(method) = method else {
        let known = METHODS.map(Method::as_str);
        context.report_at(word.span(), |source, span| {
            unknown_word::new(source, span, "the method", word.as_str(), &known)
        });
        return None;
    };
    let read = if path.as_str().starts_with('/') {
        template::parse(path.as_str())
    } else {
        Err("its path does not start with `/`".to_owned())
    };
    let path = context.value(&path, read, |source, span, why| {
        template_not_read::new(source, span, what, why)
    })?;
    let request = TokenRequest {
        method,
        path: path.value,
    };
    Some(Spanned::new(request, value.span()))
}

/// `{private_key}`: one field of the credential and nothing else.
fn field(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    let value = context.given(value, what, Need::Used)?;
    let read = template::parse(value.as_str()).and_then(|template| one_field(&template));
    context.value(&value, read, |source, span, why| {
        template_not_read::new(source, span, what, why)
    })
}

fn one_field(template: &Template) -> Result<String, String> {
    let mut fields = template.fields();
    match (fields.next(), template.parts.len()) {
        (Some(field), 1) => Ok(field.to_owned()),
        _ => Err("it is not one field of the credential, such as `{private_key}`".to_owned()),
    }
}

/// `create-key, /secret; revoke: delete-key`.
fn rotate_with(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<RotateWith>> {
    let value = context.given(value, what, Need::Used)?;
    let parts = value.split_on(&[";"]);
    let (make, revoke) = match parts.as_slice() {
        [make] => (make, None),
        [make, revoke] => (make, Some(revoke)),
        _ => return refuse_rotation(context, &value, what),
    };
    let words = make.split_on(&[","]);
    let [operation, field] = words.as_slice() else {
        return refuse_rotation(context, &value, what);
    };
    let field = context.pointer(field, what)?;
    let revoke = match revoke.map(Text::split_key) {
        None => None,
        Some(Some((key, operation))) if key.as_str().eq_ignore_ascii_case("revoke") => {
            Some(named(&operation))
        }
        Some(_) => return refuse_rotation(context, &value, what),
    };
    let rotate_with = RotateWith {
        operation: named(operation),
        field,
        revoke,
    };
    Some(Spanned::new(rotate_with, value.span()))
}

fn named(operation: &Text) -> Spanned<String> {
    spanned(operation).map(|name| operation_id(&name))
}

fn refuse_rotation<T>(context: &mut Context<'_>, value: &Text, what: &str) -> Option<T> {
    context.report_at(value.span(), |source, span| {
        let why = "it has not the form `OPERATION, /field; revoke: OPERATION`";
        template_not_read::new(source, span, what, why)
    });
    None
}

/// The value of a claim: a text with fields, or for a moment the time from now: `iat=-60s`.
pub(super) fn claim(
    context: &mut Context<'_>,
    name: &Text,
    value: &Text,
    what: &str,
) -> Option<Spanned<Claim>> {
    let is_moment = MOMENTS.contains(&name.as_str());
    let read = if is_moment && !value.as_str().contains('{') {
        from_now(value.as_str()).map(Claim::FromNow)
    } else {
        template::parse(value.as_str()).map(Claim::Text)
    };
    context.value(value, read, |source, span, why| {
        template_not_read::new(source, span, what, why)
    })
}

fn from_now(text: &str) -> Result<i64, String> {
    let (sign, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let duration = if rest == "now" {
        Ok(std::time::Duration::ZERO)
    } else {
        duration::parse(rest, Unit::Seconds)
    };
    let why = |why| format!("a moment is a time from now, such as `exp=1h` or `iat=-60s`: {why}");
    let seconds = duration.map_err(why)?.as_secs();
    i64::try_from(seconds)
        .map(|seconds| sign * seconds)
        .map_err(|_| "it is too long".to_owned())
}
