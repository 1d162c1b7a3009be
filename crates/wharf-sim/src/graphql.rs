//! Which fields a GraphQL request asks for, so that its answer has these and no others.
//!
//! All of GraphQL is one operation of a document, so one example would answer queries and
//! mutations alike. Only the fields at the top level are looked at (GraphQL specification of
//! October 2021, 2.4 to 2.8); what is below them stays as the example has it.

use serde_json::{Map, Value, json};

use crate::echo::Written;

/// Longest query that is looked at, in bytes; a longer one gets the example as it is.
const MAX_QUERY_BYTES: usize = 256 << 10;

/// Selections that are looked at, those of fragments included, each as often as it is spread.
const MAX_SELECTIONS: usize = 4_096;

/// How deep fragments may stand in each other.
const MAX_DEPTH: usize = 16;

/// Gives `data` of an answer the fields that the request names at its top level: from this
/// example, else from another one of the operation, else `null` with a word about it.
///
/// Answers without an object `data`, and requests that are no GraphQL, are left alone.
pub(crate) fn narrow(answer: &mut Value, others: &[Value], written: &Written) {
    let Some(Value::Object(shown)) = answer.get("data") else {
        return;
    };
    let Some(query) = written.value.get("query").and_then(Value::as_str) else {
        return;
    };
    let name = written.value.get("operationName").and_then(Value::as_str);
    let Some(fields) = top_fields(query, name) else {
        return;
    };
    let mut data = Map::new();
    let mut missing: Vec<&str> = Vec::new();
    for field in fields {
        let elsewhere = || {
            others
                .iter()
                .find_map(|other| other.get("data")?.get(field.name))
        };
        let found = shown.get(field.name).or_else(elsewhere);
        if found.is_none() && !missing.contains(&field.name) {
            missing.push(field.name);
        }
        data.insert(field.key.to_owned(), found.cloned().unwrap_or(Value::Null));
    }
    answer["data"] = data.into();
    if !missing.is_empty() {
        let words = format!("no example of the document shows {}", missing.join(", "));
        if !answer.get("extensions").is_some_and(Value::is_object) {
            answer["extensions"] = json!({});
        }
        answer["extensions"]["simulator"] = words.into();
    }
}

/// One field of an answer.
#[derive(Debug, PartialEq)]
struct Field<'a> {
    /// Its name in the answer: the alias where it has one.
    key: &'a str,
    name: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    /// `...`
    Spread,
    Sign(char),
    /// A text or a number.
    Value,
}

/// The fields at the top level of the operation with this name, else of the first one. `None`:
/// that is no GraphQL, or more of it than is looked at.
fn top_fields<'a>(query: &'a str, operation: Option<&str>) -> Option<Vec<Field<'a>>> {
    if query.len() > MAX_QUERY_BYTES {
        return None;
    }
    let tokens = tokens(query)?;
    let mut operations: Vec<(Option<&str>, &[Token])> = Vec::new();
    let mut fragments: Vec<(&str, &[Token])> = Vec::new();
    let mut rest = &*tokens;
    while let Some(first) = rest.first() {
        let Token::Name(kind) = first else {
            // A query without a name may go without the word, too.
            let (selections, behind) = group(rest, '{', '}')?;
            operations.push((None, selections));
            rest = behind;
            continue;
        };
        let name = match rest.get(1) {
            Some(Token::Name(name)) => Some(*name),
            _ => None,
        };
        let (selections, behind) = group(to_selections(rest.get(1..)?)?, '{', '}')?;
        match (*kind, name) {
            ("query" | "mutation" | "subscription", name) => operations.push((name, selections)),
            ("fragment", Some(name)) => fragments.push((name, selections)),
            _ => return None,
        }
        rest = behind;
    }
    let wanted = operations
        .iter()
        .find(|(name, _)| operation.is_none() || *name == operation)?;
    let mut reader = Reader {
        fragments,
        fields: Vec::new(),
        left: MAX_SELECTIONS,
    };
    // One more for the operation, which is no fragment.
    reader.read(wanted.1, MAX_DEPTH + 1)?;
    Some(reader.fields)
}

struct Reader<'a, 't> {
    fragments: Vec<(&'a str, &'t [Token<'a>])>,
    fields: Vec<Field<'a>>,
    left: usize,
}

impl<'a, 't> Reader<'a, 't> {
    /// Takes the fields of a selection set, without its braces.
    fn read(&mut self, mut rest: &'t [Token<'a>], depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        while let Some((first, behind)) = rest.split_first() {
            self.left = self.left.checked_sub(1)?;
            rest = match (first, behind) {
                (Token::Spread, [Token::Name(name), behind @ ..]) if *name != "on" => {
                    let known = self.fragments.iter();
                    let (_, selections) = *known.clone().find(|(known, _)| known == name)?;
                    self.read(selections, depth)?;
                    directives(behind)?
                }
                (Token::Spread, behind) => {
                    let (selections, behind) = group(to_selections(behind)?, '{', '}')?;
                    self.read(selections, depth)?;
                    behind
                }
                (Token::Name(key), [Token::Sign(':'), Token::Name(name), behind @ ..]) => {
                    self.fields.push(Field { key, name });
                    behind_field(behind)?
                }
                (Token::Name(name), behind) => {
                    self.fields.push(Field { key: name, name });
                    behind_field(behind)?
                }
                _ => return None,
            };
        }
        Some(())
    }
}

/// What stands behind a field's arguments, directives and own selections.
fn behind_field<'a, 't>(rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let rest = directives(after_arguments(rest)?)?;
    match rest.first() {
        Some(Token::Sign('{')) => Some(group(rest, '{', '}')?.1),
        _ => Some(rest),
    }
}

fn after_arguments<'a, 't>(rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    match rest.first() {
        Some(Token::Sign('(')) => Some(group(rest, '(', ')')?.1),
        _ => Some(rest),
    }
}

fn directives<'a, 't>(mut rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    while let [Token::Sign('@'), Token::Name(_), behind @ ..] = rest {
        rest = after_arguments(behind)?;
    }
    Some(rest)
}

/// From a name, variables, a type's condition or directives to the selections behind them.
/// Braces within parentheses are values.
fn to_selections<'a, 't>(mut rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    loop {
        rest = match rest.first()? {
            Token::Sign('{') => return Some(rest),
            Token::Sign('(') => group(rest, '(', ')')?.1,
            Token::Sign('@') | Token::Name(_) => rest.get(1..)?,
            _ => return None,
        };
    }
}

type Parted<'a, 't> = (&'t [Token<'a>], &'t [Token<'a>]);

/// What is between two signs that match, and what is behind.
fn group<'a, 't>(rest: &'t [Token<'a>], open: char, close: char) -> Option<Parted<'a, 't>> {
    let mut depth = 0_usize;
    for (index, token) in rest.iter().enumerate() {
        match token {
            Token::Sign(sign) if *sign == open => depth += 1,
            Token::Sign(sign) if *sign == close => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (index > 0).then(|| (&rest[1..index], &rest[index + 1..]));
        }
    }
    None
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => {
                tokens.push(Token::Value);
                text_length(rest)?
            }
            '.' => {
                tokens.push(Token::Spread);
                rest.starts_with("...").then_some(3)?
            }
            '-' | '0'..='9' => {
                tokens.push(Token::Value);
                let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
                rest.find(ends).unwrap_or(rest.len())
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
                let end = rest.find(ends).unwrap_or(rest.len());
                tokens.push(Token::Name(&rest[..end]));
                end
            }
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                tokens.push(Token::Sign(first));
                1
            }
            // Commas are white space there.
            ',' | '\u{feff}' => first.len_utf8(),
            first if first.is_whitespace() => first.len_utf8(),
            _ => return None,
        };
        rest = &rest[taken..];
    }
    Some(tokens)
}

/// The length of the text that begins here, with its quotes.
fn text_length(rest: &str) -> Option<usize> {
    if let Some(block) = rest.strip_prefix("\"\"\"") {
        let mut from = 0;
        loop {
            let end = from + block[from..].find("\"\"\"")?;
            if !block[..end].ends_with('\\') {
                return Some(end + 6);
            }
            from = end + 3;
        }
    }
    let mut is_escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
