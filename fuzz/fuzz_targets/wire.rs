//! Any header of a vendor: no value of it leads a client to another integration, or panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use wharf_gateway::wire::{connection_names, leads_out, relocated, timeout, without_token};

const REQUEST: &str = "https://api.test/base/items/7?page=1";
const BASE: &str = "https://api.test/base";
const LOCAL: &str = "http://127.0.0.1:7070/vendor";

fuzz_target!(|value: &[u8]| {
    connection_names(value);
    without_token(b"Bearer wharf_AAAAAAAAAAAA", value);
    if let Ok(text) = std::str::from_utf8(value) {
        leads_out(text);
        timeout(text);
    }
    for name in ["location", "refresh", "link", "set-cookie", "x-other"] {
        let name = name.parse().unwrap();
        let led = relocated(&name, value, (REQUEST, BASE, LOCAL), &["a-long-secret"]);
        let Some(led) = led.filter(|_| name == "location") else {
            continue;
        };
        let local = Url::parse(LOCAL).unwrap();
        let url = local.join(led.to_str().unwrap()).unwrap();
        if url.origin() == local.origin() {
            assert!(url.path() == "/vendor" || url.path().starts_with("/vendor/"), "{url}");
        }
    }
});
