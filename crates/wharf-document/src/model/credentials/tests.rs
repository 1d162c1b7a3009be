use wharf_diag::{Span, Spanned};

use super::Credentials;
use crate::model::{CredentialReference, CredentialStore};

fn entry(environment: &str, path: &str) -> CredentialReference {
    let spanned = |text: &str| Spanned::new(text.to_owned(), Span::default());
    CredentialReference {
        environment: spanned(environment),
        store: Spanned::new(
            CredentialStore::File {
                path: spanned(path),
            },
            Span::default(),
        ),
        rotation: None,
        rotated: None,
    }
}

#[test]
fn an_entry_is_found_whatever_the_case_and_the_first_counts() {
    let credentials: Credentials = [
        entry("Production", "1"),
        entry("sandbox", "2"),
        entry("PRODUCTION", "3"),
    ]
    .into_iter()
    .collect();
    let of = |name| {
        let found = credentials.of(name)?;
        let CredentialStore::File { path } = &found.store.value else {
            return None;
        };
        Some(path.value.as_str())
    };
    assert_eq!(of("production"), Some("1"));
    assert_eq!(of("SandBox"), Some("2"));
    assert_eq!((of("staging"), of("")), (None, None));
    assert_eq!(credentials.len(), 3);
    assert_eq!(
        credentials.iter().count(),
        (&credentials).into_iter().count()
    );
}
