//! `[check] exclude`: patterns of files and folders that are not checked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use toml::Spanned;

use super::error::Mistake;

/// Patterns, and which of them have been met by a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Excluded {
    set: GlobSet,
    /// The pattern that each part of the set comes from.
    origins: Vec<usize>,
    /// As they are written, and whether a file was found for each.
    patterns: Arc<[(String, AtomicBool)]>,
}

impl Excluded {
    /// Mistakes are added with their offset in the file.
    pub(super) fn read(written: &[Spanned<String>], mistakes: &mut Vec<Mistake>) -> Self {
        let mut set = GlobSetBuilder::new();
        let mut origins = Vec::new();
        for (origin, pattern) in written.iter().enumerate() {
            match globs(pattern.as_ref()) {
                Ok(globs) => {
                    for glob in globs {
                        set.add(glob);
                        origins.push(origin);
                    }
                }
                Err(error) => {
                    mistakes.push((pattern.span().start, format!("not a pattern: {error}")));
                }
            }
        }
        let patterns = written
            .iter()
            .map(|pattern| (pattern.as_ref().clone(), AtomicBool::new(false)));
        Self {
            set: set.build().unwrap_or_default(),
            origins,
            patterns: patterns.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Whether a path, relative to the workspace, is left out.
    pub(super) fn is_match(&self, path: &Path) -> bool {
        let found = self.set.matches(path);
        for part in &found {
            let origin = self.origins.get(*part);
            if let Some((_, is_met)) = origin.and_then(|origin| self.patterns.get(*origin)) {
                is_met.store(true, Ordering::Relaxed);
            }
        }
        !found.is_empty()
    }

    /// Patterns that left nothing out so far.
    pub(super) fn without_a_file(&self) -> impl Iterator<Item = &str> {
        let patterns = self.patterns.iter();
        let unmet = patterns.filter(|(_, is_met)| !is_met.load(Ordering::Relaxed));
        unmet.map(|(pattern, _)| pattern.as_str())
    }
}

/// What a pattern stands for. It starts at the workspace, however its beginning is written. The
/// name of a folder means all below it.
fn globs(pattern: &str) -> Result<Vec<Glob>, globset::Error> {
    let mut rest = pattern;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    let name = rest.trim_end_matches('/');
    let below = match name {
        "" | "." => "**".to_owned(),
        name => format!("{name}/**"),
    };
    let of_file = (!name.is_empty() && name == rest).then(|| name.to_owned());
    // As in other tools, `*` stays within one folder.
    let glob = |text: String| GlobBuilder::new(&text).literal_separator(true).build();
    of_file.into_iter().chain([below]).map(glob).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::globs;

    fn excludes(pattern: &str, path: &str) -> bool {
        let globs = globs(pattern).unwrap();
        let mut matchers = globs.iter().map(globset::Glob::compile_matcher);
        matchers.any(|matcher| matcher.is_match(Path::new(path)))
    }

    /// Public reports: astral-sh/ruff#8267, eslint/eslint#1686.
    #[test]
    fn a_folder_is_named_in_every_usual_way() {
        for pattern in [
            "drafts",
            "drafts/",
            "./drafts",
            "./drafts/**",
            "/drafts/**",
            "/drafts",
            "drafts/**",
            ".//drafts/",
        ] {
            for path in ["drafts/a.md", "drafts/deep/a.md"] {
                assert!(excludes(pattern, path), "{pattern} {path}");
            }
            for path in ["a.md", "drafts.md", "other/drafts/a.md", "drafts2/a.md"] {
                assert!(!excludes(pattern, path), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn a_star_stays_within_one_folder_and_two_do_not() {
        assert!(excludes("*.md", "a.md") && !excludes("*.md", "b/a.md"));
        assert!(excludes("**/drafts", "b/drafts/a.md") && excludes("**/drafts/", "drafts/a.md"));
        assert!(excludes("b/*", "b/a.md") && excludes("b/*", "b/c/a.md"));
        assert!(excludes("./", "b/a.md") && excludes(".", "a.md"));
        // A folder of that name is meant, not a file.
        assert!(!excludes("a.md/", "a.md"));
    }
}
