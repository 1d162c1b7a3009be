//! Readers of values that have a type: durations, sizes, addresses, numbers.

use std::time::Duration;

use wharf_diag::Spanned;

use super::context::Context;
use super::link_target;
use crate::findings::not_filled_in::{self, Need};
use crate::findings::{
    boolean_not_read, duration_not_read, event_field_not_read, header_not_read, number_not_read,
    rate_not_read, size_not_read, url_not_read,
};
use crate::model::{BaseUrl, ByteCount, Connection, RateLimit};
use crate::parse::duration::{self, Unit};
use crate::parse::template::is_header_name;
use crate::parse::{condition, connection, number, rate, size, url, words};
use crate::raw::Text;

impl Context<'_> {
    pub(crate) fn duration(&mut self, text: &Text, what: &str) -> Option<Spanned<Duration>> {
        self.duration_in(text, what, Unit::Seconds)
    }

    /// Reads a duration whose bare number counts `unit`s.
    pub(crate) fn duration_in(
        &mut self,
        text: &Text,
        what: &str,
        unit: Unit,
    ) -> Option<Spanned<Duration>> {
        let text = self.given(text, what, Need::Used)?;
        let value = duration::parse(text.as_str(), unit);
        self.value(&text, value, |source, span, why| {
            duration_not_read::new(source, span, what, why)
        })
    }

    /// Reads the first duration in some words; it is longer than zero.
    pub(crate) fn bound_in_words(&mut self, text: &Text, what: &str) -> Option<Spanned<Duration>> {
        let text = self.given(text, what, Need::Used)?;
        let found = words::find_duration(text.as_str());
        match found.filter(|(duration, _)| !duration.is_zero()) {
            Some((_, range)) if number::is_unclear(&text.as_str()[range.clone()]) => {
                let unclear = Err(number::UNCLEAR.to_owned());
                self.value(&text, unclear, |source, span, why| {
                    duration_not_read::new(source, span, what, why)
                })
            }
            Some((duration, range)) => Some(Spanned::new(duration, text.span_of(range))),
            None => self.bound(&text, what),
        }
    }

    /// Reads a duration that is longer than zero.
    pub(crate) fn bound(&mut self, text: &Text, what: &str) -> Option<Spanned<Duration>> {
        let duration = self.duration(text, what)?;
        let value = if duration.value.is_zero() {
            Err("it is zero, so nothing would ever be in time".to_owned())
        } else {
            Ok(duration.value)
        };
        self.value(&text.trimmed(), value, |source, span, why| {
            duration_not_read::new(source, span, what, why)
        })
    }

    /// Reads the rates of one cell.
    pub(crate) fn rates(&mut self, text: &Text, what: &str) -> Vec<Spanned<RateLimit>> {
        let Some(text) = self.given(text, what, Need::Used) else {
            return Vec::new();
        };
        rate::split(&text)
            .iter()
            .filter_map(|part| {
                self.value(part, rate::limit(part.as_str()), |source, span, why| {
                    rate_not_read::new(source, span, what, why)
                })
            })
            .collect()
    }

    pub(crate) fn size(&mut self, text: &Text, what: &str) -> Option<Spanned<ByteCount>> {
        let text = self.given(text, what, Need::Used)?;
        self.value(&text, size::parse(text.as_str()), |source, span, why| {
            size_not_read::new(source, span, what, why)
        })
    }

    /// Reads a base URL, or the address of a service that does not speak HTTP.
    pub(crate) fn address(
        &mut self,
        text: &Text,
        what: &str,
    ) -> (Option<Spanned<BaseUrl>>, Option<Spanned<Connection>>) {
        let Some(text) = self.given(text, what, Need::Used) else {
            return (None, None);
        };
        let Some(text) = self.led_to(&text, what) else {
            return (None, None);
        };
        if url::has_hole(text.as_str()) {
            self.report_at(text.span(), |source, span| {
                not_filled_in::new(source, span, what, Need::Used)
            });
            return (None, None);
        }
        if connection::is_connection(text.as_str()) {
            let connection = connection::parse(text.as_str());
            (None, self.url(&text, connection, what))
        } else {
            let base_url = url::parse(text.as_str());
            (self.url(&text, base_url, what), None)
        }
    }

    /// The address that a text stands for: where its links lead, the words where it has none.
    /// `None`, after a report, where words and links say different things.
    pub(crate) fn led_to(&mut self, text: &Text, what: &str) -> Option<Text> {
        let led = link_target::of(text, self.source.text());
        self.value(text, led, |source, span, why| {
            url_not_read::new(source, span, what, why)
        })
        .map(|text| text.value)
    }

    /// Reads a whole number within inclusive bounds.
    pub(crate) fn integer(
        &mut self,
        text: &Text,
        what: &str,
        least: u64,
        most: u64,
    ) -> Option<Spanned<u64>> {
        let text = self.given(text, what, Need::Used)?;
        let number = text.as_str().parse::<u64>().ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.report_at(text.span(), |source, span| {
                number_not_read::new(source, span, what, least, most)
            });
        }
        number.map(|number| Spanned::new(number, text.span()))
    }

    pub(crate) fn integer_u32(
        &mut self,
        text: &Text,
        what: &str,
        least: u32,
        most: u32,
    ) -> Option<Spanned<u32>> {
        let number = self.integer(text, what, least.into(), most.into())?;
        let value = u32::try_from(number.value).ok()?;
        Some(Spanned::new(value, number.span))
    }

    pub(crate) fn boolean(&mut self, text: &Text, what: &str) -> Option<Spanned<bool>> {
        let text = self.given(text, what, Need::Used)?;
        let value = match text.as_str().to_lowercase().as_str() {
            "true" | "yes" | "on" | "✓" | "✔" | "✅" => Ok(true),
            "false" | "no" | "off" | "✗" | "✘" | "❌" => Ok(false),
            other => Err(format!("`{other}` is neither")),
        };
        self.value(&text, value, |source, span, why| {
            boolean_not_read::new(source, span, what, why)
        })
    }

    /// Keeps what was read of an address. Where nothing was, a password in it is not shown.
    pub(crate) fn url<T>(
        &mut self,
        text: &Text,
        value: Result<T, String>,
        what: &str,
    ) -> Option<Spanned<T>> {
        let secret = url::secret_place(text.as_str()).map(|range| text.span_of(range));
        let slip = url::slip(text.as_str()).map(|slip| (text.span_of(slip.place), slip.meant));
        // What is written as a link, or with escapes, has other places than the text has.
        let slip = slip.filter(|_| self.source.slice(text.span()) == text.as_str());
        self.value(text, value, |source, span, why| {
            let diagnostic = url_not_read::hiding(source, span, what, why, secret);
            match slip {
                Some((place, meant)) => url_not_read::with_scheme(diagnostic, place, meant),
                None => diagnostic,
            }
        })
    }

    /// Reads the name of a header, as written.
    pub(crate) fn header_name(&mut self, text: &Text, what: &str) -> Option<Spanned<String>> {
        let text = self.given(text, what, Need::Used)?;
        let name = if is_header_name(text.as_str()) {
            Ok(text.as_str().to_owned())
        } else {
            Err(header_not_read::ODD_SIGN.to_owned())
        };
        self.value(&text, name, |source, span, why| {
            header_not_read::new(source, span, what, why)
        })
    }

    /// Reads a JSON pointer.
    pub(crate) fn pointer(&mut self, text: &Text, what: &str) -> Option<Spanned<String>> {
        let text = self.given(text, what, Need::Used)?;
        let pointer = condition::pointer(text.as_str());
        self.value(&text, pointer, |source, span, why| {
            event_field_not_read::new(source, span, what, why)
        })
    }
}
