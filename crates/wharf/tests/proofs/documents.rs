//! Documents with random changes, through everything that `wharf check` does with a text.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wharf_diag::{Colour, Hidden, SourceText, to_text};
use wharf_document::{Index, Surroundings, apply, check_dates, format, read};

use super::run::{Run, mutated, worked};

/// No document may keep the processor longer; the largest unchanged one takes a hundredth of it.
const LONGEST: Duration = Duration::from_secs(10);

pub(crate) fn run(run: &mut Run) {
    let catalog = super::cuts::catalog();
    let mut slowest = Duration::ZERO;
    run.each(|run, _| {
        let (name, text) = &catalog[run.random.usize(0..catalog.len())];
        let changed = mutated(&mut run.random, text.as_bytes());
        let changed = String::from_utf8_lossy(&changed);
        let clock = Instant::now();
        let before = worked(clock);
        check(name, &changed);
        let took = worked(clock).saturating_sub(before);
        slowest = slowest.max(took);
        assert!(took <= LONGEST, "{name} took {took:?}:\n{changed}");
    });
    run.note(format!("the slowest took {} ms", slowest.as_millis()));
}

/// Reads, checks alone and among others, draws every finding, compiles, and lays out.
fn check(name: &str, text: &str) {
    let source = Arc::new(SourceText::new(format!("{name}.md"), text));
    let now = Timestamp::now();
    let Some(mut loaded) = read(name, &source, |integration| check_dates(integration, now)) else {
        return;
    };
    if let Some(integration) = &loaded.integration {
        let around = Surroundings::default();
        let index = Index::new([integration]);
        loaded.diagnostics.extend(index.check(integration, &around));
        wharf_plan::compile(integration);
    }
    let hidden = Hidden::of(&loaded.diagnostics);
    to_text(&loaded.diagnostics, &hidden, Colour::Never);
    let laid_out = apply(text, &format(text));
    assert!(
        format(&laid_out).is_empty(),
        "{name} is laid out twice:\n{laid_out}"
    );
}
