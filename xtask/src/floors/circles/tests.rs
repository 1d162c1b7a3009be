//! Circles in small trees of files.

use std::path::{Path, PathBuf};

use super::{Edge, File, Modules, in_crate};

/// The circles of a crate: its files by their paths below `src`.
fn circles(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files
        .iter()
        .map(|(below, text)| File {
            place: (*below).to_owned(),
            below: PathBuf::from(below),
            text: (*text).to_owned(),
        })
        .collect();
    let circles = Modules::of(&files).circles();
    circles
        .iter()
        .map(|edges| {
            let edges: Vec<_> = edges.iter().map(Edge::to_string).collect();
            edges.join(", ")
        })
        .collect()
}

#[test]
fn two_folders_that_need_each_other_are_a_circle() {
    let found = circles(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod inner;\n\nuse crate::b::B;\n"),
        ("a/inner.rs", ""),
        ("b.rs", "mod inner;"),
        ("b/inner.rs", "fn f() {\n    super::super::a::f();\n}\n"),
    ]);
    assert_eq!(found, ["a -> b (a.rs:3), b -> a (b/inner.rs:2)"]);
}

#[test]
fn one_way_is_no_circle() {
    let found = circles(&[
        ("main.rs", "mod a; mod b; fn main() { a::f(); b::f(); }"),
        ("a.rs", "use crate::b::{self, c};"),
        ("a/inner.rs", "use crate::a::f; use super::f; use crate::b;"),
        ("b.rs", "use self::c::f; use crate::main;"),
        ("b/c.rs", "use super::f;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_way_over_a_file_and_over_the_root_is_a_circle() {
    let found = circles(&[
        (
            "lib.rs",
            "mod a;\nmod b;\nmod file;\npub use a::{inner::Item as Thing, other};",
        ),
        ("a.rs", "use crate::{\n    file::f,\n    unknown,\n};"),
        ("a/inner.rs", ""),
        ("file.rs", "use super::{b};"),
        ("b.rs", ""),
        ("b/inner.rs", "use crate::Thing;"),
    ]);
    assert_eq!(
        found,
        ["a -> file (a.rs:2), file -> b (file.rs:1), b -> a (b/inner.rs:1)"]
    );
}

#[test]
fn a_file_and_a_folder_may_need_each_other() {
    let found = circles(&[
        ("lib.rs", "mod a; mod file;"),
        ("a.rs", "use crate::file::f;"),
        ("a/inner.rs", ""),
        ("file.rs", "use crate::a::f;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn each_set_of_folders_is_told_once() {
    let found = circles(&[
        ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        ("a.rs", "use crate::b::f;"),
        ("a/inner.rs", ""),
        ("b.rs", "use crate::c::f;"),
        ("b/inner.rs", ""),
        ("c.rs", "use crate::a::f; use crate::b::f;"),
        ("c/inner.rs", ""),
        ("d.rs", "use crate::e::f; use crate::a::f;"),
        ("d/inner.rs", ""),
        ("e.rs", "use crate::d::f;"),
        ("e/inner.rs", ""),
    ]);
    assert_eq!(
        found,
        [
            "b -> c (b.rs:1), c -> b (c.rs:1)",
            "d -> e (d.rs:1), e -> d (e.rs:1)"
        ]
    );
}

#[test]
fn tests_comments_and_texts_do_not_count() {
    let found = circles(&[
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod testing;"),
        (
            "a.rs",
            "//! crate::b\n/* /* crate::b */ crate::b */\n#[cfg(test)]\nuse crate::b::f;\n\
             #[cfg(test)]\n#[expect(x)]\nfn f() -> [u8; 2] { crate::b::f() }\n\
             const A: &str = \"\\\"crate::b\"; const B: &str = r#\"\"crate::b\"#;\n\
             const C: char = '\"'; fn g<'a>(a: &'a str) {} const D: char = '\\'';\n\
             pub(in crate::b) fn h() {}\n\
             #[cfg(test)]\nmod tests { use crate::b; fn f() {} }\n",
        ),
        ("a/inner.rs", ""),
        ("b.rs", "use crate::a::f;"),
        ("b/inner.rs", ""),
        ("testing.rs", "use crate::a::f; use crate::b::f;"),
        ("testing/more.rs", "use crate::a::f;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_follows_a_test_counts() {
    let found = circles(&[
        ("a.rs", "#[cfg(test)]\nmod tests;\nuse crate::b;"),
        ("a/inner.rs", ""),
        (
            "b/mod.rs",
            "mod c { use super::super::a::f; use super::b::f; }",
        ),
        ("b/inner.rs", ""),
    ]);
    assert_eq!(found, ["a -> b (a.rs:3), b -> a (b/mod.rs:1)"]);
}

#[test]
fn sources_of_crates_are_told_from_other_files() {
    let source = |file| in_crate(Path::new(file));
    let below = Some(("wharf-x".to_owned(), PathBuf::from("a/b.rs")));
    assert_eq!(source("crates/wharf-x/src/a/b.rs"), below);
    let automation = Some(("xtask".to_owned(), PathBuf::from("main.rs")));
    assert_eq!(source("xtask/src/main.rs"), automation);
    assert_eq!(source("crates/wharf-x/build.rs"), None);
    assert_eq!(source("crates/wharf-x/src/page.md"), None);
}
