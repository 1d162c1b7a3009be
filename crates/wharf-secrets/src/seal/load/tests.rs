//! Where keys come from, and each thing that may be wrong there.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use tempfile::TempDir;
use wharf_policy::sealed::{KeyId, SecretName, SecretVersion};

use super::{KEY_FILE_NAME, KeyError, KeyPlace, KeyPlaces, KeyRole};
use crate::FixedVariables;
use crate::seal::new::{NewKey, NewKeyError};

/// A state folder and files beside it.
struct Place {
    folder: TempDir,
    variables: FixedVariables,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("state")).unwrap();
        Self {
            folder,
            variables: FixedVariables::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &[u8], mode: u32) -> KeyPlace {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        KeyPlace::File(path)
    }

    /// A file with a new key.
    fn key(&self, name: &str) -> (KeyId, KeyPlace) {
        let new = NewKey::generate().unwrap();
        new.write(&self.path(name)).unwrap();
        (new.id(), KeyPlace::File(self.path(name)))
    }

    fn places(&self, key: Option<&KeyPlace>, old: &[&KeyPlace]) -> KeyPlaces {
        KeyPlaces {
            variables: Arc::new(self.variables.clone()),
            key: key.cloned(),
            old_keys: old.iter().copied().cloned().collect(),
            state_folder: self.path("state"),
        }
    }

    async fn error(&self, key: &KeyPlace) -> String {
        let refused = self.places(Some(key), &[]).load().await;
        refused.unwrap_err().to_string()
    }
}

const HEXADECIMAL: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[tokio::test]
async fn the_key_seals_old_keys_open_and_so_does_that_of_the_state_folder() {
    let mut place = Place::new();
    place.variables.set("KEY", SecretString::from(HEXADECIMAL));
    let (old, old_place) = place.key("old");
    let (of_state, state_place) = place.key("state/store.key");
    let variable = KeyPlace::Variable("KEY".to_owned());
    let loaded = place.places(Some(&variable), &[&old_place]).load().await;
    let loaded = loaded.unwrap();
    let known: Vec<_> = loaded
        .known
        .iter()
        .map(|key| (key.id, key.place.clone(), key.role))
        .collect();
    let sealing = loaded.keyring.sealing_key().unwrap();
    assert_eq!(sealing.to_string(), "8d6fe8cabb9ae1d2");
    assert_eq!(
        known,
        [
            (sealing, variable, KeyRole::Key),
            (old, old_place, KeyRole::OldKey),
            (of_state, state_place, KeyRole::StateFolder)
        ]
    );
    assert!(known.iter().all(|(id, ..)| loaded.keyring.holds(*id)));
}

#[tokio::test]
async fn without_a_key_that_of_the_state_folder_seals_and_is_made_once() {
    let place = Place::new();
    let places = place.places(None, &[]);
    let nothing = places.load().await.unwrap();
    assert_eq!(nothing.keyring.sealing_key(), None);
    assert!(!places.key_file().exists(), "who only looks makes nothing");
    let first = places.load_or_make(&[]).await.unwrap();
    let id = first.keyring.sealing_key().unwrap();
    let mode = fs::metadata(places.key_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let left: Vec<_> = fs::read_dir(place.path("state")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let again = places.load_or_make(&[id]).await.unwrap();
    assert_eq!(again.keyring.sealing_key(), Some(id));
    // Named as an old key too, it seals all the same.
    let named = KeyPlace::File(places.key_file());
    let named = place.places(None, &[&named]).load().await.unwrap();
    assert_eq!(named.keyring.sealing_key(), Some(id));
    assert_eq!(named.known.len(), 1);
}

#[test]
fn of_many_that_make_a_key_at_once_all_get_the_same() {
    let place = Place::new();
    let places = place.places(None, &[]);
    let together = std::sync::Barrier::new(8);
    let ids = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    let runtime = tokio::runtime::Builder::new_current_thread().build();
                    let made = runtime.unwrap().block_on(places.load_or_make(&[]));
                    made.unwrap().keyring.sealing_key().unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn where_a_key_is_lost_none_is_made_in_its_place() {
    let place = Place::new();
    let places = place.places(None, &[]);
    let lost = NewKey::generate().unwrap().id();
    let error = places.load_or_make(&[lost]).await.unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains(&lost.to_string()) && words.contains(KEY_FILE_NAME),
        "{words}"
    );
    assert!(!places.key_file().exists());
    // One that is there opens them, so nothing is lost.
    let (old, old_place) = place.key("old");
    let places = place.places(None, &[&old_place]);
    assert!(places.load_or_make(&[old]).await.is_ok());
}

#[tokio::test]
async fn each_thing_that_is_wrong_with_a_key_is_told_with_its_place() {
    let mut place = Place::new();
    place.variables.set("SHORT", SecretString::from("c2hvcnQ="));
    place.variables.set("EMPTY", SecretString::from(""));
    for (name, words) in [
        ("ABSENT", "environment variable ABSENT, which `[store]`"),
        ("EMPTY", "the key in environment variable EMPTY is empty"),
        ("SHORT", "environment variable SHORT decodes to 5 bytes"),
    ] {
        let error = place.error(&KeyPlace::Variable(name.to_owned())).await;
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("c2hvcnQ"), "{error}");
    }
    let large = "A".repeat(70_000);
    for (name, text, words) in [
        ("empty", &b""[..], "empty is empty"),
        ("words", b"correct horse battery", "neither Base64 nor"),
        ("binary", &[0xff; 32], "is not UTF-8 text"),
        ("short", b"c2hvcnQ=", "decodes to 5 bytes instead of 32"),
        ("large", large.as_bytes(), "is larger than 64 KiB"),
    ] {
        let file = place.file(name, text, 0o600);
        let error = place.error(&file).await;
        assert!(error.contains(words), "{error}");
        assert!(
            error.contains(&*place.path(name).to_string_lossy()),
            "{error}"
        );
        assert!(!error.contains("horse") && !error.contains("c2hvcnQ"));
    }
    let error = place.error(&KeyPlace::File(place.path("gone"))).await;
    assert!(error.contains("does not exist; put it back"), "{error}");
    let error = place.error(&KeyPlace::File(place.path("state"))).await;
    assert!(error.contains("is a folder, a pipe"), "{error}");
    symlink(place.path("circle"), place.path("circle")).unwrap();
    let error = place.error(&KeyPlace::File(place.path("circle"))).await;
    assert!(error.contains("is a link that leads to no file"), "{error}");
}

#[tokio::test]
async fn a_file_that_others_may_read_or_change_is_refused() {
    let place = Place::new();
    for (mode, is_fine) in [
        (0o600, true),
        (0o400, true),
        (0o440, true),
        (0o640, true),
        (0o644, false),
        (0o660, false),
        (0o602, false),
        (0o601, false),
        (0o777, false),
    ] {
        let file = place.file("key", HEXADECIMAL.as_bytes(), mode);
        let loaded = place.places(Some(&file), &[]).load().await;
        assert_eq!(loaded.is_ok(), is_fine, "{mode:o}");
        if let Err(error) = loaded {
            let words = format!("(mode {mode:04o}); run `chmod 600`");
            assert!(error.to_string().contains(&words), "{error}");
        }
    }
}

#[tokio::test]
async fn the_same_key_twice_is_told_with_both_places() {
    let mut place = Place::new();
    place.variables.set("KEY", SecretString::from(HEXADECIMAL));
    let variable = KeyPlace::Variable("KEY".to_owned());
    let file = place.file(
        "same",
        b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        0o600,
    );
    let refused = place.places(Some(&variable), &[&file]).load().await;
    let error = refused.unwrap_err();
    assert!(matches!(error, KeyError::Duplicate { .. }), "{error}");
    let words = error.to_string();
    assert!(
        words.contains("environment variable KEY and in file")
            && words.contains("8d6fe8cabb9ae1d2"),
        "{words}"
    );
}

#[test]
fn a_file_that_exists_is_never_written_to() {
    let place = Place::new();
    place.file("there", b"something else", 0o644);
    symlink(place.path("nowhere"), place.path("link")).unwrap();
    for name in ["there", "link"] {
        let refused = NewKey::generate().unwrap().write(&place.path(name));
        assert!(
            matches!(&refused, Err(NewKeyError::Exists { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read(place.path("there")).unwrap(), b"something else");
    let refused = NewKey::generate()
        .unwrap()
        .write(&place.path("no/such/folder/key"));
    assert!(
        matches!(&refused, Err(NewKeyError::Unwritable { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_new_key_is_read_back_as_itself_and_is_never_shown() {
    let place = Place::new();
    let new = NewKey::generate().unwrap();
    new.write(&place.path("key")).unwrap();
    let places = place.places(Some(&KeyPlace::File(place.path("key"))), &[]);
    let loaded = places.load().await.unwrap();
    assert_eq!(loaded.keyring.sealing_key(), Some(new.id()));
    let shown = format!("{new:?} {places:?} {loaded:?}");
    assert!(!shown.contains(new.expose_secret()), "{shown}");
    let (a, one) = (SecretName::new("a").unwrap(), SecretVersion::FIRST);
    let secret = secrecy::SecretSlice::from(b"hunter2".to_vec());
    let sealed = loaded.keyring.seal(&a, one, &secret).unwrap();
    assert!(loaded.keyring.open(&a, one, &sealed).is_ok());
}
