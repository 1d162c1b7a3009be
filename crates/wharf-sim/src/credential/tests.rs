//! What counts as the right credential, and what the refusals say.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use wharf_document::model::{Placement, Template, TemplatePart};

use super::{Expected, Owner};
use crate::{Error, VendorEnvironment};

fn template(parts: &[&str]) -> Template {
    let parts = parts
        .iter()
        .map(|part| match part.strip_prefix('$') {
            Some(field) => TemplatePart::Field(field.to_owned()),
            None => TemplatePart::Literal((*part).to_owned()),
        })
        .collect();
    Template { parts }
}

fn environment(name: &str, fields: &[(&str, &str)]) -> VendorEnvironment {
    VendorEnvironment {
        name: name.to_owned(),
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn header_placement() -> Placement {
    Placement::Header {
        name: "authorization".to_owned(),
        value: template(&["Bearer ", "$api_key"]),
    }
}

fn query_placement() -> Placement {
    Placement::Query {
        name: "key".to_owned(),
        value: template(&["$api_key"]),
    }
}

fn basic_placement() -> Placement {
    Placement::Basic {
        username: template(&["$account"]),
        password: template(&["$token"]),
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    headers
}

fn expected(placement: Placement, fields: &[(&str, &str)]) -> Expected {
    Expected::new(&[placement], &environment("production", fields), "example").unwrap()
}

const KEY: (&str, &str) = ("api_key", "sim-production-key");

#[test]
fn the_exact_header_is_let_in() {
    let expected = expected(header_placement(), &[KEY]);
    let check =
        |pairs: &[(&'static str, &str)]| expected.check(&headers(pairs), "", std::iter::empty());
    assert_eq!(
        check(&[("authorization", "Bearer sim-production-key")]),
        Ok(())
    );
    let refusal = |text: &str| Err(format!("header `authorization` {text}"));
    assert_eq!(check(&[]), refusal("is missing"));
    assert_eq!(
        check(&[("authorization", "Bearer nonsense")]),
        refusal("does not carry the credential of this environment")
    );
    for wrong in [
        "sim-production-key",
        "Bearer sim-production-key2",
        "bearer sim-production-key",
    ] {
        assert_eq!(
            check(&[("authorization", wrong)]),
            refusal(
                "carries the right credential in the wrong form; compare the Authentication \
                 section"
            ),
            "{wrong}"
        );
    }
    assert_eq!(
        check(&[
            ("authorization", "Bearer sim-production-key"),
            ("authorization", "Bearer sim-production-key")
        ]),
        refusal("arrived more than once")
    );
}

#[test]
fn the_exact_query_parameter_is_let_in() {
    let expected = expected(query_placement(), &[("api_key", "a key+more")]);
    let check = |query| expected.check(&HeaderMap::new(), query, std::iter::empty());
    assert_eq!(check("a=b&key=a+key%2Bmore"), Ok(()));
    assert_eq!(
        check("a=b"),
        Err("query parameter `key` is missing".to_owned())
    );
    assert_eq!(
        check("key=a+key%2Bmore&key=x"),
        Err("query parameter `key` arrived more than once".to_owned())
    );
    assert!(expected.is_query_credential("key"));
    assert!(!expected.is_query_credential("a"));
}

#[test]
fn basic_is_compared_decoded() {
    let expected = expected(
        basic_placement(),
        &[("account", "AC-simulated"), ("token", "tok-simulated")],
    );
    let check = |value| {
        expected.check(
            &headers(&[("authorization", value)]),
            "",
            std::iter::empty(),
        )
    };
    assert_eq!(check("Basic QUMtc2ltdWxhdGVkOnRvay1zaW11bGF0ZWQ="), Ok(()));
    assert_eq!(check("basic QUMtc2ltdWxhdGVkOnRvay1zaW11bGF0ZWQ="), Ok(()));
    for wrong in [
        "Basic QUM6eA==",
        "Basic ???",
        "Bearer QUMtc2ltdWxhdGVkOnRvay1zaW11bGF0ZWQ=",
    ] {
        assert_eq!(
            check(wrong),
            Err(
                "header `authorization` (Basic) does not carry the credential of this environment"
                    .to_owned()
            ),
            "{wrong}"
        );
    }
}

#[test]
fn the_owner_of_a_credential_is_named() {
    let fields = [KEY, ("account", "shared-account")];
    let production = expected(header_placement(), &fields);
    let staging = expected(
        query_placement(),
        &[
            ("api_key", "sim-staging-key"),
            ("account", "shared-account"),
        ],
    );
    let others = || {
        std::iter::once(Owner {
            integration: "example",
            environment: "staging",
            expected: &staging,
        })
    };
    let check = |value| production.check(&headers(&[("authorization", value)]), "", others());
    assert_eq!(
        check("Bearer sim-staging-key"),
        Err(
            "header `authorization` carries the credential of environment `staging` of `example`"
                .to_owned()
        )
    );
    assert_eq!(
        check("Bearer shared-account"),
        Err(
            "header `authorization` carries the right credential in the wrong form; compare the \
             Authentication section"
                .to_owned()
        ),
        "a field that both have tells nothing"
    );
}

#[test]
fn every_place_has_to_be_right() {
    let placements = [header_placement(), query_placement()];
    let both = Expected::new(&placements, &environment("production", &[KEY]), "example").unwrap();
    let right = headers(&[("authorization", "Bearer sim-production-key")]);
    let none = std::iter::empty;
    assert_eq!(both.check(&right, "key=sim-production-key", none()), Ok(()));
    assert_eq!(
        both.check(&right, "", none()),
        Err("query parameter `key` is missing".to_owned())
    );
}

#[test]
fn a_field_without_a_value_is_an_error() {
    let environment = environment("production", &[("other", "x")]);
    let error = Expected::new(&[header_placement()], &environment, "example").err();
    assert!(matches!(
        error,
        Some(Error::MissingField { field, .. }) if field == "api_key"
    ));
}

#[test]
fn made_up_values_stay_out_of_debug_output() {
    let shown = format!("{:?}", environment("production", &[KEY]));
    assert!(
        shown.contains("api_key") && !shown.contains("sim-production-key"),
        "{shown}"
    );
}
