//! Tokens that a start and their alphabet tell, of vendors that need no reader of their own.
//!
//! A line of the table is a start, who issues it, the alphabet of the rest and its length. The values of
//! test modes are left out where the vendor has such a mode, and so is what the vendor calls public.
//!
//! Sources: the pages on tokens of each vendor's documentation. Where a page names no length, it is that
//! of the page's masked example, with room on both sides.

use super::alphabet::{is_base62, is_base64, is_base64url, is_hex, run_of_word, starts_word};
use super::filler::is_filler;
use super::{Found, Kind, entropy};

/// A start, who issues it, the alphabet of the rest, and its shortest and longest length.
type Format = (&'static str, &'static str, fn(u8) -> bool, usize, usize);

const FORMATS: [Format; 120] = [
    // Clouds and hosts.
    (
        "ABSKQmVkcm9ja0FQSUtleS",
        "AWS Bedrock API key",
        is_base64,
        60,
        200,
    ),
    ("LTAI", "Alibaba Cloud access key id", is_base62, 12, 24),
    ("cfk_", "Cloudflare API key", is_base62, 42, 52),
    ("cfut_", "Cloudflare API token", is_base62, 42, 52),
    ("cfat_", "Cloudflare API token", is_base62, 42, 52),
    (
        "v1.0-",
        "Cloudflare origin CA key",
        is_hex_or_dash,
        150,
        180,
    ),
    ("dop_v1_", "DigitalOcean token", is_hex, 64, 64),
    ("doo_v1_", "DigitalOcean token", is_hex, 64, 64),
    ("dor_v1_", "DigitalOcean token", is_hex, 64, 64),
    ("HRKU-", "Heroku API key", is_base64url, 36, 80),
    ("fo1_", "Fly.io token", is_base64url, 40, 50),
    ("fm1r_", "Fly.io token", is_base64, 60, 1_000),
    ("fm2_", "Fly.io token", is_base64, 60, 1_000),
    ("nfp_", "Netlify token", is_base62, 36, 40),
    ("rnd_", "Render API key", is_base62, 28, 40),
    ("tk-us-", "Scalingo token", is_base64url, 48, 48),
    ("sha256~", "OpenShift token", is_base64url, 43, 43),
    ("napi_", "Neon API key", is_base62, 60, 70),
    ("pscale_tkn_", "PlanetScale token", is_base64url, 32, 64),
    ("pscale_pw_", "PlanetScale password", is_base64url, 32, 64),
    ("pscale_oauth_", "PlanetScale token", is_base64url, 32, 64),
    ("mdb_sa_sk_", "MongoDB Atlas secret", is_base64url, 36, 60),
    ("dapi", "Databricks token", is_hex, 32, 32),
    ("dose", "Databricks secret", is_hex, 32, 32),
    ("tskey-auth-", "Tailscale key", is_base64url, 24, 80),
    ("tskey-api-", "Tailscale key", is_base64url, 24, 80),
    ("tskey-client-", "Tailscale key", is_base64url, 24, 80),
    (
        "SWMTKN-1-",
        "Docker Swarm join token",
        is_base62_or_dash,
        60,
        90,
    ),
    // Stores of secrets, and what describes infrastructure.
    ("hvs.", "HashiCorp Vault token", is_base64url, 24, 300),
    ("hvb.", "HashiCorp Vault token", is_base64url, 24, 400),
    ("hvr.", "HashiCorp Vault token", is_base64url, 24, 400),
    ("pul-", "Pulumi token", is_hex, 40, 40),
    ("dp.pt.", "Doppler token", is_base62, 40, 50),
    ("dp.st.", "Doppler token", is_dotted, 40, 80),
    ("dp.ct.", "Doppler token", is_base62, 40, 50),
    ("dp.sa.", "Doppler token", is_base62, 40, 50),
    ("dp.scim.", "Doppler token", is_base62, 40, 50),
    ("dp.audit.", "Doppler token", is_base62, 40, 50),
    (
        "ops_eyJ",
        "1Password service account token",
        is_base64,
        200,
        2_000,
    ),
    ("ico-", "Infracost API key", is_base62, 32, 32),
    (
        "AGE-SECRET-KEY-1",
        "age identity",
        is_capital_or_digit,
        58,
        58,
    ),
    (
        "AGE-SECRET-KEY-PQ-1",
        "age identity",
        is_capital_or_digit,
        58,
        80,
    ),
    // Packages and code.
    ("pypi-AgE", "PyPI token", is_base64url, 60, 1_000),
    ("oy2", "NuGet API key", is_small_or_digit, 43, 43),
    ("rubygems_", "RubyGems API key", is_hex, 48, 48),
    ("CLOJARS_", "Clojars token", is_hex, 60, 60),
    ("cio", "crates.io token", is_base62, 32, 32),
    ("AKCp", "Artifactory API key", is_base62, 69, 73),
    (
        "cmVmdGtuOj",
        "Artifactory reference token",
        is_base62,
        54,
        54,
    ),
    (
        "ATATT3x",
        "Atlassian API token",
        is_base64url_or_pad,
        100,
        400,
    ),
    (
        "ATCTT3x",
        "Atlassian access token",
        is_base64url_or_pad,
        100,
        400,
    ),
    (
        "ATSTT3x",
        "Atlassian access token",
        is_base64url_or_pad,
        100,
        400,
    ),
    ("ATTA", "Trello token", is_any_hex, 60, 76),
    ("ATBB", "Bitbucket app password", is_base62, 28, 36),
    ("BBDC-", "Bitbucket access token", is_base64, 40, 50),
    ("bkua_", "Buildkite token", is_base62, 36, 80),
    ("bkaa_", "Buildkite token", is_base62, 36, 100),
    ("bkaj_", "Buildkite token", is_base64url, 36, 400),
    ("bkct_", "Buildkite token", is_base62, 36, 80),
    ("CCIPAT_", "CircleCI token", is_base62_or_low, 40, 80),
    ("CCIPRJ_", "CircleCI token", is_base62_or_low, 40, 80),
    (
        "sgp_",
        "Sourcegraph or Segment token",
        is_base62_or_low,
        40,
        80,
    ),
    ("sqp_", "SonarQube token", is_hex, 40, 40),
    ("squ_", "SonarQube token", is_hex, 40, 40),
    ("sqa_", "SonarQube token", is_hex, 40, 40),
    ("pnu_", "Prefect API key", is_base62, 36, 36),
    ("rdme_", "ReadMe API key", is_small_or_digit, 70, 72),
    // What watches systems.
    (
        "glsa_",
        "Grafana service account token",
        is_base62_or_low,
        41,
        41,
    ),
    ("glc_", "Grafana Cloud token", is_base64, 32, 400),
    ("NRAK-", "New Relic user key", is_capital_or_digit, 27, 27),
    ("NRAA-", "New Relic admin key", is_base62, 27, 27),
    ("NRII-", "New Relic insert key", is_base64url, 32, 32),
    ("NRIQ-", "New Relic query key", is_base64url, 32, 32),
    ("NRRA-", "New Relic REST key", is_hex, 42, 42),
    ("dt0c01.", "Dynatrace token", is_dotted, 80, 100),
    ("dt0s16.", "Dynatrace token", is_dotted, 60, 100),
    ("hcaik_", "Honeycomb key", is_base62, 40, 70),
    ("phx_", "PostHog personal API key", is_base62, 40, 60),
    // Models.
    ("gsk_", "Groq API key", is_base62, 48, 56),
    ("xai-", "xAI API key", is_base62, 60, 100),
    ("pplx-", "Perplexity API key", is_base62, 40, 60),
    ("r8_", "Replicate token", is_base62, 37, 37),
    ("sk-or-v1-", "OpenRouter API key", is_hex, 64, 64),
    ("lsv2_pt_", "LangSmith key", is_base62_or_low, 40, 50),
    ("lsv2_sk_", "LangSmith key", is_base62_or_low, 40, 50),
    ("pcsk_", "Pinecone API key", is_base62_or_low, 60, 80),
    ("nvapi-", "NVIDIA API key", is_base64url, 60, 72),
    ("tvly-", "Tavily API key", is_base64url, 32, 48),
    ("sk-lf-", "Langfuse secret key", is_hex_or_dash, 36, 36),
    ("sk_", "ElevenLabs API key", is_hex, 48, 48),
    // Money.
    ("cs_", "WooCommerce consumer secret", is_hex, 40, 40),
    ("sq0atp-", "Square token", is_base64url, 22, 22),
    ("sq0csp-", "Square secret", is_base64url, 43, 43),
    ("EAAA", "Square or Meta token", is_base64url, 56, 240),
    ("EAAC", "Meta token", is_base62, 80, 240),
    ("EAAM", "Meta token", is_base62, 80, 240),
    (
        "FLWSECK-",
        "Flutterwave secret key",
        is_base62_or_dash,
        32,
        64,
    ),
    ("EZAK", "EasyPost API key", is_base62, 54, 54),
    ("shippo_live_", "Shippo token", is_hex, 40, 40),
    ("duffel_live_", "Duffel token", is_base64url, 40, 48),
    (
        "pdl_live_apikey_",
        "Paddle API key",
        is_base62_or_low,
        40,
        64,
    ),
    (
        "access_token$production$",
        "Braintree token",
        is_hex_or_dollar,
        48,
        52,
    ),
    ("access-production-", "Plaid token", is_hex_or_dash, 36, 36),
    // Mail, customers, content.
    (
        "xoxd-",
        "Slack session cookie",
        is_base64url_or_escape,
        60,
        400,
    ),
    ("re_", "Resend API key", is_base62_or_low, 33, 33),
    ("xkeysib-", "Brevo API key", is_base62_or_dash, 81, 81),
    ("xsmtpsib-", "Brevo SMTP key", is_base62_or_dash, 81, 81),
    ("mlsn.", "MailerSend token", is_hex, 64, 64),
    ("pat-eu1-", "HubSpot token", is_hex_or_dash, 36, 36),
    ("pat-na1-", "HubSpot token", is_hex_or_dash, 36, 36),
    ("pat-na2-", "HubSpot token", is_hex_or_dash, 36, 36),
    ("pat-na3-", "HubSpot token", is_hex_or_dash, 36, 36),
    ("pat-ap1-", "HubSpot token", is_hex_or_dash, 36, 36),
    ("PMAK-", "Postman API key", is_hex_or_dash, 59, 59),
    ("figd_", "Figma token", is_base64url, 36, 60),
    ("tfp_", "Typeform token", is_base64url, 44, 64),
    ("CFPAT-", "Contentful token", is_base64url, 43, 43),
    ("fio-u-", "Frame.io token", is_base64url, 64, 64),
    ("dG9rO", "Intercom token", is_base64, 55, 66),
    ("cal_live_", "Cal.com API key", is_hex, 32, 32),
];

pub(super) const STARTS: [&str; FORMATS.len()] = starts();

const fn starts() -> [&'static str; FORMATS.len()] {
    let mut starts = [""; FORMATS.len()];
    let mut index = 0;
    while index < starts.len() {
        starts[index] = FORMATS[index].0;
        index += 1;
    }
    starts
}

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    if !starts_word(text, at, is_base64url) {
        return None;
    }
    let (_, name, is_part, least, most) = *FORMATS.iter().find(|format| format.0 == start)?;
    let body = run_of_word(text, at, at + start.len(), is_part, most);
    let goes_on = text[body.end..].starts_with(|sign: char| sign.is_ascii_alphanumeric());
    let is_token =
        (least..=most).contains(&body.len()) && !goes_on && is_drawn(&text[body.clone()]);
    is_token.then(|| Found::new(Kind::Vendor(name), at..body.end))
}

/// Whether chance made a value. Marks that join its parts say nothing.
pub(super) fn is_drawn(body: &str) -> bool {
    let signs: String = body.split(['-', '_', '.', '$']).collect();
    let is_mixed =
        body.bytes().any(|byte| byte.is_ascii_digit()) || entropy::are_letters_scrambled(body);
    is_mixed && !is_filler(body) && entropy::is_high(&signs)
}

fn is_base62_or_low(byte: u8) -> bool {
    is_base62(byte) || byte == b'_'
}

fn is_base62_or_dash(byte: u8) -> bool {
    is_base62(byte) || byte == b'-'
}

fn is_base64url_or_pad(byte: u8) -> bool {
    is_base64url(byte) || byte == b'='
}

fn is_dotted(byte: u8) -> bool {
    is_base64url(byte) || byte == b'.'
}

/// Base64 in an address or a cookie.
fn is_base64url_or_escape(byte: u8) -> bool {
    is_base64url(byte) || is_base64(byte) || byte == b'%'
}

fn is_any_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn is_hex_or_dash(byte: u8) -> bool {
    is_hex(byte) || byte == b'-'
}

fn is_hex_or_dollar(byte: u8) -> bool {
    is_small_or_digit(byte) || byte == b'$'
}

fn is_small_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_capital_or_digit(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests;
