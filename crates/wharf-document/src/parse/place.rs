//! Where data is: regions and countries in words, and as vendors write them in hosts.

use super::words::place_of;

/// A part of the world that residency is promised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Region {
    Europe,
    UnitedStates,
    Canada,
    AsiaPacific,
    SouthAmerica,
}

impl Region {
    /// As messages name it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Europe => "Europe",
            Self::UnitedStates => "the United States",
            Self::Canada => "Canada",
            Self::AsiaPacific => "Asia and the Pacific",
            Self::SouthAmerica => "South America",
        }
    }
}

/// Names in words. Those in capitals are compared as they stand: `us` is a word too.
const NAMES: [(&str, Region); 58] = [
    ("EU", Region::Europe),
    ("EEA", Region::Europe),
    ("european union", Region::Europe),
    ("europe", Region::Europe),
    ("europa", Region::Europe),
    ("germany", Region::Europe),
    ("deutschland", Region::Europe),
    ("frankfurt", Region::Europe),
    ("berlin", Region::Europe),
    ("ireland", Region::Europe),
    ("dublin", Region::Europe),
    ("france", Region::Europe),
    ("paris", Region::Europe),
    ("netherlands", Region::Europe),
    ("amsterdam", Region::Europe),
    ("belgium", Region::Europe),
    ("sweden", Region::Europe),
    ("stockholm", Region::Europe),
    ("finland", Region::Europe),
    ("spain", Region::Europe),
    ("italy", Region::Europe),
    ("milan", Region::Europe),
    ("poland", Region::Europe),
    ("warsaw", Region::Europe),
    ("switzerland", Region::Europe),
    ("zurich", Region::Europe),
    ("london", Region::Europe),
    ("united kingdom", Region::Europe),
    ("UK", Region::Europe),
    ("US", Region::UnitedStates),
    ("USA", Region::UnitedStates),
    ("U.S", Region::UnitedStates),
    ("united states", Region::UnitedStates),
    ("virginia", Region::UnitedStates),
    ("oregon", Region::UnitedStates),
    ("ohio", Region::UnitedStates),
    ("california", Region::UnitedStates),
    ("iowa", Region::UnitedStates),
    ("texas", Region::UnitedStates),
    ("canada", Region::Canada),
    ("toronto", Region::Canada),
    ("montreal", Region::Canada),
    ("APAC", Region::AsiaPacific),
    ("asia", Region::AsiaPacific),
    ("australia", Region::AsiaPacific),
    ("sydney", Region::AsiaPacific),
    ("melbourne", Region::AsiaPacific),
    ("japan", Region::AsiaPacific),
    ("tokyo", Region::AsiaPacific),
    ("osaka", Region::AsiaPacific),
    ("singapore", Region::AsiaPacific),
    ("india", Region::AsiaPacific),
    ("mumbai", Region::AsiaPacific),
    ("seoul", Region::AsiaPacific),
    ("hong kong", Region::AsiaPacific),
    ("brazil", Region::SouthAmerica),
    ("são paulo", Region::SouthAmerica),
    ("sao paulo", Region::SouthAmerica),
];

/// First parts of a label of a host. The countries' codes that are words of other kinds are left
/// out.
const CODES: [(&str, Region); 26] = [
    ("eu", Region::Europe),
    ("europe", Region::Europe),
    ("euw", Region::Europe),
    ("euc", Region::Europe),
    ("eun", Region::Europe),
    ("emea", Region::Europe),
    ("fra", Region::Europe),
    ("ams", Region::Europe),
    ("dub", Region::Europe),
    ("westeurope", Region::Europe),
    ("northeurope", Region::Europe),
    ("us", Region::UnitedStates),
    ("usa", Region::UnitedStates),
    ("use", Region::UnitedStates),
    ("usw", Region::UnitedStates),
    ("usc", Region::UnitedStates),
    ("eastus", Region::UnitedStates),
    ("westus", Region::UnitedStates),
    ("centralus", Region::UnitedStates),
    ("ap", Region::AsiaPacific),
    ("apac", Region::AsiaPacific),
    ("asia", Region::AsiaPacific),
    ("au", Region::AsiaPacific),
    ("jp", Region::AsiaPacific),
    ("sg", Region::AsiaPacific),
    ("syd", Region::AsiaPacific),
];

/// Labels that may stand before a code in one label: `api-us`, not `contact-us`.
const BEFORE_CODE: [&str; 8] = [
    "api", "app", "gw", "gateway", "rest", "ingest", "data", "prod",
];

/// The regions that a text names, each once.
pub(crate) fn in_words(text: &str) -> Vec<Region> {
    let lower = text.to_lowercase();
    let named = NAMES.iter().filter(|(name, _)| {
        let text = if name.starts_with(char::is_uppercase) {
            text
        } else {
            &lower
        };
        place_of(text, name).is_some()
    });
    sorted(
        named
            .map(|(_, region)| *region)
            .chain(in_codes(&lower))
            .collect(),
    )
}

/// `eu-west-1` and its like among words.
fn in_codes(lower: &str) -> Vec<Region> {
    let words = lower.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '-'));
    let coded =
        words.filter(|word| word.contains('-') && word.ends_with(|c: char| c.is_ascii_digit()));
    coded.filter_map(of_label).collect()
}

/// The regions that the labels of a host name. The last two, the registered name, say nothing.
pub(crate) fn in_host(host: &str) -> Vec<Region> {
    let labels: Vec<_> = host.split('.').collect();
    let count = labels.len().saturating_sub(2);
    sorted(
        labels[..count]
            .iter()
            .filter_map(|label| of_label(label))
            .collect(),
    )
}

/// `eu`, `us2`, `eu-west-1`, `api-us`.
fn of_label(label: &str) -> Option<Region> {
    let parts: Vec<_> = label.split('-').collect();
    let code = |part: &str| {
        let letters = part.trim_end_matches(|sign: char| sign.is_ascii_digit());
        // `use1` is a place, `use` is a word.
        let is_word = ["use", "usw", "usc", "euc", "eun"].contains(&letters) && letters == part;
        let known = CODES.iter().find(|(code, _)| *code == letters && !is_word);
        known.map(|(_, region)| *region)
    };
    match parts.as_slice() {
        [only] => code(only),
        [first, second] if BEFORE_CODE.contains(first) => code(second),
        [first, rest @ ..] => {
            let is_direction = |part: &&str| {
                let letters = part.trim_end_matches(|sign: char| sign.is_ascii_digit());
                [
                    "",
                    "west",
                    "east",
                    "north",
                    "south",
                    "central",
                    "northeast",
                    "southeast",
                    "northwest",
                    "southwest",
                    "api",
                    "gov",
                ]
                .contains(&letters)
            };
            code(first).filter(|_| rest.iter().all(is_direction))
        }
        [] => None,
    }
}

fn sorted(mut regions: Vec<Region>) -> Vec<Region> {
    regions.sort_unstable();
    regions.dedup();
    regions
}
