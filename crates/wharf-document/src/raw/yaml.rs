//! YAML to a tree whose every node knows its place in the document.

use saphyr_parser::{Event, Marker, Parser, ScanError};
use wharf_diag::Span;

use super::Text;

/// Deepest nesting that is read; a deeper value is an error.
const DEEPEST: usize = 32;

/// What the parser says of brackets nested more than 255 deep. It looks ahead for the end of a key,
/// so it may come there before the bound above is passed here.
const PARSER_TOO_DEEP: &str = "recursion limit exceeded";

/// Largest block that is read; a larger one is an error.
const LARGEST_BYTES: usize = 1024 * 1024;

/// A YAML value as written.
#[derive(Debug)]
pub(crate) enum Node {
    Scalar(Text),
    Sequence(Vec<Node>, Span),
    Mapping(Vec<(Text, Node)>, Span),
}

/// Why a text is not YAML, and where.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) span: Span,
}

/// A value without the quotes of a word processor around the whole of it.
pub(crate) fn without_curly_quotes(value: &str) -> &str {
    let pairs = [
        ('“', '”'),
        ('„', '“'),
        ('„', '”'),
        ('‘', '’'),
        ('‚', '‘'),
        ('«', '»'),
    ];
    let inner = pairs.iter().find_map(|(open, close)| {
        let inner = value.strip_prefix(*open)?.strip_suffix(*close)?;
        (!inner.is_empty() && !inner.contains([*open, *close])).then_some(inner)
    });
    inner.unwrap_or(value)
}

impl Node {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Scalar(text) => text.span(),
            Self::Sequence(_, span) | Self::Mapping(_, span) => *span,
        }
    }
}

/// Reads one YAML document. An empty text is an empty mapping.
///
/// `source` is the whole source text that the spans of `yaml` point into.
pub(crate) fn parse(yaml: &Text, source: &str) -> Result<Node, Problem> {
    if yaml.as_str().len() > LARGEST_BYTES {
        return Err(refuse("is larger than 1 MiB", yaml.span()));
    }
    let places = Places::new(yaml);
    let text = spaced(yaml.as_str());
    let mut parser = Parser::new_from_str(&text);
    let mut tree = Tree {
        yaml,
        source,
        open: Vec::new(),
        root: None,
    };
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| places.problem(&error))?;
        let done = tree.event(event, places.span(span.start, span.end))?;
        if done {
            break;
        }
    }
    Ok(tree
        .root
        .unwrap_or_else(|| Node::Mapping(Vec::new(), yaml.span())))
}

/// The text with spaces for tabs behind `:` and `-`, where YAML allows both and the parser does not.
fn spaced(text: &str) -> String {
    let mut after_sign = false;
    text.chars()
        .map(|sign| {
            let is_blank = matches!(sign, ' ' | '\t');
            let spaced = if after_sign && sign == '\t' {
                ' '
            } else {
                sign
            };
            after_sign = matches!(sign, ':' | '-') || after_sign && is_blank;
            spaced
        })
        .collect()
}

/// Turns the parser's character offsets into places of the source.
struct Places<'a> {
    yaml: &'a Text,
    bytes: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(yaml: &'a Text) -> Self {
        let text = yaml.as_str();
        let bytes = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        Self { yaml, bytes }
    }

    fn byte(&self, mark: Marker) -> usize {
        let end = self.yaml.as_str().len();
        self.bytes.get(mark.index()).copied().unwrap_or(end)
    }

    /// The range in the YAML text, without white space at its end.
    fn span(&self, start: Marker, end: Marker) -> std::ops::Range<usize> {
        let start = self.byte(start);
        let end = self.byte(end).max(start);
        let text = self.yaml.as_str().get(start..end).unwrap_or_default();
        start..start + text.trim_end().len()
    }

    fn problem(&self, error: &ScanError) -> Problem {
        let text = self.yaml.as_str();
        let at = self.byte(*error.marker()).min(text.len());
        // An error behind the last line points to that line: an empty place shows nothing.
        let at = text[..at].trim_end().len().min(at);
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let start = if text[at..end].trim().is_empty() {
            line
        } else {
            at
        };
        let end = start + text[start..end].trim_end().len();
        let span = self.yaml.span_of(start..end);
        if error.info() == PARSER_TOO_DEEP {
            return refuse(TOO_DEEP, span);
        }
        Problem {
            message: error.info().to_owned(),
            span,
        }
    }
}

struct Tree<'a> {
    yaml: &'a Text,
    source: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
}

enum Open {
    Sequence(Vec<Node>, Span),
    Mapping(Vec<(Text, Node)>, Option<Text>, Span),
}

impl Tree<'_> {
    /// Takes one event; `true` when the first document is complete.
    fn event(&mut self, event: Event<'_>, range: std::ops::Range<usize>) -> Result<bool, Problem> {
        let span = self.place(range.clone());
        let opens = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        if opens && self.open.len() >= DEEPEST {
            return Err(refuse(TOO_DEEP, span));
        }
        match event {
            Event::Scalar(value, ..) => {
                let node = self.scalar(&value, range);
                self.add(node, span)?;
            }
            Event::SequenceStart(..) => self.open.push(Open::Sequence(Vec::new(), span)),
            Event::MappingStart(..) => self.open.push(Open::Mapping(Vec::new(), None, span)),
            Event::SequenceEnd | Event::MappingEnd => self.close(range)?,
            Event::Alias(_) => return Err(refuse("is an alias; write the value out", span)),
            Event::DocumentEnd | Event::StreamEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn place(&self, range: std::ops::Range<usize>) -> Span {
        self.yaml.span_of(range)
    }

    /// A quoted scalar points to the text between its quotes when nothing in it is escaped.
    fn scalar(&self, value: &str, range: std::ops::Range<usize>) -> Node {
        let written = self.yaml.as_str().get(range.clone()).unwrap_or_default();
        let range = match written.find(value) {
            Some(at) if !value.is_empty() => {
                let start = range.start + at;
                start..start + value.len()
            }
            _ => range,
        };
        let text = Text::new(value, self.place(range), self.source);
        // To YAML the quotes of a word processor are letters; to whoever wrote them they are not.
        let inner = without_curly_quotes(value);
        if inner.len() == value.len() || written.starts_with(['"', '\'']) {
            return Node::Scalar(text);
        }
        let start = value.find(inner).unwrap_or_default();
        Node::Scalar(text.part(start..start + inner.len()))
    }

    fn add(&mut self, node: Node, span: Span) -> Result<(), Problem> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence(nodes, _)) => nodes.push(node),
            Some(Open::Mapping(entries, key, _)) => match (key.take(), node) {
                (Some(key), node) => entries.push((key, node)),
                (None, Node::Scalar(text)) => *key = Some(text),
                (None, _) => return Err(refuse("is used as a key", span)),
            },
        }
        Ok(())
    }

    /// Ends the innermost sequence or mapping. Only one in brackets has an end of its own; one
    /// made of lines ends with its last value.
    fn close(&mut self, range: std::ops::Range<usize>) -> Result<(), Problem> {
        let bracket = matches!(self.yaml.as_str().get(range.clone()), Some("]" | "}"));
        let close = bracket.then(|| self.place(range));
        let node = match self.open.pop() {
            Some(Open::Sequence(nodes, start)) => {
                let end = close.or(nodes.last().map(Node::span)).unwrap_or(start);
                Node::Sequence(nodes, start.to(end))
            }
            Some(Open::Mapping(entries, _, start)) => {
                let last = entries.last().map(|(_, node)| node.span());
                let end = close.or(last).unwrap_or(start);
                Node::Mapping(entries, start.to(end))
            }
            None => return Ok(()),
        };
        let span = node.span();
        self.add(node, span)
    }
}

/// What is said of a value beyond [`DEEPEST`].
const TOO_DEEP: &str = "is nested too deeply; 32 levels are read";

fn refuse(message: &str, span: Span) -> Problem {
    Problem {
        message: format!("the value {message}"),
        span,
    }
}

#[cfg(test)]
mod tests;
