//! Templates of credentials: `Bearer {api_key}`, and the header or query they belong to.

use crate::model::{Template, TemplatePart};

/// Reads a text with `{field}` holes.
///
/// A field is a name of letters, digits and underscores. Braces cannot be escaped: no vendor's
/// credential format holds one.
pub(crate) fn parse(text: &str) -> Result<Template, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if rest[at..].starts_with('}') {
            return Err("a `}` has no `{` before it".to_owned());
        }
        push_literal(&mut parts, &rest[..at])?;
        let (name, behind) = rest[at + 1..]
            .split_once('}')
            .ok_or("a `{` has no `}` behind it")?;
        if !is_field(name) {
            return Err(format!(
                "`{{{name}}}` is not a field: a field is letters, digits and underscores"
            ));
        }
        parts.push(TemplatePart::Field(name.to_owned()));
        rest = behind;
    }
    push_literal(&mut parts, rest)?;
    Ok(Template { parts })
}

fn push_literal(parts: &mut Vec<TemplatePart>, text: &str) -> Result<(), String> {
    if let Some(sign) = text.chars().find(|c| c.is_control()) {
        return Err(format!("{sign:?} cannot be sent"));
    }
    if !text.is_empty() {
        parts.push(TemplatePart::Literal(text.to_owned()));
    }
    Ok(())
}

fn is_field(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a text is a header name (RFC 9110, 5.6.2).
pub(crate) fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
