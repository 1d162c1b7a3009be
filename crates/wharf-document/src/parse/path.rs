//! Paths of operations: `/v1/customers/{id}`, `/v1/customers/:id`, `/messages/{sid}.json` or
//! `/contents/{path...}`.

use crate::model::{PathPattern, PathPiece, PathSegment};

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
    let count = segments.len();
    let is_rest = |segment: &PathSegment| matches!(segment, PathSegment::Rest(_));
    if segments.iter().take(count - 1).any(is_rest) {
        return Err("`{name...}` takes the rest of a path, so nothing stands behind it".to_owned());
    }
    if segments.len() > MOST_SEGMENTS {
        return Err(format!("it has more than {MOST_SEGMENTS} segments"));
    }
    let pattern = PathPattern { segments };
    let mut names: Vec<_> = pattern.parameters().collect();
    names.sort_unstable();
    if let Some([name, _]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the parameter `{name}` stands there twice"));
    }
    Ok(pattern)
}

fn segment(text: &str) -> Result<PathSegment, String> {
    if let Some(name) = text.strip_prefix(':') {
        return parameter(text, name).map(PathSegment::Parameter);
    }
    if matches!(text, "." | "..") {
        return Err("`.` and `..` are not allowed in a path".to_owned());
    }
    let rest = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix("...}"));
    if let Some(name) = rest {
        return parameter(text, name).map(PathSegment::Rest);
    }
    let name = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    if let Some(name) = name.filter(|name| parameter(text, name).is_ok()) {
        return Err(format!("`{text}` is not a parameter; write `{{{name}}}`"));
    }
    let mut pieces = pieces(text)?;
    match pieces.pop() {
        None => Ok(PathSegment::Literal(String::new())),
        Some(PathPiece::Literal(text)) if pieces.is_empty() => Ok(PathSegment::Literal(text)),
        Some(PathPiece::Parameter(name)) if pieces.is_empty() => Ok(PathSegment::Parameter(name)),
        Some(last) => {
            pieces.push(last);
            Ok(PathSegment::Mixed(pieces))
        }
    }
}

fn pieces(text: &str) -> Result<Vec<PathPiece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '<']) {
        let (before, from) = rest.split_at(open);
        let (sign, close) = if from.starts_with('{') {
            ('{', '}')
        } else {
            ('<', '>')
        };
        let Some((whole, behind)) = from
            .find(close)
            .and_then(|at| from.split_at_checked(at + 1))
        else {
            return Err(format!("`{sign}` in `{text}` has no `{close}`"));
        };
        let inner = whole.strip_prefix(sign).and_then(|n| n.strip_suffix(close));
        let name = parameter(whole, inner.unwrap_or_default())?;
        if before.is_empty()
            && let Some(PathPiece::Parameter(previous)) = pieces.last()
        {
            return Err(format!(
                "nothing in `{text}` tells where `{previous}` ends and `{name}` begins"
            ));
        }
        literal(&mut pieces, before, text)?;
        pieces.push(PathPiece::Parameter(name));
        rest = behind;
    }
    literal(&mut pieces, rest, text)?;
    Ok(pieces)
}

/// Adds text that holds no parameter.
fn literal(pieces: &mut Vec<PathPiece>, text: &str, segment: &str) -> Result<(), String> {
    if let Some(sign) = text.chars().find(|c| "{}<>\\|\"^`".contains(*c)) {
        return Err(format!("`{sign}` in `{segment}` is not allowed in a path"));
    }
    if !text.is_empty() {
        pieces.push(PathPiece::Literal(text.to_owned()));
    }
    Ok(())
}

fn parameter(text: &str, name: &str) -> Result<String, String> {
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if is_name {
        Ok(name.to_owned())
    } else {
        Err(format!("`{text}` is not a parameter; write `{{name}}`"))
    }
}
