//! What a token endpoint answers (RFC 6749, 5.1): the token, its end, and what comes with it.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use wharf_document::model::Authentication;

use super::error::AnswerProblem;
use super::veil::Veil;
use crate::value;

/// Longest life that is believed, in seconds; a longer one is read as this.
pub(super) const LONGEST_LIFE_SECONDS: i64 = 366 * 24 * 3_600;

/// Longest text of scopes that is kept, in characters.
const LONGEST_SCOPES: usize = 2_000;

/// From here on a number at an `Expiry field` is a moment: as a life it would be 31 years.
const FIRST_MOMENT: i64 = 1_000_000_000;

/// From here on such a moment is in milliseconds: in seconds it would be in the year 5138.
const FIRST_MOMENT_MILLISECONDS: i64 = 100_000_000_000;

/// Where a token and its end stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    token: String,
    expiry: String,
    /// The document says how the token goes, so its type is not asked for that.
    is_placed: bool,
}

/// What could be read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) token: SecretString,
    pub(super) valid_until: Option<Timestamp>,
    pub(super) scopes: Option<String>,
}

impl Reading {
    pub(super) fn new(authentication: &Authentication) -> Self {
        let minting = &authentication.minting;
        let pointer = |written: &Option<wharf_diag::Spanned<String>>, usual: &str| {
            let written = written.as_ref().map(|pointer| pointer.value.clone());
            written.unwrap_or_else(|| usual.to_owned())
        };
        Self {
            token: pointer(&minting.token_field, "/access_token"),
            expiry: pointer(&minting.expiry_field, "/expires_in"),
            is_placed: !authentication.placements.is_empty(),
        }
    }

    /// Reads the answer to a request of `now`.
    ///
    /// `skew_seconds`: by how much the vendor's clock is ahead of ours.
    pub(super) fn read(
        &self,
        body: &Value,
        now: Timestamp,
        skew_seconds: i64,
        veil: &Veil,
    ) -> Result<Answer, AnswerProblem> {
        if !body.is_object() {
            return Err(AnswerProblem::NotAnObject);
        }
        let at = || self.token.clone();
        let token = match body.pointer(&self.token) {
            None | Some(Value::Null) => return Err(AnswerProblem::TokenMissing { at: at() }),
            Some(Value::String(token)) => SecretString::from(token.as_str()),
            Some(_) => return Err(AnswerProblem::TokenNotText { at: at() }),
        };
        value::check_sendable(token.expose_secret()).map_err(AnswerProblem::Token)?;
        let mut veil = veil.clone();
        veil.add("token", &token);
        if let Some(Value::String(kind)) = self.beside(body, "token_type") {
            self.check_type(kind, &veil)?;
        }
        Ok(Answer {
            valid_until: self.end(body, now, skew_seconds)?,
            scopes: self
                .beside(body, "scope")
                .and_then(|scope| scopes(scope, &veil)),
            token,
        })
    }

    /// The refresh token that came with it. It goes into forms only, so any text will do.
    pub(super) fn refresh_token(&self, body: &Value) -> Option<SecretString> {
        match self.beside(body, "refresh_token")? {
            Value::String(text) if !text.is_empty() => Some(SecretString::from(text.as_str())),
            _ => None,
        }
    }

    /// A member beside the token, else one of the whole answer.
    fn beside<'a>(&self, body: &'a Value, name: &str) -> Option<&'a Value> {
        let parent = self.token.rsplit_once('/').map_or("", |(parent, _)| parent);
        let near = body.pointer(parent).and_then(|parent| parent.get(name));
        near.or_else(|| body.get(name))
            .filter(|value| !value.is_null())
    }

    /// A type that is not understood must not be used (RFC 6749, 7.1). Those of `BEARER` are sent as
    /// bearer tokens whatever they are called.
    fn check_type(&self, kind: &str, veil: &Veil) -> Result<(), AnswerProblem> {
        /// The type itself, and what Apigee, Azure DevOps and Slack call it.
        const BEARER: [&str; 5] = ["bearer", "bearertoken", "jwt-bearer", "bot", "user"];
        /// Each call needs a proof of its own: RFC 9449, the drafts of `mac`, and RFC 7800.
        const PROVEN: [&str; 3] = ["dpop", "mac", "pop"];
        let is = |known: &str| kind.eq_ignore_ascii_case(known);
        let is_proven = PROVEN.into_iter().any(is);
        if !is_proven && (self.is_placed || BEARER.into_iter().any(is)) {
            return Ok(());
        }
        let found = veil.sentence(kind, 32).unwrap_or_default();
        Err(AnswerProblem::TokenType { found })
    }

    /// `None`: the answer names none.
    fn end(
        &self,
        body: &Value,
        now: Timestamp,
        skew_seconds: i64,
    ) -> Result<Option<Timestamp>, AnswerProblem> {
        let at = || self.expiry.clone();
        let found = body.pointer(&self.expiry);
        // The default is looked for beside the token too.
        let found = match found {
            None if self.expiry == "/expires_in" => self.beside(body, "expires_in"),
            found => found,
        };
        let life = match found {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number
                .as_i64()
                .or_else(|| number.as_f64().map(whole_seconds))
                .map(|number| self.life(number, now, skew_seconds)),
            Some(Value::String(text)) => self.life_of_text(text.trim(), now, skew_seconds),
            Some(_) => None,
        };
        let Some(life) = life else {
            return Err(AnswerProblem::EndNotRead { at: at() });
        };
        if life <= 0 {
            return Err(AnswerProblem::EndNotAhead { at: at() });
        }
        let end = now
            .as_second()
            .saturating_add(life.min(LONGEST_LIFE_SECONDS));
        let end = Timestamp::new(end, now.subsec_nanosecond());
        Ok(Some(end.unwrap_or(Timestamp::MAX)))
    }

    /// Seconds from now, of a number of seconds or of a moment.
    fn life(&self, number: i64, now: Timestamp, skew_seconds: i64) -> i64 {
        let is_life = self.expiry.ends_with("/expires_in") || number < FIRST_MOMENT;
        if is_life {
            return number;
        }
        let moment = if number >= FIRST_MOMENT_MILLISECONDS {
            number / 1_000
        } else {
            number
        };
        until(moment, now, skew_seconds)
    }

    fn life_of_text(&self, text: &str, now: Timestamp, skew_seconds: i64) -> Option<i64> {
        if let Ok(number) = text.parse::<i64>() {
            return Some(self.life(number, now, skew_seconds));
        }
        let is_number = text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        if let (true, Ok(number)) = (is_number, text.parse::<f64>()) {
            return Some(self.life(whole_seconds(number), now, skew_seconds));
        }
        let moment = text.parse::<Timestamp>().ok().map(Timestamp::as_second);
        let moment = moment.or_else(|| http_date(text));
        // The last day that .NET knows, which stands for "never"; no timestamp of ours reaches it.
        let is_last = text.starts_with("9999-12-31");
        let moment = moment.or(is_last.then_some(Timestamp::MAX.as_second()));
        moment.map(|moment| until(moment, now, skew_seconds))
    }
}

/// Seconds until a moment of the vendor's clock.
fn until(moment: i64, now: Timestamp, skew_seconds: i64) -> i64 {
    moment
        .saturating_sub(now.as_second())
        .saturating_sub(skew_seconds)
}

/// A date of HTTP (RFC 9110, 5.6.7), in seconds since 1970.
pub(super) fn http_date(text: &str) -> Option<i64> {
    let date = httpdate::parse_http_date(text).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// Towards zero; what no number of seconds can hold is the nearest that can.
#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, and a part of a second is no loss"
)]
fn whole_seconds(number: f64) -> i64 {
    number as i64
}

/// A text, or a list of texts.
fn scopes(found: &Value, veil: &Veil) -> Option<String> {
    let text = match found {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let words: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            words.join(" ")
        }
        _ => return None,
    };
    veil.sentence(&text, LONGEST_SCOPES)
}

#[cfg(test)]
mod tests;
