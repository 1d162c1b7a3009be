//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

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
