//! What reads bytes of callers and vendors, as fuzz targets reach it. No part of the interface.

use std::time::Duration;

use http::HeaderMap;
use wharf_document::model::{Placement, Template, TemplatePart};
use wharf_store::TokenHash;

use crate::identify::{self, CallerDirectory};
use crate::{classify, headers, matching, relocate};

/// Leads `Location`, `Content-Location` and `Link` below `vendor_base` to `local_base`, and takes
/// the query parameter out that holds the credential.
pub fn relocate(headers: &mut HeaderMap, vendor_base: &str, local_base: &str, parameter: &str) {
    let placement = Placement::Query {
        name: parameter.to_owned(),
        value: Template::default(),
    };
    relocate::relocate(
        headers,
        || vendor_base.to_owned(),
        || Some(local_base.to_owned()),
        &[placement],
    );
}

/// Reads `Wharf-Timeout`.
pub fn deadline(value: &str) -> Option<Duration> {
    matching::deadline(value).ok()
}

/// Removes what belongs to one connection.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    headers::remove_hop_by_hop(headers);
}

/// Where a token may stand in the calls of these targets, besides `Authorization`.
fn placements() -> [Placement; 2] {
    let parts = vec![
        TemplatePart::Literal("Key ".to_owned()),
        TemplatePart::Field("api_key".to_owned()),
    ];
    [
        Placement::Header {
            name: "x-api-key".to_owned(),
            value: Template { parts },
        },
        Placement::Query {
            name: "key".to_owned(),
            value: Template {
                parts: vec![TemplatePart::Field("api_key".to_owned())],
            },
        },
    ]
}

/// Whether `token` is found in `Authorization`, in `X-Api-Key: Key …` or in the parameter `key`.
pub fn has_token(headers: &HeaderMap, query: &str, token: &str) -> bool {
    let directory = CallerDirectory::new([(TokenHash::hash(token), "caller".to_owned())]);
    identify::caller(&directory, headers, Some(query), &placements()).is_ok()
}

/// Takes the token out of all these places; gives the query that is left.
pub fn remove_token(headers: &mut HeaderMap, query: &str) -> String {
    let placements = placements();
    identify::remove_credentials(headers, &placements);
    identify::query_without_credentials(query, &placements).into_owned()
}

/// The vendor's own codes in a JSON error body.
pub fn codes(body: &[u8]) -> Vec<String> {
    classify::codes(body)
}
