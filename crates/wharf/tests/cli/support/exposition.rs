//! Reads the text of `/metrics` and refuses what Prometheus would not take (`OpenMetrics` 1.0).

use std::collections::{BTreeMap, BTreeSet};

/// Names and values in the order they stand.
type Labels = Vec<(String, String)>;

/// The samples of one scrape.
pub(crate) struct Exposition {
    text: String,
    samples: BTreeMap<String, f64>,
    labels: BTreeMap<String, Labels>,
}

/// What a family says of itself before its samples.
#[derive(Default)]
struct Family {
    kind: Option<String>,
    has_help: bool,
    has_samples: bool,
}

impl Exposition {
    /// Reads every line; panics at the first that is not valid.
    pub(crate) fn parse(text: &str) -> Self {
        let body = text
            .strip_suffix("# EOF\n")
            .expect("the text ends with `# EOF` and a line feed");
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut current = String::new();
        let mut exposition = Self {
            text: text.to_owned(),
            samples: BTreeMap::new(),
            labels: BTreeMap::new(),
        };
        for line in body.split_terminator('\n') {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.splitn(3, ' ');
                let (word, name) = (words.next().unwrap(), words.next().unwrap());
                let rest = words.next().unwrap_or_default();
                if name != current {
                    assert!(
                        !families.contains_key(name),
                        "{name} is not in one piece: {line}"
                    );
                    name.clone_into(&mut current);
                }
                describe(
                    families.entry(name.to_owned()).or_default(),
                    word,
                    name,
                    rest,
                    line,
                );
            } else {
                let name = exposition.sample(line);
                let family = families
                    .get_mut(&current)
                    .expect("a family is described before its samples");
                check_name(&name, &current, family, line);
                family.has_samples = true;
            }
        }
        for (name, family) in &families {
            assert!(
                family.kind.is_some() && family.has_help,
                "{name} lacks TYPE or HELP"
            );
        }
        exposition.check_histograms(&families);
        exposition
    }

    /// The value of a sample; 0 while nothing was counted under these labels.
    ///
    /// `labels` may leave labels out when the rest names one sample.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |series: &str, (key, value): (&str, &str)| {
            self.labels[series]
                .iter()
                .any(|(k, v)| k == key && v == value)
        };
        let mut found = self
            .samples
            .iter()
            .filter(|(series, _)| series.split('{').next() == Some(name))
            .filter(|(series, _)| labels.iter().all(|label| has(series, *label)));
        let value = found.next().map_or(0.0, |(_, value)| *value);
        assert!(
            found.next().is_none(),
            "{name} {labels:?} is not one sample:\n{}",
            self.text
        );
        value
    }

    /// The text as it came.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Reads `name{key="value",…} number`; gives the name.
    fn sample(&mut self, line: &str) -> String {
        let (series, value) = line
            .rsplit_once(' ')
            .unwrap_or_else(|| panic!("no value: {line}"));
        let value = match value {
            "+Inf" => f64::INFINITY,
            value => value
                .parse()
                .unwrap_or_else(|_| panic!("no number: {line}")),
        };
        assert!(
            value >= 0.0 || !line.contains("_total"),
            "a counter below zero: {line}"
        );
        let (name, labels) = match series.split_once('{') {
            Some((name, rest)) => {
                let rest = rest
                    .strip_suffix('}')
                    .unwrap_or_else(|| panic!("no `}}`: {line}"));
                (name, labels(rest, line))
            }
            None => (series, Vec::new()),
        };
        assert!(is_name(name, ':'), "not a name: {line}");
        let keys: BTreeSet<&String> = labels.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), labels.len(), "a label stands twice: {line}");
        let before = self.samples.insert(series.to_owned(), value);
        assert!(before.is_none(), "the series stands twice: {line}");
        self.labels.insert(series.to_owned(), labels);
        name.to_owned()
    }

    /// Buckets grow with their bound, and the last counts everything.
    fn check_histograms(&self, families: &BTreeMap<String, Family>) {
        let histograms = families
            .iter()
            .filter(|(_, family)| family.kind.as_deref() == Some("histogram"));
        for (name, _) in histograms {
            let mut buckets: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
            let of_family = self
                .samples
                .iter()
                .filter(|(series, _)| series.starts_with(&format!("{name}_bucket{{")));
            for (series, value) in of_family {
                let (bound, rest): (Vec<_>, Vec<_>) = self.labels[series]
                    .iter()
                    .cloned()
                    .partition(|(key, _)| key == "le");
                let bound = match bound[0].1.as_str() {
                    "+Inf" => f64::INFINITY,
                    bound => bound.parse().unwrap(),
                };
                buckets.entry(rest).or_default().push((bound, *value));
            }
            for (labels, mut buckets) in buckets {
                buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
                let grows = buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1);
                assert!(grows, "{name} {labels:?} does not grow: {buckets:?}");
                let labels: Vec<_> = labels
                    .iter()
                    .map(|(k, v)| (k.as_str(), v.as_str()))
                    .collect();
                let (bound, last) = *buckets.last().unwrap();
                assert!(bound.is_infinite(), "{name} has no last bucket");
                let count = self.value(&format!("{name}_count"), &labels);
                assert!((last - count).abs() < 0.5, "{name}: {last} is not {count}");
            }
        }
    }
}

fn describe(family: &mut Family, word: &str, name: &str, rest: &str, line: &str) {
    assert!(!family.has_samples, "described after its samples: {line}");
    assert!(is_name(name, ':'), "not a name: {line}");
    match word {
        "HELP" => {
            assert!(!family.has_help && !rest.is_empty(), "{line}");
            family.has_help = true;
        }
        "TYPE" => {
            assert!(family.kind.is_none(), "{line}");
            assert!(["counter", "gauge", "histogram"].contains(&rest), "{line}");
            family.kind = Some(rest.to_owned());
        }
        "UNIT" => assert!(name.ends_with(&format!("_{rest}")), "{line}"),
        _ => panic!("no such comment: {line}"),
    }
}

fn check_name(name: &str, family: &str, described: &Family, line: &str) {
    let suffix = name
        .strip_prefix(family)
        .unwrap_or_else(|| panic!("not of {family}: {line}"));
    let allowed: &[&str] = match described.kind.as_deref() {
        Some("counter") => &["_total"],
        Some("gauge") => &[""],
        Some("histogram") => &["_sum", "_count", "_bucket"],
        kind => panic!("{kind:?}: {line}"),
    };
    assert!(allowed.contains(&suffix), "{line}");
}

fn is_name(text: &str, also: char) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == also)
}

/// Reads `key="value",…` with the escapes `\\`, `\"` and `\n`.
fn labels(mut text: &str, line: &str) -> Labels {
    let mut labels = Vec::new();
    while !text.is_empty() {
        let (key, rest) = text
            .split_once("=\"")
            .unwrap_or_else(|| panic!("no label: {line}"));
        assert!(is_name(key, '_'), "not a label's name: {line}");
        let mut value = String::new();
        let mut signs = rest.char_indices();
        let end = loop {
            match signs.next() {
                Some((at, '"')) => break at,
                Some((_, '\\')) => match signs.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, sign @ ('\\' | '"'))) => value.push(sign),
                    _ => panic!("no such escape: {line}"),
                },
                Some((_, sign)) => value.push(sign),
                None => panic!("a label does not end: {line}"),
            }
        };
        labels.push((key.to_owned(), value));
        text = &rest[end + 1..];
        if let Some(rest) = text.strip_prefix(',') {
            assert!(!rest.is_empty(), "a comma too many: {line}");
            text = rest;
        } else {
            assert!(text.is_empty(), "something stands behind a label: {line}");
        }
    }
    labels
}
