//! The answer is as it is documented.

use super::Readiness;

/// What `docs/json.md` says of `/readyz` must be what it answers.
#[test]
fn every_field_of_readyz_is_documented() {
    let text = include_str!("../../../../../docs/json.md");
    let (_, section) = text.split_once("\n## `/readyz`\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let first_cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let mut documented: Vec<&str> = first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let answer = serde_json::to_value(Readiness::default()).unwrap();
    let mut answered: Vec<&str> = answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    documented.sort_unstable();
    answered.sort_unstable();
    assert_eq!(documented, answered);
}
