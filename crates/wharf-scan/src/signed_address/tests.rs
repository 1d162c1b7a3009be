//! Signatures in addresses.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, found, is_not_found};

#[test]
fn a_signature_beside_the_name_of_its_key_is_found() {
    let signs = drawn(BASE62, 27);
    let short = [&signs, "%3D"].concat();
    let long = [&drawn(BASE62, 172), "%2Bq7%3D%3D"].concat();
    for (address, value) in [
        (
            "https://s.example/a?AWSAccessKeyId=AK&Expires=2051222400&Signature=@",
            &short,
        ),
        (
            "https://s.example/a?GoogleAccessId=a@b&Expires=2051222400&Signature=@",
            &long,
        ),
        (
            "https://s.example/a?Policy=abc&Signature=@&Key-Pair-Id=K2",
            &signs,
        ),
        (
            "https://s.example/a?Signature=@&OSSAccessKeyId=L&Expires=1",
            &short,
        ),
    ] {
        let text = format!("See <{}>.", address.replace("=@", &format!("={value}")));
        assert_eq!(
            found(&text),
            [(Kind::SignedAddress, value.as_str())],
            "{text}"
        );
        assert_eq!(found(&text.replace('&', "&amp;")).len(), 1);
    }
    is_not_found(&format!("https://s.example/a?page=2&Signature={signs}"));
    is_not_found("https://s.example/a?AWSAccessKeyId=AK&Expires=1&Signature=<signature>");
    is_not_found("https://s.example/a?Expires=1&Signature=xxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}
