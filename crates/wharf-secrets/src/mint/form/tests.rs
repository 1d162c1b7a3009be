//! RFC 6749, appendix B, and forms as another reader takes them.

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::{basic, body, encoded};

/// The example of appendix B: space, percent, ampersand, plus, the pound and the euro sign.
#[test]
fn rfc_6749_b() {
    assert_eq!(encoded(" %&+£€").as_str(), "+%25%26%2B%C2%A3%E2%82%AC");
}

/// The example of 2.3.1.
#[test]
fn rfc_6749_2_3_1() {
    assert_eq!(
        basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw").as_str(),
        "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
    );
}

proptest! {
    #[test]
    fn another_reader_takes_it_for_the_same(value in any::<String>(), name in "[a-z&=+% ]{1,9}") {
        let body = body(&[("first", "1"), (&name, &value)]);
        let text = str::from_utf8(body.expose_secret()).unwrap();
        let (_, rest) = text.split_once('&').unwrap();
        let (left, right) = rest.split_once('=').unwrap();
        for (text, expected) in [(left, &name), (right, &value)] {
            let text = text.replace('+', " ");
            let decoded = percent_encoding::percent_decode_str(&text).decode_utf8().unwrap();
            prop_assert_eq!(decoded.as_ref(), expected.as_str());
        }
    }
}
