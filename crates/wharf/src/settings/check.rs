//! `[check]` of `wharf.toml`: how much findings matter, and which files are not checked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use wharf_diag::{Code, Diagnostic, Severity, closest, find_page};

use super::exclude::Excluded;
use super::{FILE_NAME, Mistake, Settings};

/// What may be said about a finding.
const LEVELS: [&str; 4] = ["error", "warning", "info", "off"];

/// The table as written. Words are judged by [`CheckRules`], so that only `wharf check` minds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Table {
    /// Code or slug, and one of [`LEVELS`].
    severity: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Patterns of files, relative to the workspace.
    exclude: Vec<Spanned<String>>,
}

/// How much findings matter in a workspace, and which of its files are not checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct CheckRules {
    /// Where the settings stand; `None` without any.
    root: Option<PathBuf>,
    /// `None`: switched off.
    severities: HashMap<Code, Option<Severity>>,
    excluded: Excluded,
    handlers: Option<Vec<String>>,
    secret_folders: Option<Vec<String>>,
}

impl CheckRules {
    /// Reads the rules of the workspace that a path belongs to: the path's own folder, or the
    /// nearest folder above it that has a `wharf.toml`.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let path = path.canonicalize().unwrap_or(path);
        let mut folders = path.ancestors();
        // What is no file there is told, so that no setting is lost without a word.
        let Some(root) = folders.find(|folder| folder.join(FILE_NAME).exists()) else {
            return Ok(Self::default());
        };
        let file = root.join(FILE_NAME);
        let Some(text) = super::text_of(&file)? else {
            return Ok(Self::default());
        };
        let mut mistakes = Vec::new();
        let settings = Settings::read(&text, &file, &mut mistakes)?;
        let mut rules = settings.check.rules(&mut mistakes);
        super::refuse(mistakes, &text, &file)?;
        rules.root = Some(root.to_owned());
        rules.secret_folders = settings.secret_folders().map(<[String]>::to_vec);
        let handlers = settings.handlers();
        rules.handlers = handlers.map(|handlers| handlers.keys().cloned().collect());
        Ok(rules)
    }

    /// Whether any finding has another severity here.
    pub(crate) fn changes_severities(&self) -> bool {
        !self.severities.is_empty()
    }

    /// The severity that a finding has here; `None` when it is switched off.
    pub(crate) fn severity(&self, diagnostic: &Diagnostic) -> Option<Severity> {
        let given = self.severities.get(&diagnostic.code).copied();
        given.unwrap_or(Some(diagnostic.severity))
    }

    /// Names of the handlers of webhooks; `None` where the settings have no table of them.
    pub(crate) fn handlers(&self) -> Option<&[String]> {
        self.handlers.as_deref()
    }

    /// Folders that credential files may come from besides the workspace; `None` where the
    /// settings list none.
    pub(crate) fn secret_folders(&self) -> Option<&[String]> {
        self.secret_folders.as_deref()
    }

    /// Whether a file is left alone.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        if self.excluded.is_empty() {
            return false;
        }
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let (Some(root), Some(folder), Some(name)) = (&self.root, folder, path.file_name()) else {
            return false;
        };
        let below = folder.strip_prefix(root).map(|folder| folder.join(name));
        below.is_ok_and(|path| self.excluded.is_match(&path))
    }

    /// Patterns of `exclude` that no file was found for. Nothing can be said after a walk that did
    /// not begin at the workspace's own folder.
    pub(crate) fn without_a_file(&self, walked: &Path) -> Vec<&str> {
        let walked = walked.canonicalize().ok();
        if walked.is_none() || walked != self.root {
            return Vec::new();
        }
        self.excluded.without_a_file().collect()
    }
}

impl Table {
    /// Mistakes are added with their offset in the file.
    fn rules(&self, mistakes: &mut Vec<Mistake>) -> CheckRules {
        let mut rules = CheckRules::default();
        for (name, level) in &self.severity {
            match rule(name.as_ref(), level.as_ref()) {
                Ok((code, severity)) => {
                    if rules.severities.insert(code, severity).is_some() {
                        let message = format!("{} ({}) is given twice", code.id, code.slug);
                        mistakes.push((name.span().start, message));
                    }
                }
                Err(message) => mistakes.push((name.span().start, message)),
            }
        }
        rules.excluded = Excluded::read(&self.exclude, mistakes);
        rules
    }
}

fn rule(name: &str, level: &str) -> Result<(Code, Option<Severity>), String> {
    let page = find_page(wharf_document::pages(), name).map_err(|meant| {
        let meant = meant.map(|meant| format!("; did you mean `{meant}`?"));
        let remedy = meant.unwrap_or_else(|| "; `wharf explain` lists all codes".to_owned());
        format!("`{name}` is no code of a finding{remedy}")
    })?;
    let severity = match level {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        "off" => None,
        _ => {
            let meant = closest(level, LEVELS).map(|meant| format!("; did you mean `{meant}`?"));
            let remedy = meant.unwrap_or_else(|| format!("; known: {}", LEVELS.join(", ")));
            return Err(format!("`{level}` is no severity{remedy}"));
        }
    };
    let is_silent = severity.is_none_or(|severity| severity < Severity::Warning);
    if is_silent && wharf_document::is_always_reported(page.code) {
        return Err(format!(
            "{} ({}) is about secrets and cannot be `{level}`; where a finding is wrong, a \
             comment with a reason on its line leaves it out",
            page.code.id, page.code.slug
        ));
    }
    Ok((page.code, severity))
}

#[cfg(test)]
mod tests;
