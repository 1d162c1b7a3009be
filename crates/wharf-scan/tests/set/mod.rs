//! A labelled set: credentials made by chance after the vendors' documentation, and things that
//! only look like them, in texts in which the place of each is known.

mod chosen;
mod lures;
mod names;
mod people;
mod quiet;
pub(crate) mod random;
pub(crate) mod samples;
mod shapes;
mod vendors;

use std::fmt::Write as _;

use wharf_scan::{Found, Kind};

use chosen::{CHOSEN, TALK};
use lures::LURES;
use people::PEOPLE;
use quiet::QUIET;
use random::{Random, SMALL};
use samples::{Place, Sample, sample};
use shapes::SHAPES;

pub(crate) const SEED: u64 = 0x05EC_2E75;
const SAMPLES_OF_A_KIND: usize = 40;
const SAMPLES_OF_A_VENDOR: usize = 10;
const LURES_OF_A_KIND: usize = 24;
const PIECES_OF_A_DOCUMENT: usize = 20;

/// Lines into which any credential can be put, at `@`.
const LINES: [&str; 16] = [
    "Use @ for the first call.",
    "- Token: `@`",
    "The old value was **@**, do not use it.",
    "| Production | @ | Active |",
    "| Name | Value |\n|---|---|\n| live | `@` |",
    "```json\n{ \"value\": \"@\", \"active\": true }\n```",
    "```yaml\nproduction:\n  value: @\n  region: eu\n```",
    "```yaml\nproduction: '@'\n```",
    "```sh\nexport VALUE=\"@\"\n```",
    "```sh\ncurl -u @: https://api.example.org/v1/items\n```",
    "```sh\ncurl -H 'Authorization: Bearer @' https://api.example.org\n```",
    "Siehe @, готово, 完了。",
    "(@)",
    "<!-- @ -->",
    "> @",
    "@",
];

/// Text in which the secrets' places are known.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) secrets: Vec<Found>,
}

impl Document {
    fn add_words(&mut self, random: &mut Random) {
        let mut length = 0;
        while length < 320 {
            let word = random.between(2, 11);
            length += word + 1;
            let _ = write!(self.text, "{} ", random.text(SMALL, word));
        }
        self.text.push_str("end.\n\n");
    }

    fn add_sample(&mut self, sample: &Sample, random: &mut Random) {
        let line = match sample.place {
            Place::Anywhere => random.pick(&LINES),
            Place::Lines(lines) => random.pick(lines),
        };
        let start = self.text.len() + line.find('@').unwrap();
        let inner = sample.text.find(&sample.secret).unwrap();
        let span = start + inner..start + inner + sample.secret.len();
        self.secrets.push(Found {
            kind: sample.kind,
            span: span.clone(),
        });
        let _ = write!(self.text, "{}\n\n", line.replacen('@', &sample.text, 1));
        assert_eq!(self.text[span], sample.secret);
    }
}

/// All pieces in documents, in an order of chance.
pub(crate) fn documents() -> Vec<Document> {
    let mut random = Random::new(SEED);
    let mut pieces: Vec<Result<Sample, String>> = Vec::new();
    for kind in Kind::ALL {
        pieces.extend((0..SAMPLES_OF_A_KIND).map(|_| Ok(sample(kind, &mut random))));
    }
    for index in 0..vendors::COUNT {
        pieces.extend((0..SAMPLES_OF_A_VENDOR).map(|_| Ok(vendors::token_of(index, &mut random))));
    }
    for shape in SHAPES.into_iter().chain(PEOPLE).chain(CHOSEN) {
        pieces.extend((0..SAMPLES_OF_A_KIND).map(|_| Ok(shape(&mut random))));
    }
    for lure in LURES.into_iter().chain(QUIET).chain(TALK) {
        pieces.extend((0..LURES_OF_A_KIND).map(|_| Err(lure(&mut random))));
    }
    random.shuffle(&mut pieces);
    pieces
        .chunks(PIECES_OF_A_DOCUMENT)
        .map(|pieces| {
            let mut document = Document::default();
            for piece in pieces {
                document.add_words(&mut random);
                match piece {
                    Ok(sample) => document.add_sample(sample, &mut random),
                    Err(lure) => {
                        let _ = write!(document.text, "{lure}\n\n");
                    }
                }
            }
            document
        })
        .collect()
}

/// How many things that are no secret stand in the set.
pub(crate) fn lures() -> usize {
    (LURES.len() + QUIET.len() + TALK.len()) * LURES_OF_A_KIND
}
