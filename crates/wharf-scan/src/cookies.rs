//! Cookies that hold a session: `Cookie: sessionid=VALUE; theme=dark`, `cookies={"session": "VALUE"}`, a
//! field `cookie="…"` of a log.
//!
//! Whoever has the value is logged in. Which of the cookies of a line is one tells its name: a word of
//! sessions (`sess`, `sid`, `auth`, `token`) and a value that a machine drew. Settings (`theme`, `lang`),
//! counters of visitors and the tokens that guard forms are none. The names that frameworks give their
//! cookies are known without the word "cookie" beside them.
//!
//! Sources: RFC 6265, section 4; the manuals of PHP, Jakarta Servlet, Express, Django, Flask, Rails,
//! Laravel, ASP.NET Core, `WordPress` and Drupal.

use super::alphabet::starts_word;
use super::{Found, Kind, commands, documented, entropy, filler, words};

/// The word, the option of curl, and names that frameworks give.
pub(super) const STARTS: [&str; 23] = [
    "Cookie",
    "cookie",
    "COOKIE",
    " -b ",
    "PHPSESSID",
    "JSESSIONID",
    "jsessionid",
    "connect.sid",
    "laravel_session",
    "ci_session",
    "ASP.NET_SessionId",
    ".AspNetCore.",
    ".ASPXAUTH",
    "ASPSESSIONID",
    "wordpress_logged_in_",
    "wordpress_sec_",
    "next-auth.session-token",
    "authjs.session-token",
    "better-auth.session_token",
    "_rails_session",
    "_session_id",
    "user_session",
    "CFTOKEN",
];

/// How far behind the word its cookies are read.
const MOST_LINE: usize = 8_192;
/// Bytes of a name that are looked at.
const MOST_NAME: usize = 80;
/// Browsers keep no larger cookie; RFC 6265, 6.1, asks for as much.
const MOST_VALUE: usize = 4_096;
/// Signs between a name and its value.
const MOST_SIGNS: usize = 18;
/// Longest words between the word "cookie" and a code span with one.
const MOST_WORDS: usize = 40;
/// Marks between the word and the first cookie.
const MOST_MARKS: usize = 16;
/// Shortest value that can be a session.
const LEAST_VALUE: usize = 16;

/// Pieces of names of sessions. Those of the second list are words of their own: `sid`, not `sidebar`.
const PIECES: [&str; 9] = [
    "sess",
    "auth",
    "token",
    "jwt",
    "login",
    "logged_in",
    "remember",
    "ticket",
    "identity",
];
const WORDS: [&str; 9] = [
    "sid",
    "sso",
    "id_token",
    "aspnetcore",
    "xs",
    "li_at",
    "1psid",
    "3psid",
    "cf_clearance",
];
/// Pieces of names that open nothing.
const OPEN: [&str; 5] = ["csrf", "xsrf", "antiforgery", "consent", "nonce"];

/// The cookies of a text, read from start to start. No part of a line is read twice, so the time does
/// not grow with its names.
pub(super) struct Cookies<'a> {
    text: &'a str,
    /// The end of the last cookie.
    end: usize,
    /// No cookie begins between that and here.
    searched: usize,
    found: Vec<Found>,
}

impl<'a> Cookies<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            end: 0,
            searched: 0,
            found: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Vec<Found> {
        self.found
    }

    /// Reads the cookies that follow a start at a place behind the last one.
    pub(super) fn read(&mut self, at: usize, start: &str) {
        let text = self.text;
        if at < self.end {
            return;
        }
        let from = at + start.len();
        let first = match start {
            "Cookie" | "cookie" | "COOKIE" => behind_word(text, at, from),
            " -b " => commands::command_before(text, at)
                .contains("curl")
                .then_some(from),
            _ => starts_word(text, at, |byte| {
                byte.is_ascii_alphanumeric() || byte == b'-'
            })
            .then_some(at),
        };
        let Some(first) = first else {
            self.end = from;
            return;
        };
        let end = line_end(text, first);
        let mut at = first;
        // The name in `name: 'sid', value: 'VALUE'`.
        let mut told = "";
        loop {
            let pair = match pair(text, at, end, self.searched) {
                Ok(pair) => pair,
                Err(searched) => {
                    self.searched = searched.max(self.searched);
                    break;
                }
            };
            at = pair.end;
            let name = &text[pair.name.0..pair.name.1];
            let value = &text[pair.value.0..pair.value.1];
            if name.eq_ignore_ascii_case("name") || name.eq_ignore_ascii_case("key") {
                told = value;
            }
            let is_told = name.eq_ignore_ascii_case("value") && is_of_session(told);
            if (is_told || is_of_session(name)) && is_drawn(value) && !documented::is_example(value)
            {
                let place = pair.value.0..pair.value.1;
                self.found.push(Found::new(Kind::SessionCookie, place));
            }
        }
        self.end = at.max(from);
    }
}

/// Where the cookies behind the word start, when it is followed by what a header, a log or a call puts
/// there and not by a further word of a sentence.
fn behind_word(text: &str, at: usize, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = &bytes[from..];
    let plural = usize::from(rest.first().is_some_and(|byte| matches!(byte, b's' | b'S')));
    // `cookies.set("sid", …)`, `cookies = dict(sid=…)`.
    let call = [
        ".set(", ".Set(", ".put(", ".add(", " = dict(", "=dict(", " -v ",
    ]
    .iter()
    .find(|call| rest[plural..].starts_with(call.as_bytes()));
    let from = from + plural + call.map_or(0, |call| call.len());
    let marks = bytes[from..]
        .iter()
        .take(MOST_MARKS)
        .take_while(|byte| b" \t:=({[\"'`|,><*\\".contains(byte))
        .count();
    let has_sign = bytes[from..from + marks]
        .iter()
        .any(|byte| !byte.is_ascii_whitespace());
    let is_option = text[..at].ends_with("--") && marks > 0;
    // "The cookie sid=VALUE".
    let name = bytes[from + marks..]
        .iter()
        .take(MOST_NAME)
        .take_while(|byte| is_name(**byte))
        .count();
    if marks > 0 && name > 0 && bytes.get(from + marks + name) == Some(&b'=') {
        return Some(from + marks);
    }
    // "The cookie was `sid=VALUE`."
    let span = (!has_sign).then(|| {
        let is_word = |byte: &&u8| byte.is_ascii_lowercase() || **byte == b' ';
        let words = bytes[from..].iter().take(MOST_WORDS).take_while(is_word);
        from + words.count()
    });
    if let Some(span) = span {
        // "The cookie of the admin: `sid=VALUE`".
        let rest = &bytes[span..];
        let sign = if rest.starts_with(b": ") { 2 } else { 0 };
        if rest.get(sign) == Some(&b'`') {
            return Some(span + sign + 1);
        }
    }
    (call.is_some() || has_sign || is_option).then_some(from + marks)
}

/// The end of the line, or of the lines of a block in brackets.
fn line_end(text: &str, from: usize) -> usize {
    let last = text.len().min(from + MOST_LINE);
    let bytes = &text.as_bytes()[from..last];
    let goes_on = |at: usize| {
        let line = bytes[..at].trim_ascii_end();
        line.is_empty() || line.ends_with(b"{") || line.ends_with(b"(") || line.ends_with(b",")
    };
    let end = memchr::memchr_iter(b'\n', bytes).find(|at| !goes_on(*at));
    end.map_or(last, |end| from + end)
}

/// Places of the name and the value of a cookie, and where the next one may start.
struct Pair {
    name: (usize, usize),
    value: (usize, usize),
    end: usize,
}

/// The next name with a value. Behind the first name, none begins before `searched`. `Err`: there is
/// none, and none begins before the place that is given back.
fn pair(text: &str, mut at: usize, end: usize, searched: usize) -> Result<Pair, usize> {
    let bytes = text.as_bytes();
    let count = |from: usize, most: usize, is_part: fn(u8) -> bool| {
        let last = end.min(from + most);
        bytes[from..last]
            .iter()
            .take_while(|byte| is_part(**byte))
            .count()
    };
    // A name so near to the end may go on behind it, or have its sign there.
    let mut cut = end;
    while at < end {
        let name = count(at, end, is_name);
        if name == 0 {
            at = searched.max(at + 1);
            continue;
        }
        let behind = at + name;
        let Some(value) = value_start(&bytes[behind..end]).map(|offset| behind + offset) else {
            if name <= MOST_NAME && behind + MOST_SIGNS > end {
                cut = cut.min(at);
            }
            at = searched.max(behind);
            continue;
        };
        let length = count(value, MOST_VALUE, is_value);
        let pair = Pair {
            name: (at, behind),
            value: (value, value + length),
            end: (value + length).max(at + 1),
        };
        if name <= MOST_NAME {
            return Ok(pair);
        }
        at = pair.end;
    }
    Err(cut)
}

/// How far behind a name its value starts: `=`, `": "`, `' => '`, `", "`.
fn value_start(rest: &[u8]) -> Option<usize> {
    let is_quote = |byte: &u8| b"\"'`\\".contains(byte);
    let count = |from: usize, is_part: &dyn Fn(&u8) -> bool| {
        rest[from.min(rest.len())..]
            .iter()
            .take(4)
            .take_while(|byte| is_part(byte))
            .count()
    };
    let quotes = count(0, &is_quote);
    let gap = quotes + count(quotes, &|byte| *byte == b' ');
    let sign = match rest.get(gap..)? {
        [b'=', b'>', ..] => 2,
        [b'=' | b':', ..] => 1,
        [b',', ..] if quotes > 0 => 1,
        _ => return None,
    };
    let at = gap + sign;
    let at = at + count(at, &|byte| *byte == b' ');
    Some(at + count(at, &is_quote))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.%".contains(&byte)
}

fn is_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.%+/=~:|!*@&".contains(&byte)
}

fn is_of_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_word = |word: &&str| {
        name.strip_suffix(*word)
            .is_some_and(|before| !before.ends_with(|sign: char| sign.is_alphanumeric()))
            || name.split(['.', '_', '-']).any(|part| part == *word)
    };
    !OPEN.iter().any(|piece| name.contains(piece))
        && (PIECES.iter().any(|piece| name.contains(piece))
            || WORDS.iter().any(is_word)
            || name.ends_with("sid") && name.len() <= 10)
}

/// Whether a machine drew a value. A session may be numbered by a UUID.
fn is_drawn(value: &str) -> bool {
    let value = value.trim_end_matches(['.', '*', '|', ':']);
    // Express writes `s:` before a value that it signed.
    let plain = value.strip_prefix("s%3A").unwrap_or(value);
    let is_kind = |is_kind: fn(&u8) -> bool| plain.as_bytes().iter().any(is_kind);
    let core = &plain[words::core(plain)];
    let signs: String = core.split(['-', '.', '%']).collect();
    plain.len() >= LEAST_VALUE
        && is_kind(u8::is_ascii_digit)
        && is_kind(u8::is_ascii_alphabetic)
        && core.len() >= LEAST_VALUE
        && !words::is_name(core)
        && !filler::is_filler(plain.get(..64).unwrap_or(plain))
        && entropy::is_high(&signs[..signs.len().min(400)])
}

#[cfg(test)]
mod tests;
