//! Values that another tool has encrypted for its own key, and what vendors call public.
//!
//! | written | by | source |
//! |---|---|---|
//! | `ENC[…]` | SOPS, eyaml of Hiera | getsops.io, github.com/voxpupuli/hiera-eyaml |
//! | `ENC(…)` | Jasypt | jasypt.org |
//! | `{cipher}…` | Spring Cloud Config | docs.spring.io |
//! | `$ANSIBLE_VAULT`, `!vault` | Ansible | docs.ansible.com |
//! | `vault:v1:…` | the transit engine of Vault | developer.hashicorp.com |
//! | `encrypted:…` | dotenvx | dotenvx.com |
//! | `gAAAAA…` | Fernet | github.com/fernet/spec |
//! | `AQICAH…` | AWS KMS | docs.aws.amazon.com |
//! | base64 of `02 00` and 512 bytes of RSA | Sealed Secrets | github.com/bitnami-labs/sealed-secrets |
//! | `age-encryption.org` | age | age-encryption.org |

const STARTS: [&str; 15] = [
    "ENC[",
    "ENC(",
    "DEC(",
    "{cipher}",
    "$ANSIBLE_VAULT",
    "!vault",
    "!encrypted",
    "vault:v",
    "encrypted:",
    "enc:",
    "gAAAAA",
    "AQICAH",
    "age1",
    "YWdlLWVuY3J5cHRpb24ub3Jn",
    "LS0tLS1CRUdJTiBBR0UgRU5D",
];
/// A sealed value is longer than any secret that a person would seal.
const LEAST_SEALED: usize = 120;

/// What a browser or an app may hold, by the word of the vendor: Mapbox, Square, Flutterwave, Razorpay,
/// `RevenueCat`, `LaunchDarkly`, New Relic, GitHub's apps, Langfuse, Xendit, `SumUp`, Stripe and those who write
/// as it does, `AppSync`, Braintree.
const PUBLIC: [&str; 17] = [
    "pk.",
    "pk-",
    "sq0idp-",
    "FLWPUBK",
    "rzp_live_",
    "rzp_test_",
    "appl_",
    "goog_",
    "mob-",
    "NRJS-",
    "NRBR-",
    "Iv1.",
    "Iv23",
    "xnd_public_",
    "sup_pk_",
    "production_",
    "publishable_",
];
/// Behind `live_` and `test_`: hex digits of Paddle's client-side tokens, and capitals and digits of
/// Adyen's client keys (developer.paddle.com, "Client-side tokens"; docs.adyen.com, "Client key").
const PADDLE: usize = 27;
const ADYEN: usize = 32;

/// Whether a value was encrypted for another key.
pub(super) fn is_encrypted(value: &str) -> bool {
    let is_sealed = value.len() >= LEAST_SEALED
        && value.starts_with("Ag")
        && value.as_bytes()[2].is_ascii_uppercase()
        && value[2..3].le("D")
        && value.bytes().all(super::alphabet::is_base64);
    is_sealed || STARTS.iter().any(|start| value.starts_with(start))
}

/// Whether a value is one that its vendor calls public.
pub(super) fn is_public(value: &str) -> bool {
    let body = value
        .strip_prefix("live_")
        .or_else(|| value.strip_prefix("test_"));
    let is_client = body.is_some_and(|body| {
        let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        (body.len() == PADDLE && body.bytes().all(super::alphabet::is_hex))
            || (body.len() == ADYEN && body.bytes().all(is_capital))
    });
    is_client || PUBLIC.iter().any(|start| value.starts_with(start))
}

#[cfg(test)]
mod tests;
