use wharf_document::model::{Placement, Template, TemplatePart};

use super::CompiledPlacement;

fn header(name: &str) -> Placement {
    Placement::Header {
        name: name.into(),
        value: Template {
            parts: vec![TemplatePart::Field("api_key".into())],
        },
    }
}

#[test]
fn every_name_that_a_document_may_give_is_a_name_on_the_wire() {
    // The signs of a token (RFC 9110, 5.6.2), in lower case as documents keep them.
    let signs = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
    for sign in signs.chars() {
        let name = format!("x{sign}");
        let compiled = CompiledPlacement::new(&header(&name));
        let Some(CompiledPlacement::Header { name: found, .. }) = compiled else {
            panic!("`{name}` is dropped");
        };
        assert_eq!(found, name.as_str());
    }
}

#[test]
fn a_name_that_no_request_can_carry_is_told_from_no_placement() {
    assert_eq!(CompiledPlacement::new(&header(&"x".repeat(100_000))), None);
}
