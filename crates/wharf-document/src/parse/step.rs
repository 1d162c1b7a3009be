//! Steps of the outage procedure: what one switches to.

/// Words that a step begins with.
const SWITCHES: [&str; 10] = [
    "switch", "fail", "failover", "move", "route", "hand", "shift", "divert", "redirect", "point",
];

/// Those that people and places follow too.
const GIVEN: [&str; 5] = ["hand ", "shift ", "divert ", "redirect ", "point "];

/// What may stand between them and `to`: what is switched.
const SWITCHED: [&str; 24] = [
    "over",
    "all",
    "the",
    "our",
    "everything",
    "traffic",
    "calls",
    "requests",
    "sending",
    "sends",
    "mail",
    "mails",
    "messages",
    "searches",
    "payments",
    "orders",
    "reads",
    "writes",
    "uploads",
    "downloads",
    "load",
    "lookups",
    "clients",
    "dns",
];

/// What ends the name behind them.
const ENDS: [&str; 16] = [
    " if ", " after ", " when ", " once ", " until ", " for ", " as ", " in ", " at ", " within ",
    ",", ";", "(", ">", ": ", " - ",
];

/// Words that stand for the fallback, or for something that has no name.
const GENERAL: [&str; 20] = [
    "fallback",
    "backup",
    "secondary",
    "standby",
    "cache",
    "cached",
    "manual",
    "read",
    "degraded",
    "replica",
    "mode",
    "queue",
    "alternative",
    "other",
    "plan",
    "maintenance",
    "offline",
    "production",
    "staging",
    "it",
];

/// The name that a step says to switch to: `adyen` of `Switch to adyen if > 5 min`. General words
/// such as `the fallback` are none.
pub(crate) fn switch_target(step: &str) -> Option<&str> {
    let rest = switched_to(step)?;
    let end = ENDS
        .iter()
        .filter_map(|end| rest.find(end))
        .min()
        .unwrap_or(rest.len());
    let name = rest[..end].trim().trim_end_matches('.');
    let name = name.strip_prefix('[').unwrap_or(name);
    let name = name.split(']').next().unwrap_or(name);
    let name = name.trim_matches(['`', '*', '_', '"', ' ']);
    // `the relay of Brevik Mail`: whose it is.
    let whose = [" of ", " at ", " by "].iter().find_map(|of| {
        let (what, whose) = name.split_once(of)?;
        let starts = |text: &str| text.starts_with(char::is_uppercase);
        (!starts(what) && starts(whose)).then_some(whose)
    });
    if let Some(whose) = whose {
        return Some(whose);
    }
    // People and places take over too: only whose it is tells a service then.
    if GIVEN.iter().any(|verb| {
        step.get(..verb.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(verb))
    }) {
        return None;
    }
    let is_general = name
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| GENERAL.contains(&word.to_lowercase().as_str()));
    (!name.is_empty() && !is_general).then_some(name)
}

/// What stands behind `to` in a step that switches something.
fn switched_to(step: &str) -> Option<&str> {
    let (before, rest) = step.split_once(" to ")?;
    let mut words = before.split_whitespace().map(str::to_lowercase);
    let verb = words.next()?;
    let begins = SWITCHES.contains(&verb.as_str());
    let is_switched = words.all(|word| SWITCHED.contains(&word.as_str()));
    (begins && is_switched).then_some(rest)
}

/// Whether two names mean one thing: one holds the other, whatever the case and the signs.
pub(crate) fn names_one(left: &str, right: &str) -> bool {
    let plain = |name: &str| -> String {
        let signs = name.chars().filter(|c| c.is_alphanumeric());
        signs.flat_map(char::to_lowercase).collect()
    };
    let (left, right) = (plain(left), plain(right));
    !left.is_empty() && !right.is_empty() && (left.contains(&right) || right.contains(&left))
}
