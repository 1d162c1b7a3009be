//! Names of all sorts, and values of chance.

use super::super::samples::{BASE32, BASE62, HEX, drawn};
use super::{core, is_name};

/// Names that code, stores and services have. None of them is in the counts of letters.
#[test]
fn words_make_a_name() {
    for name in [
        "StripeWebhookV2Controller",
        "AzureKeyVaultProviderV2",
        "StripeApiKeyProd2024West",
        "stripeApiKeyProd2024Eu",
        "InternalApi__PublicClients__0__ApiKey",
        "kv/data/Prod1/Stripe2/apiKey3",
        "Payments2StripeWebhookEndpointUrl",
        "checkout.payment.StripeErrorV2Title",
        "EnableStripePaymentsV2InEurope",
        "PKCS8PemEncodedRsa2048",
        "X-Api2Cart-Store-Key",
        "OAuth2AccessTokenResponse",
        "Argon2idV13WithPepper",
        "MinLength12Upper1Lower1",
        "RotateDbPassword-Prod1",
        "AES256GCMWithHKDFSHA512",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "com.acme.billing.Oauth2TokenClientV2",
        "ff_payments_2024_q3_rollout",
        "prod-db-01.internal.acme.example",
        "SecretProviderClass-azure-kv2",
        "op://Private/Stripe2/api-key3",
        "projects/acme-prod-42/secrets/stripe-key/versions/7",
        "Aes256CbcHmacSha512KeyWrap",
        "production-eu-west-1-2024",
    ] {
        assert!(is_name(name), "{name}");
    }
}

#[test]
fn chance_makes_none() {
    for alphabet in [HEX, BASE32, BASE62, "abcdefghijklmnopqrstuvwxyz0123456789"] {
        for length in [16, 20, 32, 64] {
            let value = drawn(alphabet, length);
            assert!(!is_name(&value), "{value}");
        }
    }
}

#[test]
fn words_at_the_ends_are_no_part_of_the_core() {
    for (text, rest) in [
        ("app-secret-5f8b9c7d6k", "5f8b9c7d6k"),
        ("acme_live_x7Kq2Zp9", "x7Kq2Zp9"),
        ("x7Kq2Zp9-eu-prod2", "x7Kq2Zp9"),
        ("billing-service", "service"),
        ("x7Kq2Zp9", "x7Kq2Zp9"),
        ("", ""),
    ] {
        assert_eq!(&text[core(text)], rest);
    }
}
