//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[test]
fn live_test_and_signing_keys_are_told_apart() {
    let body = drawn(BASE62, 24);
    is_found(Kind::Stripe, &["sk_live_", &body].concat());
    is_found(Kind::Stripe, &["rk_live_", &body].concat());
    is_found(Kind::Stripe, &["sk_org_live_", &body].concat());
    is_found(Kind::StripeTest, &["sk_org_test_", &body].concat());
    is_found(Kind::StripeTest, &["sk_test_", &body].concat());
    is_found(Kind::WebhookSecret, &["whsec_", &body, &body].concat());
    is_not_found(&["pk_live_", &body].concat());
    is_not_found(&["sk_live_", &body[..10]].concat());
}

// gitleaks/gitleaks#1150: what was asked for, a digit, one drawn key in sixty does not have.
#[test]
fn a_key_may_have_no_digit() {
    let letters = drawn(LETTERS, 24);
    is_found(Kind::Stripe, &["sk_live_", &letters].concat());
    is_found(
        Kind::WebhookSecret,
        &["whsec_", &letters, "AJtPlDEt"].concat(),
    );
    is_not_found("sk_live_YourOwnStripeSecretKey");
    is_not_found("whsec_the_signing_secret_of_the_endpoint");
}
