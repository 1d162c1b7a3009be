//! Handlers are found in either form, and whatever else is wrong in the file.

use super::Referred;

#[test]
fn handlers_have_their_places_whatever_is_wrong_elsewhere() {
    let text = "[listn]\n[handlers]\n\"handleA()\" = \"http://127.0.0.1:2/\"\n\
                handleB = { url = \"x\" }\n[handlers.handleD]\nurl = 5\n\
                [secrets]\nfolders = [\"keys\"]\n";
    let referred = Referred::of(text);
    let handlers = referred.handlers().unwrap();
    let places: Vec<_> = handlers
        .iter()
        .map(|(name, place)| (name.as_str(), text[..place.start].matches('\n').count()))
        .collect();
    assert_eq!(places, [("handleA", 2), ("handleB", 3), ("handleD", 4)]);
    let around = referred.surroundings();
    assert_eq!(around.secret_folders, Some(vec!["keys".to_owned()]));
    assert_eq!(around.handlers.unwrap().len(), 3);
}

#[test]
fn what_is_not_there_or_is_no_table_is_told_from_what_is_empty() {
    assert_eq!(Referred::of("[handlers\n"), Referred::default());
    assert_eq!(Referred::of("handlers = 5\n"), Referred::default());
    let empty = Referred::of("[handlers]\n");
    assert!(empty.handlers().unwrap().is_empty());
}
