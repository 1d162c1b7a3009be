//! Authentication: the Method list.

use wharf_diag::{Span, Spanned};

use super::context::{Context, is_absent, spanned};
use super::{list, minting};
use crate::findings::not_filled_in::{self, Need};
use crate::findings::{authentication_missing, header_not_read, template_not_read, unknown_word};
use crate::model::{
    Authentication, AuthenticationType, Claim, JWT_ALGORITHMS, Minting, Placement, Template,
    TlsFields, TokenUrl,
};
use crate::parse::template::{self, is_header_name};
use crate::parse::{placeholder, url, words};
use crate::raw::{Section, Text, items, same_name};
use crate::vocabulary;

const PARTS: [&str; 2] = ["Method", "Credential Storage"];

/// Keys of the Method list.
pub(crate) const KNOWN: [&str; 24] = vocabulary::names(&vocabulary::METHOD_KEYS);

const KEYS: list::Keys<'static> = list::Keys {
    parts: &PARTS,
    // A call may carry several headers and parameters.
    may_repeat: &["Header", "Query"],
    listed: &["Scopes", "Claims", "Permissions", "Rotation"],
    ..list::Keys::once(&KNOWN)
};

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
        rotation_period: None,
        permissions: None,
        token_url: None,
        token_url_open: false,
        grant: None,
        scopes: Vec::new(),
        audience: None,
        algorithm: None,
        claims: Vec::new(),
        minting: Minting::default(),
        tls: TlsFields::default(),
        rotate_with: None,
    };
    let (mut username, mut password) = (None, None);
    let blocks: Vec<_> = section
        .loose_blocks()
        .chain(section.part("Method"))
        .collect();
    let mut has_type = false;
    for entry in list::entries(context, &blocks, KEYS) {
        let (value, what) = (&entry.value, entry.what());
        has_type |= same_name(entry.key.as_str(), "Type");
        match entry.name().as_str() {
            "type" => authentication.kind = kind(context, value),
            "rotation" => rotation(context, &mut authentication, value, &what),
            "permissions" => authentication.permissions = context.text(value, &what, Need::Read),
            "header" => authentication.placements.extend(header(context, value)),
            "query" => authentication.placements.extend(query(context, value)),
            "username" => username = field(context, value, &what),
            "password" => password = field(context, value, &what),
            "version header" => {
                authentication.version_header = context.header_name(value, "`Version header`");
            }
            "token url" => {
                authentication.token_url = token_url(context, value, &what);
                authentication.token_url_open =
                    authentication.token_url.is_none() && !is_absent(value.as_str());
            }
            "grant" => authentication.grant = minting::grant(context, value, &what),
            "audience" => authentication.audience = context.text(value, &what, Need::Used),
            "scopes" => authentication.scopes = scopes(context, value, &what),
            "algorithm" => authentication.algorithm = algorithm(context, value, &what),
            "claims" => authentication.claims = claims(context, value, &what),
            name if minting::key(context, &mut authentication, name, value, &what) => {}
            _ => context.unknown_name(&entry.key, "key of the Method list", &KNOWN),
        }
    }
    authentication.placements.extend(basic(username, password));
    // A certificate of the client is a credential that no type and no placement speaks of.
    let shows_itself = authentication.tls != TlsFields::default();
    if !has_type && authentication.placements.is_empty() && !shows_itself {
        context.report_at(authentication.span, authentication_missing::no_type);
    }
    authentication
}

/// A whole address, or a path below the base URL of each environment.
fn token_url(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<TokenUrl>> {
    let text = context.given(value, what, Need::Used)?;
    // A path may lead to its documentation; an address leads to itself.
    let text = if text.as_str().starts_with('/') {
        text
    } else {
        context.led_to(&text, what)?
    };
    if url::has_hole(text.as_str()) {
        context.report_at(text.span(), |source, span| {
            not_filled_in::new(source, span, what, Need::Used)
        });
        return None;
    }
    let token_url = if text.as_str().starts_with('/') {
        url::path(text.as_str()).map(TokenUrl::Path)
    } else {
        url::parse(text.as_str()).map(TokenUrl::Address)
    };
    context.url(&text, token_url, what)
}

/// The words, and the first duration in them.
fn rotation(context: &mut Context<'_>, to: &mut Authentication, value: &Text, what: &str) {
    let Some(text) = context.given(value, what, Need::Read) else {
        return;
    };
    to.rotation_period = words::find_duration(text.as_str())
        .map(|(duration, range)| Spanned::new(duration, text.span_of(range)));
    to.rotation = Some(spanned(&text));
}

/// Words between spaces and commas.
fn scopes(context: &mut Context<'_>, value: &Text, what: &str) -> Vec<Spanned<String>> {
    let Some(text) = context.given(value, what, Need::Used) else {
        return Vec::new();
    };
    let words = text.split_on(&[" ", ","]);
    words.iter().map(spanned).collect()
}

fn algorithm(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    let text = context.given(value, what, Need::Used)?;
    let known = JWT_ALGORITHMS
        .iter()
        .find(|known| text.as_str().eq_ignore_ascii_case(known));
    if known.is_none() {
        context.report_at(text.span(), |source, span| {
            unknown_word::new(source, span, what, text.as_str(), &JWT_ALGORITHMS)
        });
    }
    known.map(|known| Spanned::new((*known).to_owned(), text.span()))
}

/// `iss={client_email}, iat=-60s, exp=1h`.
fn claims(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> Vec<(Spanned<String>, Spanned<Claim>)> {
    let Some(text) = context.given(value, what, Need::Used) else {
        return Vec::new();
    };
    let parts = text.split_on(&[","]);
    let mut claims = Vec::new();
    for part in &parts {
        let Some((name, behind)) = split_at_sign(part, '=').filter(|(name, _)| !name.is_empty())
        else {
            context.report_at(part.span(), |source, span| {
                template_not_read::new(source, span, what, "it has not the form `name={field}`")
            });
            continue;
        };
        if let Some(claim) = minting::claim(context, &name, &behind, what) {
            claims.push((spanned(&name), claim));
        }
    }
    claims
}

/// Whether the Method list says `Type: None`.
pub(super) fn is_open(section: &Section) -> bool {
    let method = section.part("Method");
    section
        .loose_items()
        .chain(items(method))
        .filter_map(|item| list::split_item(&item.text, &KNOWN))
        .any(|(key, value)| same_name(key.as_str(), "Type") && is_absent(value.as_str()))
}

fn kind(context: &mut Context<'_>, value: &Text) -> Option<Spanned<AuthenticationType>> {
    if is_absent(value.as_str()) && !value.is_empty() {
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
        return refuse_header(context, &value, header_not_read::ODD_SIGN);
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
pub(super) fn field(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> Option<Spanned<Template>> {
    if is_absent(value.as_str()) {
        return Some(Spanned::new(Template::default(), value.span()));
    }
    if placeholder::in_template(value.as_str()) {
        context.report_at(value.span(), |source, span| {
            not_filled_in::new(source, span, what, Need::Used)
                .with_help("name the field of the credential: `{api_key}`")
        });
        return None;
    }
    context.value(
        value,
        template::parse(value.as_str()),
        |source, span, why| template_not_read::new(source, span, what, why),
    )
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
