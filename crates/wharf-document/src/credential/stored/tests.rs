//! Where paths of files lead.

use super::steps;

#[test]
fn paths_are_compared_by_where_they_lead() {
    for (path, expected) in [
        ("keys/a", vec!["keys", "a"]),
        ("./keys//a", vec!["keys", "a"]),
        ("keys/../a", vec!["a"]),
        ("keys/../../a", vec!["..", "a"]),
        ("/run/../../etc/a", vec!["", "etc", "a"]),
        ("../../etc", vec!["..", "..", "etc"]),
    ] {
        assert_eq!(steps(path), expected, "{path}");
    }
}
