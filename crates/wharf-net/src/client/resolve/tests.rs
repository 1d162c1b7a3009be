//! The order in which addresses are tried.

use super::interleaved;

#[test]
fn families_take_turns_and_the_first_address_stays_first() {
    let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"];
    let ordered: Vec<String> = interleaved(given.map(|text| text.parse().unwrap()).into())
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        ordered,
        ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]
    );
    assert_eq!(interleaved(Vec::new()), []);
}
