//! Where a token is fetched, environment by environment.

use super::TokenUrl;
use crate::model::BaseUrl;
use crate::parse::url;

fn base(text: &str) -> BaseUrl {
    url::parse(text).unwrap()
}

#[test]
fn a_path_stays_on_the_host_of_the_environment() {
    let token_url = TokenUrl::Path("/v1/oauth2/token".to_owned());
    let shown = |endpoint| token_url.below(&base(endpoint)).to_string();
    assert_eq!(
        shown("https://sandbox.example.org"),
        "https://sandbox.example.org/v1/oauth2/token"
    );
    assert_eq!(
        shown("http://localhost:8080/api/"),
        "http://localhost:8080/api/v1/oauth2/token"
    );
}

#[test]
fn an_address_is_the_same_for_every_environment() {
    let token_url = TokenUrl::Address(base("https://login.example.org/token"));
    assert_eq!(
        token_url
            .below(&base("https://api.example.org"))
            .to_string(),
        "https://login.example.org/token"
    );
}
