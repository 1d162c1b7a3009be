//! One `wharf.toml` as the editor sees it: what it says about findings, and where handlers stand.

use std::path::{Path, PathBuf};

use gen_lsp_types::{Range, Uri};
use wharf_document::Surroundings;
use wharf_document::model::handler_name;
use wharf_workspace::settings::{CheckRules, Referred};

use crate::address;
use crate::position::{Encoding, Lines};

/// The settings of one root.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    /// The text, or why there is none.
    content: Result<String, String>,
    lines: Lines,
    referred: Referred,
    rules: CheckRules,
    problem: Option<String>,
}

impl Settings {
    /// Takes what stands in the file `path`, which is in the folder `root` without links. What is
    /// not valid leaves findings as they are; its handlers are known as far as they can be read.
    pub(crate) fn new(path: &Path, root: &Path, content: Result<String, String>) -> Self {
        let text = content.as_deref().unwrap_or_default();
        let read = match &content {
            Ok(text) => CheckRules::parse(text, root).map_err(|error| error.in_one_line()),
            Err(why) => Err(why.clone()),
        };
        let (rules, problem) = match read {
            Ok(rules) => (rules, None),
            Err(why) => {
                let problem = format!("{why}; findings have their own severities");
                (CheckRules::default(), Some(problem))
            }
        };
        Self {
            path: path.to_owned(),
            lines: Lines::new(text),
            referred: Referred::of(text),
            rules,
            problem,
            content,
        }
    }

    /// Whether this was read from the same content.
    pub(crate) fn is_of(&self, content: &Result<String, String>) -> bool {
        self.content == *content
    }

    /// What keeps the file from being used, in words for the person at the editor.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// How much findings matter, and which files are left alone.
    pub(crate) fn rules(&self) -> &CheckRules {
        &self.rules
    }

    /// Whether there is a table of handlers.
    pub(crate) fn has_handlers(&self) -> bool {
        self.referred.handlers().is_some()
    }

    /// What documents are compared with besides each other.
    pub(crate) fn surroundings(&self) -> Surroundings {
        self.referred.surroundings()
    }

    /// Where a handler stands, named with or without its brackets.
    pub(crate) fn handler(&self, name: &str, encoding: Encoding) -> Option<(Uri, Range)> {
        let span = self.referred.handlers()?.get(handler_name(name))?;
        let text = self.content.as_deref().unwrap_or_default();
        let range = self.lines.range(text, *span, encoding);
        Some((address::uri(&self.path), range))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Settings;
    use crate::position::Encoding;

    fn settings(text: &str) -> Settings {
        let path = Path::new("/w/wharf.toml");
        Settings::new(path, Path::new("/w"), Ok(text.to_owned()))
    }

    #[test]
    fn a_handler_of_either_form_is_found_with_and_without_brackets() {
        let text = "[listen]\ndata = \"127.0.0.1:1\"\n[handlers]\n\"handleA()\" = \"http://127.0.0.1:2/\"\nhandleB = { url = \"x\" }\n[handlers.handleD]\nurl = \"http://127.0.0.1:3/\"\nrate = \"25/s\"\n";
        let settings = settings(text);
        for (name, line) in [
            ("handleA", 3),
            ("handleA()", 3),
            ("handleB()", 4),
            ("handleD", 5),
        ] {
            let (uri, range) = settings.handler(name, Encoding::Utf16).unwrap();
            assert_eq!(
                (uri.0.as_str(), range.start.line),
                ("file:///w/wharf.toml", line)
            );
        }
        assert!(settings.handler("handleC", Encoding::Utf16).is_none());
        // What nobody can be sent to is told, as `wharf up` tells it.
        let problem = settings.problem().unwrap();
        assert!(
            problem
                .starts_with("/w/wharf.toml:5:19: `url` of the handler `handleB` cannot be called"),
            "{problem}"
        );
    }

    #[test]
    fn a_file_that_is_not_valid_has_no_handlers() {
        let settings = settings("[handlers\n");
        assert!(settings.handler("handleA", Encoding::Utf8).is_none());
    }
}
