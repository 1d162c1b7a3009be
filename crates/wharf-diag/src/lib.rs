//! Source text, spans, diagnostics, their catalogue and renderers.
//!
//! This crate knows nothing about integrations. It knows what a message about a place in a
//! text looks like, which codes exist, and how to show them to people and machines.

mod conceal;
mod diagnostic;
mod fix;
mod hidden;
mod page;
mod printable;
mod render;
mod source;
mod span;
mod spellings;
mod suggest;
mod words;

pub use conceal::{conceal, take_out};
pub use diagnostic::{Applicability, Code, Diagnostic, Edit, Fix, Label, Remark, Severity};
pub use fix::{Applied, apply_fixes, with_line_breaks_of};
pub use hidden::Hidden;
pub use page::{Page, find_page};
pub use printable::{
    is_unprintable, printable, printable_beside_colours, printable_in_line, printable_json,
};
pub use render::{
    Colour, Counts, Fixed, JSON_VERSION, Problem, Report, SuppressedFinding, Tool, to_diff,
    to_text, write_github, write_json, write_lines, write_sarif,
};
pub use source::{LineColumn, SourceText, Utf16Position};
pub use span::{Span, Spanned};
pub use suggest::{closest, slip};
pub use words::Words;
