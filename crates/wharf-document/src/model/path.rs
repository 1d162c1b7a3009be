//! Paths with parameters: what they look like, and what they match.

use std::fmt;

/// A path with parameters, for example `/v1/customers/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathPattern {
    /// Segments between slashes, in order. A trailing slash is an empty literal at the end.
    pub segments: Vec<PathSegment>,
}

/// What stands between two slashes of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathSegment {
    /// Matches itself.
    Literal(String),
    /// `:name` or `{name}`: matches one segment that is not empty.
    Parameter(String),
    /// Text and parameters, such as `{sid}.json`. It holds at least one of each, no literal is
    /// empty, and no two parameters stand side by side.
    Mixed(Vec<PathPiece>),
    /// `{name...}` at the end of a path: matches one segment or more, slashes included, of which
    /// not all are empty.
    Rest(String),
}

/// One piece of a segment that is partly text and partly parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathPiece {
    /// Matches itself.
    Literal(String),
    /// Matches at least one character.
    Parameter(String),
}

/// How closely a segment says what it matches; the larger one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specificity {
    /// A parameter that takes the rest of the path.
    Rest,
    /// A parameter that fills the segment.
    Parameter,
    /// Text and parameters, with the number of bytes of text.
    Mixed(usize),
    /// Text only.
    Literal,
}

impl PathPattern {
    /// The names of all parameters, in the order of the path.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(PathSegment::parameters)
    }
}

impl PathSegment {
    /// Splits what this segment has to match from the beginning of a path: up to the next slash,
    /// or all of it. `None`: nothing is left, not even a slash.
    pub fn take<'a>(&self, path: &'a str) -> (&'a str, Option<&'a str>) {
        match (self, path.split_once('/')) {
            (Self::Rest(_), _) | (_, None) => (path, None),
            (_, Some((part, behind))) => (part, Some(behind)),
        }
    }

    /// Whether a segment of a path fits.
    pub fn matches(&self, segment: &str) -> bool {
        self.capture(segment, |_, _| ())
    }

    /// Like [`matches`](Self::matches), and tells each parameter's name and value.
    ///
    /// A parameter ends where the text behind it stands for the first time; text at the end of
    /// the segment is at the end of the match. Where the answer is `false`, what was told
    /// before means nothing.
    pub fn capture<'a>(&'a self, segment: &'a str, mut tell: impl FnMut(&'a str, &'a str)) -> bool {
        match self {
            Self::Literal(literal) => literal == segment,
            Self::Parameter(name) | Self::Rest(name) => {
                tell(name, segment);
                !segment.is_empty()
            }
            Self::Mixed(pieces) => capture(pieces, segment, tell),
        }
    }

    /// How closely the segment says what it matches.
    pub fn specificity(&self) -> Specificity {
        match self {
            Self::Literal(_) => Specificity::Literal,
            Self::Parameter(_) => Specificity::Parameter,
            Self::Rest(_) => Specificity::Rest,
            Self::Mixed(pieces) => {
                let bytes = pieces.iter().map(|piece| match piece {
                    PathPiece::Literal(text) => text.len(),
                    PathPiece::Parameter(_) => 0,
                });
                Specificity::Mixed(bytes.sum())
            }
        }
    }

    fn parameters(&self) -> impl Iterator<Item = &str> {
        let (whole, pieces) = match self {
            Self::Literal(_) => (None, &[][..]),
            Self::Parameter(name) | Self::Rest(name) => (Some(name.as_str()), &[][..]),
            Self::Mixed(pieces) => (None, pieces.as_slice()),
        };
        let inner = pieces.iter().filter_map(|piece| match piece {
            PathPiece::Literal(_) => None,
            PathPiece::Parameter(name) => Some(name.as_str()),
        });
        whole.into_iter().chain(inner)
    }
}

fn capture<'a>(
    pieces: &'a [PathPiece],
    segment: &'a str,
    mut tell: impl FnMut(&'a str, &'a str),
) -> bool {
    let mut rest = segment;
    let mut open: Option<&str> = None;
    for (index, piece) in pieces.iter().enumerate() {
        let literal = match piece {
            PathPiece::Parameter(name) => {
                open = Some(name);
                continue;
            }
            PathPiece::Literal(literal) => literal.as_str(),
        };
        let Some(name) = open.take() else {
            let Some(behind) = rest.strip_prefix(literal) else {
                return false;
            };
            rest = behind;
            continue;
        };
        // The parameter takes one character before the text may begin.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let is_last = index + 1 == pieces.len();
        let at = if is_last {
            rest.strip_suffix(literal).map(str::len)
        } else {
            rest.get(first..)
                .and_then(|behind| behind.find(literal))
                .map(|at| first + at)
        };
        let Some((value, behind)) = at
            .filter(|at| *at > 0)
            .and_then(|at| rest.split_at_checked(at))
        else {
            return false;
        };
        tell(name, value);
        rest = behind.get(literal.len()..).unwrap_or_default();
    }
    match open {
        Some(name) => {
            tell(name, rest);
            !rest.is_empty()
        }
        None => rest.is_empty(),
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments
            .iter()
            .try_for_each(|segment| write!(f, "/{segment}"))
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(text) => f.write_str(text),
            Self::Parameter(name) => write!(f, "{{{name}}}"),
            Self::Rest(name) => write!(f, "{{{name}...}}"),
            Self::Mixed(pieces) => pieces.iter().try_for_each(|piece| match piece {
                PathPiece::Literal(text) => f.write_str(text),
                PathPiece::Parameter(name) => write!(f, "{{{name}}}"),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
