//! `wharf.toml` as far as documents refer to it: where handlers stand in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types::{Range, Uri};
use serde::Deserialize;
use toml::Spanned;
use wharf_diag::Span;
use wharf_document::Surroundings;
use wharf_document::model::handler_name;

use crate::Rules;
use crate::address;
use crate::position::{Encoding, Lines};

/// The settings of one root.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    text: String,
    lines: Lines,
    /// `None` where there is no table of handlers, or none can be read.
    handlers: Option<BTreeMap<String, Span>>,
    secret_folders: Option<Vec<String>>,
    pub(crate) rules: Box<dyn Rules>,
}

#[derive(Deserialize)]
struct File {
    handlers: Option<BTreeMap<Spanned<String>, toml::Value>>,
    secrets: Option<Secrets>,
}

#[derive(Deserialize)]
struct Secrets {
    folders: Option<Vec<String>>,
}

impl Settings {
    /// Reads a text. One that is not valid has no handlers; `rules` say why.
    pub(crate) fn new(path: &Path, text: String, rules: Box<dyn Rules>) -> Self {
        let file: Option<File> = toml::from_str(&text).ok();
        let (handlers, secrets) = file.map_or((None, None), |file| (file.handlers, file.secrets));
        let place = |name: Spanned<String>| {
            (
                handler_name(name.get_ref()).to_owned(),
                Span::from(name.span()),
            )
        };
        Self {
            path: path.to_owned(),
            lines: Lines::new(&text),
            handlers: handlers.map(|handlers| handlers.into_keys().map(place).collect()),
            secret_folders: secrets.and_then(|secrets| secrets.folders),
            text,
            rules,
        }
    }

    /// The text that was read.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The names of all handlers.
    pub(crate) fn handlers(&self) -> Option<Vec<String>> {
        let handlers = self.handlers.as_ref()?;
        Some(handlers.keys().cloned().collect())
    }

    /// What documents are compared with besides each other.
    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings {
            handlers: self.handlers(),
            secret_folders: self.secret_folders.clone(),
        }
    }

    /// Where a handler stands, named with or without its brackets.
    pub(crate) fn handler(&self, name: &str, encoding: Encoding) -> Option<(Uri, Range)> {
        let span = self.handlers.as_ref()?.get(handler_name(name))?;
        let range = self.lines.range(&self.text, *span, encoding);
        Some((address::uri(&self.path), range))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Settings;
    use crate::position::Encoding;
    use crate::workspace::Plain;

    #[test]
    fn a_handler_of_either_form_is_found_with_and_without_brackets() {
        let text = "[listen]\ndata = \"127.0.0.1:1\"\n[handlers]\n\"handleA()\" = \"http://127.0.0.1:2/\"\nhandleB = { url = \"x\" }\n[handlers.handleD]\nurl = \"http://127.0.0.1:3/\"\nrate = \"25/s\"\n";
        let settings = Settings::new(Path::new("/w/wharf.toml"), text.to_owned(), Box::new(Plain));
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
    }

    #[test]
    fn a_file_that_is_not_valid_has_no_handlers() {
        let settings = Settings::new(
            Path::new("/w/wharf.toml"),
            "[handlers\n".to_owned(),
            Box::new(Plain),
        );
        assert!(settings.handler("handleA", Encoding::Utf8).is_none());
    }
}
