//! Any path of a caller: one that passes stays below its base for whoever reads it, plainly or
//! leniently, and a plain one passes.

use url::Url;
use wharf_gateway::wire::leads_out;

const BASE: &str = "https://api.example.com/v1/";

/// So often what stands behind a vendor's first server decodes a path.
const DECODINGS: usize = 3;

/// The target. The path is what is before `?` and `#`.
pub fn path(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let leads = leads_out(path);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    assert!(!leads || !path.bytes().all(is_plain), "{path:?}");
    if leads {
        // More around it does not make it better, nor does another way to write it.
        assert!(leads_out(&format!("{path}/x")), "{path:?}");
        assert!(leads_out(&format!("x/{path}")), "{path:?}");
        if !path.contains('%') {
            let coded: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
            assert!(leads_out(&coded), "{path:?}");
        }
        return;
    }
    let url = Url::parse(&format!("{BASE}{path}")).unwrap();
    assert!(url.path().starts_with("/v1/"), "{path:?}: {url}");
    let mut read = path.as_bytes().to_vec();
    for _ in 0..=DECODINGS {
        assert!(!climbs(&read), "{path:?} as {}", read.escape_ascii());
        read = decoded(&read);
    }
}

/// Whether a segment says to stay or to go up: to servers that take `\` for a slash, cut a segment
/// at `;` or a null byte, or pass over blanks.
fn climbs(path: &[u8]) -> bool {
    path.split(|byte| matches!(byte, b'/' | b'\\'))
        .any(|segment| {
            let cut = segment.split(|byte| matches!(byte, b';' | 0)).next();
            [segment, segment.trim_ascii(), cut.unwrap_or_default()]
                .into_iter()
                .any(|name| name == b"." || name == b"..")
        })
}

/// Percent-decoded once; what is not two digits stays.
fn decoded(path: &[u8]) -> Vec<u8> {
    let digit = |at: usize| path.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(&byte) = path.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            decoded.extend(u8::try_from(high << 4 | low));
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    decoded
}
