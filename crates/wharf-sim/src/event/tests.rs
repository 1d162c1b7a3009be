//! Splitting streams into events and merging into them.

use serde_json::json;

use super::{Event, EventStream};
use crate::echo::Written;

fn sent(stream: &EventStream, written: &Written) -> Vec<String> {
    stream
        .events
        .iter()
        .map(|event| String::from_utf8(event.finish(written, &[]).to_vec()).unwrap())
        .collect()
}

#[test]
fn events_are_split_at_empty_lines() {
    let stream = EventStream::parse("\n\ndata: {\"a\": 1}\r\n\r\n\nevent: end\rdata: [DONE]\n");
    assert_eq!(
        sent(&stream, &Written::default()),
        ["data: {\"a\": 1}\n\n", "event: end\ndata: [DONE]\n\n"]
    );
}

#[test]
fn untouched_events_keep_their_text() {
    let text = "id: 7\ndata: {\"a\":  1,\ndata: \"b\": 2}\n\n";
    assert_eq!(sent(&EventStream::parse(text), &Written::default()), [text]);
}

#[test]
fn what_was_written_is_merged_into_the_data() {
    let stream = EventStream::parse(
        "event: chunk\ndata: {\"id\": \"x\", \"model\": \"example\"}\n\ndata: [DONE]\n\n",
    );
    let written = Written {
        value: json!({"model": "gpt-test", "id": "y"}),
        textual: false,
    };
    assert_eq!(
        sent(&stream, &written),
        [
            "event: chunk\ndata: {\"id\":\"x\",\"model\":\"gpt-test\"}\n\n",
            "data: [DONE]\n\n"
        ]
    );
}

#[test]
fn a_made_event_has_one_data_line_per_line() {
    let stream = EventStream {
        events: vec![Event::new(Some("done"), "a\nb"), Event::new(None, "{}")],
    };
    assert_eq!(
        sent(&stream, &Written::default()),
        ["event: done\ndata: a\ndata: b\n\n", "data: {}\n\n"]
    );
}
