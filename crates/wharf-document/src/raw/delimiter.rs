//! Lines that begin and end tables where the Markdown reader is more lenient than pages are.

/// Whether GFM reads a line as the one below the header of a table: hyphens in every cell, with a
/// colon at either end or not (GitHub Flavored Markdown, "Tables"). A space between two hyphens
/// makes it a line of text, and what stands above no header.
pub(crate) fn is_row_of_dashes(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|').all(|cell| {
        let cell = cell.trim();
        let cell = cell.strip_prefix(':').unwrap_or(cell);
        let cell = cell.strip_suffix(':').unwrap_or(cell);
        !cell.is_empty() && cell.bytes().all(|byte| byte == b'-')
    })
}

/// Whether a line directly behind a table belongs to the page around it: a tag, the end of a
/// container (`:::`) or a tag of a template (`{% … %}`). GFM reads a row there; the programs that
/// such lines are for do not.
pub(crate) fn is_of_the_page(line: &str) -> bool {
    let line = line.trim();
    let starts = ["</", ":::", "{%"];
    let is_tag = line.starts_with('<') && line.ends_with('>') && !line.contains("://");
    !line.contains('|') && (is_tag || starts.iter().any(|start| line.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::{is_of_the_page, is_row_of_dashes};

    #[test]
    fn only_whole_hyphens_are_dashes() {
        for dashes in [
            "|---|---|",
            "-|-",
            "|:-|-:|",
            " | :-: | --- | ",
            "|-|",
            "---",
        ] {
            assert!(is_row_of_dashes(dashes), "{dashes}");
        }
        // endoflife-date/endoflife.date, products/neos.md, has the first.
        for text in [
            "| ------- --| --- |",
            "|: -|",
            "|-|a|",
            "||",
            "|:|",
            "",
            "|- :|",
            "|-||-|",
        ] {
            assert!(!is_row_of_dashes(text), "{text}");
        }
    }

    #[test]
    fn lines_of_the_page_are_no_rows() {
        for line in ["</Accordion>", ":::", "{% endraw %}", "  </div>", "<Tabs>"] {
            assert!(is_of_the_page(line), "{line}");
        }
        for row in [
            "Production",
            "</b> | x",
            "<https://api.example.org>",
            "| ::: |",
            "",
        ] {
            assert!(!is_of_the_page(row), "{row}");
        }
    }
}
