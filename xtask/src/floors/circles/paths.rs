//! The paths that a source names from the root of its crate.

use std::path::Path;

use super::tokens::{Token, tokens};

/// What one file names.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The module that the file is; empty for the root of the crate.
    pub(super) module: Vec<String>,
    /// Names directly below the root, as the file uses them, with their lines.
    pub(super) from_root: Vec<(String, usize)>,
    /// Items that the file takes from elsewhere, and the first name of the path to each.
    pub(super) passed_on: Vec<(String, String)>,
    /// Modules that exist in tests only.
    pub(super) test_modules: Vec<Vec<String>>,
}

impl Source {
    /// Reads a file; `below` is its path below `src`.
    pub(super) fn read(below: &Path, text: &str) -> Self {
        let mut source = Self {
            module: module(below),
            ..Self::default()
        };
        let tokens = tokens(text);
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            inline: Vec::new(),
            depth: 0,
        };
        reader.read(&mut source);
        source
    }
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`.
fn module(below: &Path) -> Vec<String> {
    let path = below.with_extension("");
    let mut module: Vec<_> = path
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let is_of_folder = module.last().is_some_and(|last| last == "mod");
    let is_root = module.len() == 1 && (module[0] == "lib" || module[0] == "main");
    if is_of_folder || is_root {
        module.pop();
    }
    module
}

struct Reader<'tokens> {
    tokens: &'tokens [Token<'tokens>],
    at: usize,
    /// Modules within the file that are open, each with the depth of braces around it.
    inline: Vec<(String, usize)>,
    depth: usize,
}

impl Reader<'_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens
            .get(self.at + ahead)
            .map_or("", |token| token.text)
    }

    fn starts_with(&self, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.text(ahead) == *word)
    }

    fn read(&mut self, source: &mut Source) {
        while self.at < self.tokens.len() {
            if self.starts_with(&["#", "[", "cfg", "(", "test", ")", "]"]) {
                self.skip_test(source);
                continue;
            }
            match self.text(0) {
                "{" => self.depth += 1,
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    self.inline.pop_if(|(_, depth)| *depth >= self.depth);
                }
                "mod" if self.text(2) == "{" => {
                    self.inline.push((self.text(1).to_owned(), self.depth));
                }
                "use" => {
                    let start = self.at;
                    self.at += 1;
                    self.passed_on(None, source);
                    self.at = start;
                }
                "crate" | "super" if self.text(1) == "::" && !self.is_visibility() => {
                    self.path(source);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// `pub(in crate::a)` names a place, and uses nothing of it.
    fn is_visibility(&self) -> bool {
        let before = |steps| self.at.checked_sub(steps).map(|at| self.tokens[at].text);
        before(1) == Some("in") && before(2) == Some("(") && before(3) == Some("pub")
    }

    /// Passes over an item that exists in tests only.
    fn skip_test(&mut self, source: &mut Source) {
        let mut depth = 0_usize;
        let mut is_attribute = false;
        while self.at < self.tokens.len() {
            let text = self.text(0);
            if depth == 0 && text == "mod" && self.text(2) == ";" {
                let inline = self.inline.iter().map(|(name, _)| name);
                let module = source.module.iter().chain(inline).cloned();
                let module = module.chain([self.text(1).to_owned()]).collect();
                source.test_modules.push(module);
            }
            match text {
                "#" if depth == 0 => is_attribute = true,
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && text == "]" && is_attribute {
                        is_attribute = false;
                    } else if depth == 0 && text == "}" {
                        self.at += 1;
                        return;
                    }
                }
                ";" if depth == 0 => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Reads `crate::…` or `super::…`, and keeps what it names directly below the root.
    fn path(&mut self, source: &mut Source) {
        let mut above = source.module.len() + self.inline.len();
        if self.text(0) == "crate" {
            above = 0;
            self.at += 2;
        }
        while self.text(0) == "super" && self.text(1) == "::" {
            above = above.saturating_sub(1);
            self.at += 2;
        }
        if above == 0 {
            self.below_root(source);
        }
    }

    /// The first names of a path, or of each path of a group.
    fn below_root(&mut self, source: &mut Source) {
        if self.text(0) != "{" {
            self.keep(source);
            return;
        }
        let mut depth = 0_usize;
        let mut is_first = false;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "{" => {
                    depth += 1;
                    is_first = depth == 1;
                }
                "}" => depth -= 1,
                "," => is_first = depth == 1,
                _ if is_first => {
                    self.keep(source);
                    is_first = false;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn keep(&self, source: &mut Source) {
        if let Some(token) = self.tokens.get(self.at) {
            source.from_root.push((token.text.to_owned(), token.line));
        }
    }

    /// Reads the tree of a `use`; `first` is the first name of the path so far.
    fn passed_on(&mut self, first: Option<&str>, source: &mut Source) {
        let mut first = first.map(str::to_owned);
        let mut last = String::new();
        loop {
            match self.text(0) {
                "{" => {
                    while matches!(self.text(0), "{" | ",") {
                        self.at += 1;
                        self.passed_on(first.as_deref(), source);
                    }
                    self.at += 1;
                    return;
                }
                "" | "," | "}" | ";" => break,
                "::" | "as" | "crate" => {}
                // The name of the module itself, inside of a group.
                "self" => last = first.clone().unwrap_or_default(),
                name => {
                    name.clone_into(&mut last);
                    first.get_or_insert_with(|| last.clone());
                }
            }
            self.at += 1;
        }
        if let Some(first) = first
            && !last.is_empty()
        {
            source.passed_on.push((last, first));
        }
    }
}
