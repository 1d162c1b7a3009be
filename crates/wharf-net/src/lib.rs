//! The outbound HTTP client, connection pools and server helpers.
