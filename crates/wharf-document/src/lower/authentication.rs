//! Authentication: the Method list.

use wharf_diag::{Span, Spanned};

use super::context::{Context, Seen, is_absent, spanned};
use crate::checks::not_filled_in::Need;
use crate::checks::{header_not_read, template_not_read, unknown_word};
use crate::model::{Authentication, AuthenticationType, Placement, Template};
use crate::parse::template::{self, is_header_name};
use crate::raw::{Section, Text, items, same_name};

/// Keys of the Method list. Those behind `Version header` are kept and read later.
const KNOWN: [&str; 14] = [
    "Type",
    "Rotation",
    "Permissions",
    "Header",
    "Query",
    "Username",
    "Password",
    "Version header",
    "Token URL",
    "Scopes",
    "Audience",
    "Grant",
    "Algorithm",
    "Claims",
];

/// Types with the words that documents use for them.
const TYPES: [(&str, AuthenticationType); 7] = [
    ("API Key", AuthenticationType::ApiKey),
    ("OAuth2", AuthenticationType::OAuth2),
    ("OAuth 2.0", AuthenticationType::OAuth2),
    ("JWT", AuthenticationType::Jwt),
    ("Basic", AuthenticationType::Basic),
    ("Basic Auth", AuthenticationType::Basic),
    ("None", AuthenticationType::None),
];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Authentication {
    let mut authentication = Authentication {
        span: section.name.span(),
        kind: None,
        placements: Vec::new(),
        version_header: None,
        rotation: None,
        permissions: None,
    };
    let (mut username, mut password) = (None, None);
    let mut seen = Seen::new();
    let method = section.part("Method");
    for item in section.loose_items().chain(items(method)) {
        let Some((key, value)) = item.text.split_key() else {
            continue;
        };
        let key_name = key.as_str().to_lowercase();
        // A call may carry several headers and parameters, so these keys may repeat.
        let may_repeat = matches!(key_name.as_str(), "header" | "query");
        let is_part = ["Method", "Credential Storage"]
            .iter()
            .any(|part| same_name(key.as_str(), part));
        if is_part || !may_repeat && !context.is_new(&mut seen, &key, "key") {
            continue;
        }
        let what = format!("`{}`", key.as_str());
        match key_name.as_str() {
            "type" => authentication.kind = kind(context, &value),
            "rotation" => authentication.rotation = context.text(&value, &what, Need::Read),
            "permissions" => authentication.permissions = context.text(&value, &what, Need::Read),
            "header" => authentication.placements.extend(header(context, &value)),
            "query" => authentication.placements.extend(query(context, &value)),
            "username" => username = field(context, &value, &what),
            "password" => password = field(context, &value, &what),
            "version header" => authentication.version_header = header_name(context, &value),
            _ if KNOWN.iter().any(|known| same_name(key.as_str(), known)) => {}
            _ => context.unknown_name(&key, "key of the Method list", &KNOWN),
        }
    }
    authentication.placements.extend(basic(username, password));
    authentication
}

fn kind(context: &mut Context<'_>, value: &Text) -> Option<Spanned<AuthenticationType>> {
    if same_name(value.as_str(), "None") {
        return Some(Spanned::new(AuthenticationType::None, value.span()));
    }
    let value = context.given(value, "the authentication type", Need::Used)?;
    let known = TYPES
        .iter()
        .find(|(words, _)| same_name(value.as_str(), words));
    if known.is_none() {
        let words = ["API Key", "OAuth2", "JWT", "Basic", "None"];
        context.report_at(value.span(), |source, span| {
            unknown_word::new(
                source,
                span,
                "the authentication type",
                value.as_str(),
                &words,
            )
        });
    }
    known.map(|(_, kind)| Spanned::new(*kind, value.span()))
}

/// `Authorization: Bearer {api_key}`.
fn header(context: &mut Context<'_>, value: &Text) -> Option<Spanned<Placement>> {
    let value = context.given(value, "the header", Need::Used)?;
    let Some((name, behind)) = split_at_sign(&value, ':') else {
        return refuse_header(context, &value, "no `:` stands behind the name");
    };
    if !is_header_name(name.as_str()) {
        return refuse_header(
            context,
            &value,
            "the name holds a sign that no header may have",
        );
    }
    let template = field(context, &behind, "the value of the header")?;
    let placement = Placement::Header {
        name: name.as_str().to_ascii_lowercase(),
        value: template.value,
    };
    Some(Spanned::new(placement, value.span()))
}

fn refuse_header<T>(context: &mut Context<'_>, value: &Text, why: &str) -> Option<T> {
    context.report_at(value.span(), |source, span| {
        header_not_read::new(source, span, "`Header`", why)
    });
    None
}

/// `key={api_key}`.
fn query(context: &mut Context<'_>, value: &Text) -> Option<Spanned<Placement>> {
    let value = context.given(value, "the query parameter", Need::Used)?;
    let Some((name, behind)) = split_at_sign(&value, '=').filter(|(name, _)| !name.is_empty())
    else {
        context.report_at(value.span(), |source, span| {
            template_not_read::new(
                source,
                span,
                "`Query`",
                "it has not the form `name={field}`",
            )
        });
        return None;
    };
    let template = field(context, &behind, "the value of the query parameter")?;
    let placement = Placement::Query {
        name: name.as_str().to_owned(),
        value: template.value,
    };
    Some(Spanned::new(placement, value.span()))
}

fn split_at_sign(value: &Text, sign: char) -> Option<(Text, Text)> {
    let at = value.as_str().find(sign)?;
    let name = value.part(0..at).trimmed();
    let behind = value.part(at + 1..value.as_str().len()).trimmed();
    Some((name, behind))
}

/// A text with holes for the credential's fields.
fn field(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<Template>> {
    if is_absent(value.as_str()) {
        return Some(Spanned::new(Template::default(), value.span()));
    }
    context.value(
        value,
        template::parse(value.as_str()),
        |source, span, why| template_not_read::new(source, span, what, why),
    )
}

fn header_name(context: &mut Context<'_>, value: &Text) -> Option<Spanned<String>> {
    let value = context.given(value, "`Version header`", Need::Used)?;
    if is_header_name(value.as_str()) {
        return Some(spanned(&value));
    }
    context.report_at(value.span(), |source, span| {
        header_not_read::new(
            source,
            span,
            "`Version header`",
            "the name holds a sign that no header may have",
        )
    });
    None
}

/// User name and password make one placement, and either may be empty.
fn basic(
    username: Option<Spanned<Template>>,
    password: Option<Spanned<Template>>,
) -> Option<Spanned<Placement>> {
    let span: Span = match (&username, &password) {
        (Some(username), Some(password)) => username.span.to(password.span),
        (Some(one), None) | (None, Some(one)) => one.span,
        (None, None) => return None,
    };
    let template = |given: Option<Spanned<Template>>| given.map(|g| g.value).unwrap_or_default();
    let placement = Placement::Basic {
        username: template(username),
        password: template(password),
    };
    Some(Spanned::new(placement, span))
}
