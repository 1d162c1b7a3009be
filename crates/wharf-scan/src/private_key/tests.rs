//! Keys in armour.

use super::super::Kind;
use super::super::samples::{BASE62, base64, drawn, found, is_not_found};

/// A block in armour, put together so that none stands here.
fn block(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----")
}

#[test]
fn a_key_is_one_place_up_to_its_last_line() {
    let body = format!("{}\n{}", drawn(BASE62, 64), drawn(BASE62, 40));
    for label in [
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let key = block(label, &body);
        let text = format!("before\n{key}\nafter");
        assert_eq!(found(&text), [(Kind::PrivateKey, key.as_str())]);
    }
}

#[test]
fn a_key_in_json_is_that_of_a_service_account() {
    let key = block("PRIVATE KEY", &drawn(BASE62, 128)).replace('\n', "\\n");
    let text = format!("{{\"private_key\": \"{key}\\n\"}}");
    assert_eq!(found(&text), [(Kind::GoogleServiceAccount, key.as_str())]);
}

#[test]
fn a_key_that_is_cut_off_is_found() {
    let key = format!("-----BEGIN PRIVATE KEY-----\n{}", drawn(BASE62, 64));
    assert_eq!(
        found(&format!("{key}\n")),
        [(Kind::PrivateKey, key.as_str())]
    );
}

#[test]
fn public_keys_and_sketches_are_left_alone() {
    is_not_found(&block("PUBLIC KEY", &drawn(BASE62, 200)));
    is_not_found(&block("CERTIFICATE", &drawn(BASE62, 200)));
    is_not_found(&block("PRIVATE KEY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC..."));
    is_not_found(
        "A file that starts with `-----BEGIN PRIVATE KEY-----` is a key, and so on. -----END",
    );
    is_not_found("-----BEGIN ");
}

/// An OpenSSH key without a passphrase, after PROTOCOL.key: a magic word, cipher and derivation
/// `none`, no options, one key, its public half, and the private half with its check numbers and
/// padding. `fields` are the lengths of the numbers of both halves.
fn openssh(kind: &str, fields: &[usize]) -> String {
    fn field(out: &mut Vec<u8>, bytes: &[u8]) {
        out.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        out.extend(bytes);
    }
    let mut chance = drawn(BASE62, 4_000).into_bytes().into_iter();
    let mut public = Vec::new();
    field(&mut public, kind.as_bytes());
    for length in fields {
        let number: Vec<u8> = chance.by_ref().take(*length).collect();
        field(&mut public, &number);
    }
    let mut private: Vec<u8> = chance.by_ref().take(4).collect();
    private.extend(private.clone());
    private.extend(&public);
    for length in fields {
        let number: Vec<u8> = chance.by_ref().take(*length).collect();
        field(&mut private, &number);
    }
    field(&mut private, b"ops@example.org");
    private.extend((1..).take(8 - private.len() % 8));
    let mut key = b"openssh-key-v1\0".to_vec();
    for text in ["none", "none", ""] {
        field(&mut key, text.as_bytes());
    }
    key.extend(1_u32.to_be_bytes());
    field(&mut key, &public);
    field(&mut key, &private);
    let lines: Vec<String> = base64(&key)
        .as_bytes()
        .chunks(70)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    block("OPENSSH PRIVATE KEY", &lines.join("\n"))
}

/// `none`, `none` and no options are a row of zeros, which is no filler.
#[test]
fn openssh_keys_without_a_passphrase_are_found() {
    for (kind, fields) in [
        ("ssh-rsa", &[3, 257, 256, 128, 129, 129][..]),
        ("ssh-dss", &[129, 21, 129, 128]),
        ("ecdsa-sha2-nistp256", &[8, 65, 32]),
        ("ecdsa-sha2-nistp384", &[8, 97, 48]),
        ("ecdsa-sha2-nistp521", &[8, 133, 66]),
        ("ssh-ed25519", &[32, 64]),
        ("sk-ssh-ed25519@openssh.com", &[32, 4, 1, 64, 0]),
        ("sk-ecdsa-sha2-nistp256@openssh.com", &[8, 65, 4, 1, 64, 0]),
    ] {
        let key = openssh(kind, fields);
        for (line, end) in [
            ("```\n@\n```", "\n"),
            ("> @", "\n> "),
            ("key: |\n  @", "\n  "),
            ("{\"key\": \"@\\n\"}", "\\n"),
            ("| @ |", "<br>"),
            ("| @ |", "<br/>"),
            ("https://example.org/?key=@", "%0A"),
            ("<!-- @ -->", "\r\n"),
        ] {
            let key = key.replace('\n', end);
            let text = line.replacen('@', &key, 1);
            assert_eq!(found(&text), [(Kind::PrivateKey, key.as_str())], "{text}");
        }
        let escaped = key
            .replace('\n', "%0A")
            .replace(' ', "%20")
            .replace('+', "%2B");
        assert_eq!(found(&escaped), [(Kind::PrivateKey, escaped.as_str())]);
    }
}

#[test]
fn zeros_alone_are_no_key() {
    is_not_found(&block("PRIVATE KEY", &"A".repeat(200)));
}

#[test]
fn the_private_lines_of_a_key_of_putty_are_found() {
    let lines = [drawn(BASE62, 64), drawn(BASE62, 48)].join("\n");
    let key = format!(
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ci\nPublic-Lines: 1\n{}\nPrivate-Lines: 2\n{lines}\nPrivate-MAC: 00",
        drawn(BASE62, 64)
    );
    assert_eq!(found(&key), [(Kind::PrivateKey, lines.as_str())]);
    is_not_found("Private-Lines: 14\nare read by the importer");
}

#[test]
fn the_private_number_of_a_json_web_key_is_found() {
    let number = drawn(BASE62, 43);
    let key = format!(
        "{{\"kty\": \"EC\", \"crv\": \"P-256\", \"d\": \"{number}\", \"x\": \"{number}\"}}"
    );
    assert_eq!(found(&key), [(Kind::PrivateKey, number.as_str())]);
    is_not_found(&format!("{{\"a\": \"b\", \"d\": \"{number}\"}}"));
}
