//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::samples::{BASE32, BASE62, HEX, drawn, found, is_found, is_not_found};
use super::{FORMATS, STARTS};

#[test]
fn no_start_hides_the_name_of_a_secret() {
    // The longest word at a place is met: a start may not be a name with more behind it.
    for start in STARTS {
        let text = format!("{start}password: Kestrel4!dune9");
        assert_eq!(found(&text), [(Kind::Password, "Kestrel4!dune9")], "{text}");
    }
}

#[test]
fn every_start_has_bounds_in_order() {
    for (start, name, _, least, most) in FORMATS {
        assert!(least <= most && least >= 12, "{start} {name}");
    }
    let mut starts = STARTS.to_vec();
    starts.sort_unstable();
    starts.dedup();
    assert_eq!(starts.len(), STARTS.len());
}

#[test]
fn a_token_is_its_start_and_chance() {
    let hex = drawn(HEX, 64);
    is_found(
        Kind::Vendor("DigitalOcean token"),
        &["dop_v1_", &hex].concat(),
    );
    is_found(
        Kind::Vendor("Databricks token"),
        &["dapi", &hex[..32]].concat(),
    );
    is_found(
        Kind::Vendor("Resend API key"),
        &["re_", &drawn(BASE62, 8), "_", &drawn(BASE62, 24)].concat(),
    );
    is_found(
        Kind::Vendor("NuGet API key"),
        &["oy2", &drawn(BASE32, 43).to_lowercase()].concat(),
    );
    // Too short, too long, a checksum, an id of Stripe's refunds, a placeholder.
    is_not_found(&["dop_v1_", &hex[..40]].concat());
    is_not_found(&["dapi", &hex[..40]].concat());
    is_not_found(&["The refund re_", &drawn(BASE62, 24)].concat());
    is_not_found("figd_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    is_not_found("glsa_your_token_goes_here_0000000000000000000");
}
