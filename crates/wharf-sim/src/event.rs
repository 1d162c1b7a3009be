//! Server-sent events of an answer, one by one.

use bytes::Bytes;
use serde_json::Value;

use crate::echo::{self, Written};

/// The events of one `text/event-stream` body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EventStream {
    /// In the order they are sent.
    pub(crate) events: Vec<Event>,
}

/// One event, up to and including its empty line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    /// The whole event as it is sent when nothing is merged into it.
    text: String,
    /// Its lines other than `data`.
    other_lines: String,
    /// Its data, when that is a JSON object.
    data: Option<Value>,
}

impl EventStream {
    /// Splits the text of a stream at its empty lines.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut events = Vec::new();
        let mut block = String::new();
        for line in text.lines().chain(std::iter::once("")) {
            if !line.is_empty() {
                block.push_str(line);
                block.push('\n');
            } else if !block.is_empty() {
                events.push(Event::parse(&block));
                block.clear();
            }
        }
        Self { events }
    }
}

impl Event {
    /// An event with the given data and, if there is one, type.
    pub(crate) fn new(kind: Option<&str>, data: &str) -> Self {
        let kind = kind.map(|kind| format!("event: {kind}\n"));
        let data = data.lines().map(|line| format!("data: {line}\n"));
        Self::parse(&kind.into_iter().chain(data).collect::<String>())
    }

    fn parse(block: &str) -> Self {
        let mut other_lines = String::new();
        let mut data = Vec::new();
        for line in block.lines() {
            if let Some(rest) = line.strip_prefix("data:") {
                data.push(rest.strip_prefix(' ').unwrap_or(rest));
            } else {
                other_lines.push_str(line);
                other_lines.push('\n');
            }
        }
        Self {
            text: format!("{block}\n"),
            other_lines,
            data: serde_json::from_str(&data.join("\n"))
                .ok()
                .filter(Value::is_object),
        }
    }

    /// The event as sent, with what the caller wrote merged into its data.
    pub(crate) fn finish(&self, written: &Written, parameters: &[(String, String)]) -> Bytes {
        if let Some(data) = &self.data {
            let mut merged = data.clone();
            echo::read_back(&mut merged, written, parameters);
            if merged != *data {
                return Bytes::from(format!("{}data: {merged}\n\n", self.other_lines));
            }
        }
        Bytes::from(self.text.clone())
    }
}

#[cfg(test)]
mod tests;
