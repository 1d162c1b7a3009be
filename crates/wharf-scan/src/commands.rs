//! Passwords in the options of commands: `curl -u name:VALUE`, `mysql -pVALUE`, `docker login -p VALUE`.
//!
//! An option of one letter means something else to each command, so the command must stand before
//! it: on its line, or on lines before that end with a backslash, and in the same part of a pipe.
//! Options that say what they hold (`--password`, `-storepass`) are names, see the sibling `names`.
//!
//! Sources: the manuals of the commands that are listed.

use super::assignment::is_decided_elsewhere;
use super::drawn_value::is_drawn_value;
use super::{Found, Kind, context, password};

/// In small letters: they are met in any case.
pub(super) const OPTIONS: [&str; 11] = [
    " -u",
    " --user",
    " --proxy-user",
    " -p",
    " -a",
    " -w",
    " -x",
    " -hp",
    " -k",
    " /p:",
    " --auth",
];
/// Commands whose password has no option: it is one of their words.
pub(super) const WORDS: [&str; 14] = [
    "net use ",
    "net user ",
    "htpasswd ",
    "sqlplus ",
    "wpa_passphrase ",
    "http-basic.",
    "rcon-cli ",
    "rabbitmqctl add_user ",
    "rabbitmqctl change_password ",
    "cargo login ",
    "snyk auth ",
    "vault login ",
    "github-oauth.",
    "ConvertTo-SecureString ",
];

/// How far before its option a command is looked for.
const MOST_BEFORE: usize = 240;
const MOST_VALUE: usize = 200;
/// Words of a command that are read for one without an option.
const MOST_WORDS: usize = 8;

/// What an option of a command holds.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Holds {
    /// A name and a password, joined by this sign.
    Pair(char),
    /// The password, as the next word.
    Next,
    /// The password, glued to the option.
    Glued,
    /// The password, either way.
    Either,
}

use Holds::{Either, Glued, Next, Pair};

/// Options, the commands to which they are a password, and how they hold it.
const MEANINGS: [(&str, &[&str], Holds); 27] = [
    (" --auth", &["http", "https", "xh", "xhs"], Pair(':')),
    (" -k", &["openssl"], Next),
    // `dotnet nuget push … -k VALUE`, `choco push -k VALUE`.
    (" -k", &["nuget", "choco"], Next),
    (
        " /p:",
        &["xfreerdp", "wlfreerdp", "sdl-freerdp", "mstsc"],
        Glued,
    ),
    (" -u", &["curl", "xh", "wget", "siege"], Pair(':')),
    (" --user", &["curl", "wget"], Pair(':')),
    (" --proxy-user", &["curl"], Pair(':')),
    (" -U", &["curl"], Pair(':')),
    (" -a", &["http", "https", "xh", "xhs"], Pair(':')),
    (" -A", &["http", "https"], Pair(':')),
    // ApacheBench: `-A` for the server, `-P` for the proxy.
    (" -A", &["ab"], Pair(':')),
    (" -P", &["ab"], Pair(':')),
    (" -u", &["lftp"], Pair(',')),
    (
        " -U",
        &[
            "smbclient",
            "rpcclient",
            "smbget",
            "smbcacls",
            "net",
            "winexe",
            "wmic",
        ],
        Pair('%'),
    ),
    (
        " -p",
        &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlsh",
            "mysqlshow",
            "mysqlcheck",
            "mycli",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "7z",
            "7za",
            "7zz",
            "rar",
            "unrar",
        ],
        Glued,
    ),
    (" -hp", &["rar", "unrar"], Glued),
    (" -p", &["sshpass"], Either),
    (
        " -p",
        &[
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "mongoexport",
            "mongoimport",
            "mongostat",
        ],
        Either,
    ),
    // Registries and clouds: `docker login`, `az login`, `cf login`, `helm registry login`.
    (" -p", &["login"], Next),
    (
        " -p",
        &[
            "rabbitmqadmin",
            "cypher-shell",
            "cqlsh",
            "couchbase-cli",
            "cbq",
            "beeline",
            "twine",
            "ncftp",
            "ncftpput",
            "ncftpget",
            "psexec",
            "impala-shell",
            "evil-winrm",
            "smbmap",
            "influx",
            "jfrog",
        ],
        Next,
    ),
    (
        " -P",
        &[
            "sqlcmd", "bcp", "isql", "tsql", "osql", "fisql", "ipmitool", "unzip", "zip", "zipinfo",
        ],
        Either,
    ),
    (
        " -P",
        &["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"],
        Next,
    ),
    (
        " -w",
        &[
            "ldapsearch",
            "ldapadd",
            "ldapmodify",
            "ldapdelete",
            "ldapwhoami",
            "ldappasswd",
            "ldapcompare",
            "ldapmodrdn",
            "ldapexop",
            "vsql",
            "kadmin",
        ],
        Either,
    ),
    (
        " -a",
        &["redis-cli", "valkey-cli", "keydb-cli", "redis-benchmark"],
        Either,
    ),
    (" -A", SNMP, Next),
    (" -X", SNMP, Next),
    (
        " -p",
        &["kadmin.local", "pulsar-admin", "arangosh", "neo4j-admin"],
        Next,
    ),
];
const SNMP: &[&str] = &[
    "snmpget",
    "snmpwalk",
    "snmpbulkwalk",
    "snmpset",
    "snmpgetnext",
    "snmptable",
    "snmptrap",
    "snmpusm",
];

/// `-u name:VALUE`, `-p VALUE`, `-pVALUE`.
pub(super) fn option(text: &str, at: usize, start: &str) -> Option<Found> {
    let from = at + start.len();
    let spaced = text[from..].trim_start_matches([' ', '=']);
    let is_glued = spaced.len() == text.len() - from;
    let inner = spaced.trim_start_matches(['"', '\'']);
    // `--user` is not the start of `--username`.
    if inner.starts_with(['-', '\n']) || (is_glued && start.starts_with(" --")) {
        return None;
    }
    let from = text.len() - inner.len();
    let is_written = |holds| match holds {
        Next => !is_glued,
        Glued => is_glued,
        Pair(_) | Either => true,
    };
    // The value is cheaper to judge than the command is to find.
    let mut found = MEANINGS
        .iter()
        .filter(|(option, _, holds)| *option == start && is_written(*holds))
        .filter_map(|(_, commands, holds)| Some((commands, held(text, from, *holds)?)));
    let (_, found) = found.find(|(commands, _)| {
        let mut names = names(command_before(text, at));
        names.any(|name| commands.contains(&name))
    })?;
    Some(found)
}

/// The secret in the value of an option.
fn held(text: &str, from: usize, holds: Holds) -> Option<Found> {
    if let Pair(sign) = holds {
        return pair(text, from, sign);
    }
    let value = value(text, from);
    let is_password = password::is_set(value, "") && !is_decided_elsewhere(value);
    is_password.then(|| found(text, from, value, Kind::Password))
}

/// A password among the words of a command: `net use X: \\host\share VALUE`, `htpasswd -b file name
/// VALUE`, `sqlplus name/VALUE@host`.
pub(super) fn word(text: &str, at: usize, start: &str) -> Option<Found> {
    if text.as_bytes()[..at]
        .last()
        .is_some_and(u8::is_ascii_alphanumeric)
    {
        return None;
    }
    let mut words = words(text, at + start.len());
    match start {
        "sqlplus " => {
            let (from, login) = words.find(|(_, word)| !word.starts_with('-'))?;
            let (user, rest) = login.split_once('/')?;
            let secret = rest.rsplit_once('@').map_or(rest, |(secret, _)| secret);
            let secret = secret.trim_end_matches('/');
            let is_password = !user.is_empty() && password::is_set(secret, user);
            is_password.then(|| found(text, from + user.len() + 1, secret, Kind::Password))
        }
        // `wpa_passphrase SSID VALUE`, `poetry config http-basic.NAME user VALUE`.
        "wpa_passphrase " | "github-oauth." => chosen(text, words.nth(1)?),
        "http-basic." => chosen(text, words.nth(2)?),
        _ => words
            .filter(|(_, word)| !word.starts_with(['-', '/', '\\']))
            .find_map(|word| chosen(text, word)),
    }
}

/// A word that must be a password by its own looks, for nothing else tells it from a name.
fn chosen(text: &str, (from, word): (usize, &str)) -> Option<Found> {
    let is_other = word.contains('\\') || is_decided_elsewhere(word);
    let is_password = !is_other && password::is_chosen(word, super::operator::Join::Sign);
    is_password.then(|| found(text, from, word, Kind::Password))
}

/// The words of a command, up to the end of its part of a line.
fn words(text: &str, at: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut from = at;
    std::iter::from_fn(move || {
        let rest = text[from..].trim_start_matches([' ', '"', '\'']);
        let start = text.len() - rest.len();
        let word = value(text, start);
        from = start + word.len();
        (!word.is_empty()).then_some((start, word))
    })
    .take(MOST_WORDS)
}

/// The secret of `name:VALUE`. Where nothing stands behind the sign, the name may be a key.
fn pair(text: &str, from: usize, sign: char) -> Option<Found> {
    let all = value(text, from);
    let (user, secret) = all.split_once(sign).filter(|_| !all.contains("://"))?;
    if password::is_set(secret, user) {
        let is_other = is_decided_elsewhere(secret);
        return (!is_other).then(|| found(text, from + user.len() + 1, secret, Kind::Password));
    }
    let is_key = secret.len() < 4 && !is_decided_elsewhere(user) && is_drawn_value(user, true);
    is_key.then(|| found(text, from, user, Kind::Assigned))
}

fn found(text: &str, from: usize, value: &str, kind: Kind) -> Found {
    let span = from..from + value.len();
    Found::new(context::kind(text, &span, true).unwrap_or(kind), span)
}

fn value(text: &str, from: usize) -> &str {
    let bytes = text.as_bytes()[from..].iter().take(MOST_VALUE);
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`|;<>".contains(byte);
    let length = bytes.take_while(|byte| !is_end(byte)).count();
    &text[from..text.floor_char_boundary(from + length)]
}

/// The words that a command may be called by, without their paths.
fn names(command: &str) -> impl Iterator<Item = &str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let words = command.as_bytes().split(move |byte| !is_part(byte));
    words
        .filter_map(|word| std::str::from_utf8(word).ok())
        .map(|word| word.strip_suffix(".exe").unwrap_or(word))
}

/// The command of an option, as far as it stands before it, up to the space before the option.
pub(super) fn command_before(text: &str, at: usize) -> &str {
    let first = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
    let before = &text[first..=at];
    let is_end =
        |(place, _): &(usize, &str)| !before[..*place].trim_end_matches('\r').ends_with('\\');
    let line = before.rmatch_indices('\n').find(is_end);
    let before = &before[line.map_or(0, |(place, _)| place + 1)..];
    // Another command: behind a pipe, `&&` or `;`.
    let part = before
        .rfind(['|', ';'])
        .max(before.rfind("&&").map(|at| at + 1));
    &before[part.map_or(0, |place| place + 1)..]
}

#[cfg(test)]
mod tests;
