//! Damages texts in the ways in which people and programs damage them, from a seed.

use fastrand::Rng;

/// Characters that are rarely expected: signs of Markdown, YAML and JSON, white space of several
/// kinds, marks without width, both directions of writing, and an emoji of several parts.
const ODD: [&str; 44] = [
    "|",
    "\\",
    "`",
    "```",
    "~~~\n",
    "---",
    "---\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{b}",
    "\u{c}",
    "\0",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{200b}",
    "\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "é",
    "e\u{301}",
    "日本語",
    "שלום",
    "مرحبا",
    "## ",
    "### ",
    "\n- ",
    "\n1. ",
    "\n> ",
    "[",
    "](",
    "<!--",
    "-->",
    "<b>",
    "&amp;",
    "\"",
    "'",
    "{",
    "}",
    ": ",
    " #",
];

/// A damaged copy of a text: one to four changes.
pub(crate) fn mutated(text: &str, random: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..random.u8(1..=4) {
        match random.u8(0..8) {
            0 => flip(&mut text, random),
            1 => delete(&mut text, random),
            2 => duplicate_line(&mut text, random),
            3 => swap_sections(&mut text, random),
            4 => text = text.replace('\n', "\r\n"),
            5 => text.truncate(place(&text, random)),
            _ => {
                let odd = ODD[random.usize(..ODD.len())];
                text.insert_str(place(&text, random), odd);
            }
        }
    }
    text
}

fn place(text: &str, random: &mut Rng) -> usize {
    text.floor_char_boundary(random.usize(..=text.len()))
}

/// Changes one bit of one byte; what is no text any more is replaced.
fn flip(text: &mut String, random: &mut Rng) {
    let mut bytes = std::mem::take(text).into_bytes();
    if !bytes.is_empty() {
        let at = random.usize(..bytes.len());
        bytes[at] ^= 1 << random.u8(..8);
    }
    *text = String::from_utf8_lossy(&bytes).into_owned();
}

fn delete(text: &mut String, random: &mut Rng) {
    let start = place(text, random);
    let end = text.floor_char_boundary(text.len().min(start + random.usize(..60)));
    text.replace_range(start..end.max(start), "");
}

fn duplicate_line(text: &mut String, random: &mut Rng) {
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return;
    }
    let line = lines[random.usize(..lines.len())].to_owned();
    let at: usize = lines[..random.usize(..lines.len())]
        .iter()
        .map(|line| line.len())
        .sum();
    text.insert_str(at, &line);
}

fn swap_sections(text: &mut String, random: &mut Rng) {
    let mut pieces: Vec<_> = text.split("\n## ").collect();
    if pieces.len() > 2 {
        let (a, b) = (random.usize(1..pieces.len()), random.usize(1..pieces.len()));
        pieces.swap(a, b);
        *text = pieces.join("\n## ");
    }
}
