//! `[check]` of `wharf.toml`: how much findings matter, and which files are not checked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use wharf_diag::{Code, Diagnostic, Severity, closest, find_page};

use super::error::{Error, Mistake, refuse};
use super::exclude::Excluded;
use super::referred::Referred;
use super::{FILE_NAME, Settings};

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
pub struct CheckRules {
    /// Where the settings stand; `None` without any.
    root: Option<PathBuf>,
    /// `None`: switched off.
    severities: HashMap<Code, Option<Severity>>,
    excluded: Excluded,
    referred: Referred,
}

impl CheckRules {
    /// Reads the text of the file `wharf.toml` in the folder `root`, which is without links: files
    /// that are left out are told by their real paths.
    pub fn parse(text: &str, root: &Path) -> Result<Self, Error> {
        let file = root.join(FILE_NAME);
        let mut mistakes = Vec::new();
        let settings = Settings::read(text, &file, &mut mistakes)?;
        let mut rules = settings.check.rules(&mut mistakes);
        refuse(mistakes, text, &file)?;
        rules.root = Some(root.to_owned());
        rules.referred = Referred::of(text);
        Ok(rules)
    }

    /// Whether any finding has another severity here.
    pub fn changes_severities(&self) -> bool {
        !self.severities.is_empty()
    }

    /// The severity that a finding has here; `None` when it is switched off.
    pub fn severity(&self, diagnostic: &Diagnostic) -> Option<Severity> {
        let given = self.severities.get(&diagnostic.code).copied();
        given.unwrap_or(Some(diagnostic.severity))
    }

    /// What documents refer to in the file.
    pub fn referred(&self) -> &Referred {
        &self.referred
    }

    /// Whether any file may be left alone. Where none is, nobody needs to look for real paths.
    pub fn excludes_some(&self) -> bool {
        !self.excluded.is_empty()
    }

    /// Whether a file is left alone, by its path without links.
    pub fn excludes(&self, path: &Path) -> bool {
        let below = self
            .root
            .as_ref()
            .and_then(|root| path.strip_prefix(root).ok());
        below.is_some_and(|path| self.excluded.is_match(path))
    }

    /// Patterns of `exclude` that no file was found for. Nothing can be said after a walk that did
    /// not begin at the workspace's own folder: `walked` is the folder without links.
    pub fn without_a_file(&self, walked: Option<&Path>) -> Vec<&str> {
        if walked.is_none() || walked != self.root.as_deref() {
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
