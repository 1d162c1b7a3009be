//! Paths of operations: `/v1/customers/{id}` or `/v1/customers/:id`.

use crate::model::{PathPattern, PathSegment};

/// Most segments a path may have.
const MOST_SEGMENTS: usize = 64;

/// Reads a path pattern.
pub(crate) fn parse(text: &str) -> Result<PathPattern, String> {
    if text.contains("://") {
        return Err("it is a whole address; the host belongs into the Environments table".into());
    }
    let path = text.strip_prefix('/').ok_or("it does not start with `/`")?;
    if let Some(sign) = path.chars().find(|c| matches!(c, '?' | '#')) {
        return Err(format!("`{sign}` and what follows is not part of a path"));
    }
    if let Some(found) = path.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{found:?} is not allowed in a path"));
    }
    let segments: Vec<_> = path.split('/').map(segment).collect::<Result<_, _>>()?;
    if segments.len() > MOST_SEGMENTS {
        return Err(format!("it has more than {MOST_SEGMENTS} segments"));
    }
    let mut names: Vec<_> = segments.iter().filter_map(parameter).collect();
    names.sort_unstable();
    if let Some([name, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the parameter `{name}` stands there twice"));
    }
    Ok(PathPattern { segments })
}

fn parameter(segment: &PathSegment) -> Option<&str> {
    match segment {
        PathSegment::Parameter(name) => Some(name),
        PathSegment::Literal(_) => None,
    }
}

fn segment(text: &str) -> Result<PathSegment, String> {
    let braced = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let angled = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    if let Some(name) = braced.or(angled).or_else(|| text.strip_prefix(':')) {
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        return if is_name {
            Ok(PathSegment::Parameter(name.to_owned()))
        } else {
            Err(format!("`{text}` is not a parameter; write `{{name}}`"))
        };
    }
    if matches!(text, "." | "..") {
        return Err("`.` and `..` are not allowed in a path".to_owned());
    }
    if text.contains(['{', '}', '<', '>', '\\', '|', '"', '^', '`']) {
        return Err(format!(
            "a parameter fills a whole segment between slashes, `{text}` is only partly one"
        ));
    }
    Ok(PathSegment::Literal(text.to_owned()))
}
