//! What holds no longer is told once.

use wharf_workspace::reload::{Broken, Fate, Held};

use super::{ended, told_broken, told_held};

fn broken(file: &str, what: &str) -> Broken {
    Broken {
        file: file.to_owned(),
        place: None,
        what: what.to_owned(),
        fate: Fate::LastGood,
    }
}

fn held(file: &str) -> Held {
    Held {
        id: file.to_owned(),
        file: file.to_owned(),
        why: String::new(),
        lost: String::new(),
        hash: String::new(),
        ends: false,
    }
}

#[test]
fn the_end_of_a_problem_is_told_once_and_not_while_another_takes_its_place() {
    let before = (
        vec![
            told_broken(&broken("a.md", "x")),
            told_broken(&broken("b.md", "x")),
        ],
        vec![told_held(&held("c.md")), told_held(&held("d.md"))],
    );
    let now_broken = [broken("b.md", "y"), broken("c.md", "x")];
    let over = ended(&before, &now_broken, &[]);
    assert_eq!(over.into_iter().collect::<Vec<_>>(), ["a.md", "d.md"]);
    let over = ended(&before, &[], &[held("a.md")]);
    let expected = ["b.md", "c.md", "d.md"];
    assert_eq!(over.into_iter().collect::<Vec<_>>(), expected);
    assert!(ended(&(vec![], vec![]), &now_broken, &[]).is_empty());
}
