//! The judgement for fields of references.

use super::looks_like_secret;

#[test]
fn a_start_or_a_random_word_is_enough() {
    let tokens = [
        ["ghp_", "abcdefgh12345678"],
        ["sk_live_", "4242424242424242"],
        ["AKIA", "IOSFODNN7EXAMPLE"],
    ];
    for token in tokens {
        assert!(looks_like_secret(&token.concat()), "{token:?}");
    }
    assert!(looks_like_secret(" a8Fk2Lq9Zx4Rt7Yb1Nm6Pc3 "));
}

#[test]
fn names_are_none() {
    for text in [
        "",
        "STRIPE_API_KEY",
        "/prod/service-name/credentials",
        "sk-",
        "production-eu-west-1-2024",
        "StripeApiKeyProd2024West2Eu",
        "secret_billing_api_key",
    ] {
        assert!(!looks_like_secret(text), "{text}");
    }
}
