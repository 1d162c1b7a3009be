//! Any text as a key that signs: read or refused alike with and without its algorithm.

use wharf_secrets::mint::{Algorithm, SigningKey};

/// The target.
pub fn keys(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let own = match SigningKey::read(text, None) {
        Ok(key) => Some(key.algorithm()),
        Err(problem) => {
            assert!(problem.to_string().len() < 256, "{problem}");
            None
        }
    };
    for (algorithm, name) in Algorithm::ALL {
        let read = SigningKey::read(text, Some(algorithm));
        if name.starts_with("HS") {
            continue;
        }
        match own {
            Some(own) if own == algorithm => assert!(read.is_ok_and(|key| key.algorithm() == own)),
            Some(_) => {}
            None => assert!(read.is_err(), "{algorithm}"),
        }
    }
}
