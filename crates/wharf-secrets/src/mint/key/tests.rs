//! Keys in each form, the examples of RFC 7515 and RFC 8037, and each algorithm judged by a library.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, crypto};
use serde_json::json;

use super::{Algorithm, KeyProblem, SigningKey};

macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("../../../tests/keys/", $name))
    };
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn signature(key: &SigningKey, input: &str) -> String {
    URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap())
}

/// One element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut element = vec![tag];
    match length {
        0..=0x7f => element.push(u8::try_from(length).unwrap()),
        0x80..=0xff => element.extend([0x81, u8::try_from(length).unwrap()]),
        _ => {
            element.push(0x82);
            element.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    element.extend(content);
    element
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut content = vec![0; usize::from(bytes[0] >= 0x80)];
    content.extend(bytes);
    element(0x02, &content)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                       cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn rfc_7515_a1_hmac() {
    let secret =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = SigningKey::hmac(&decoded(secret), hmac::HMAC_SHA256, Algorithm::Hs256);
    let input = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}");
    let expected = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(signature(&key, &input), expected);
}

const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RSA_PRIVATE: [&str; 6] = [
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
];

/// RFC 8017, A.1.2: version, n, e, d, p, q, dP, dQ, qInv.
fn rsa_of_the_rfc() -> String {
    let mut content = integer(&[0]);
    content.extend(integer(&decoded(RSA_N)));
    content.extend(integer(&[1, 0, 1]));
    for number in RSA_PRIVATE {
        content.extend(integer(&decoded(number)));
    }
    pem("RSA PRIVATE KEY", &element(0x30, &content))
}

#[test]
fn rfc_7515_a2_rsa() {
    let key = SigningKey::read(&rsa_of_the_rfc(), Some(Algorithm::Rs256)).unwrap();
    let expected = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
                    AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
                    BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
                    0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
                    hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                    p0igcN_IoypGlUPQGe77Rw";
    assert_eq!(
        signature(&key, &format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}")),
        expected
    );
}

/// RFC 5915, 3, on P-256.
fn sec1(d: &str, x: &str, y: &str) -> String {
    let mut point = vec![0, 4];
    point.extend(decoded(x));
    point.extend(decoded(y));
    let mut content = integer(&[1]);
    content.extend(element(0x04, &decoded(d)));
    let curve = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    content.extend(element(0xa0, &element(0x06, &curve)));
    content.extend(element(0xa1, &element(0x03, &point)));
    pem("EC PRIVATE KEY", &element(0x30, &content))
}

/// The signature is another one each time, so the library judges it with the public key of the RFC.
#[test]
fn rfc_7515_a3_ecdsa() {
    let (x, y) = (
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    );
    let key = sec1("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI", x, y);
    let key = SigningKey::read(&key, None).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Es256);
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
    let public = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256"});
    let of_the_rfc = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
                      pmWQxfKTUJqPP3-Kg6NU1Q";
    for signature in [signature(&key, &input), of_the_rfc.to_owned()] {
        assert!(verified(
            &signature,
            &input,
            &public,
            jsonwebtoken::Algorithm::ES256
        ));
    }
}

fn verified(
    signature: &str,
    input: &str,
    public: &serde_json::Value,
    algorithm: jsonwebtoken::Algorithm,
) -> bool {
    let jwk: Jwk = serde_json::from_value(public.clone()).unwrap();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    crypto::verify(signature, input.as_bytes(), &key, algorithm).unwrap()
}

/// RFC 8037, A.4; the key of A.1 in PKCS#8 (RFC 8410, 7).
#[test]
fn rfc_8037_a4_ed25519() {
    let seed = decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let mut content = integer(&[0]);
    content.extend(element(0x30, &element(0x06, &[0x2b, 0x65, 0x70])));
    content.extend(element(0x04, &element(0x04, &seed)));
    let key = pem("PRIVATE KEY", &element(0x30, &content));
    let key = SigningKey::read(&key, Some(Algorithm::EdDsa)).unwrap();
    let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7\
                    sVvpAr_MuM0KAg";
    assert_eq!(signature(&key, input), expected);
}

#[test]
fn each_algorithm_of_rsa_is_judged_by_a_library() {
    let public = json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"});
    let key = rsa_of_the_rfc();
    for (algorithm, theirs) in [
        (Algorithm::Rs256, jsonwebtoken::Algorithm::RS256),
        (Algorithm::Rs384, jsonwebtoken::Algorithm::RS384),
        (Algorithm::Rs512, jsonwebtoken::Algorithm::RS512),
        (Algorithm::Ps256, jsonwebtoken::Algorithm::PS256),
        (Algorithm::Ps384, jsonwebtoken::Algorithm::PS384),
        (Algorithm::Ps512, jsonwebtoken::Algorithm::PS512),
    ] {
        let key = SigningKey::read(&key, Some(algorithm)).unwrap();
        let signature = signature(&key, "a.b");
        assert!(verified(&signature, "a.b", &public, theirs), "{algorithm}");
        assert!(!verified(&signature, "a.c", &public, theirs), "{algorithm}");
    }
}

#[test]
fn keys_of_each_form_have_the_algorithm_that_is_theirs() {
    for (key, algorithm) in [
        (key_file!("rsa.pkcs1.pem"), Algorithm::Rs256),
        (key_file!("rsa.pkcs8.pem"), Algorithm::Rs256),
        (key_file!("p256.sec1.pem"), Algorithm::Es256),
        (key_file!("p256.pkcs8.pem"), Algorithm::Es256),
        (key_file!("p384.sec1.pem"), Algorithm::Es384),
        (key_file!("p521.sec1.pem"), Algorithm::Es512),
        (key_file!("ed25519.pkcs8.pem"), Algorithm::EdDsa),
    ] {
        let key = SigningKey::read(key, None).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert!(!key.sign(b"x").unwrap().is_empty());
    }
    // One key in two forms signs alike.
    let [one, other] = [key_file!("rsa.pkcs1.pem"), key_file!("rsa.pkcs8.pem")]
        .map(|key| signature(&SigningKey::read(key, None).unwrap(), "x"));
    assert_eq!(one, other);
}

#[test]
fn a_key_behind_its_certificate_is_found() {
    let text = format!(
        "{}{}",
        key_file!("certificate.pem"),
        key_file!("p256.pkcs8.pem")
    );
    assert!(SigningKey::read(&text, None).is_ok());
}

#[test]
fn what_is_no_key_is_told_apart() {
    let cut = &key_file!("rsa.pkcs8.pem")[..900];
    let odd = key_file!("rsa.pkcs8.pem").replace("MII", "!!!");
    let swapped = key_file!("p256.pkcs8.pem").replace("PRIVATE KEY", "RSA PRIVATE KEY");
    for (text, problem) in [
        ("", KeyProblem::Empty),
        (" \n", KeyProblem::Empty),
        ("secret", KeyProblem::NotPem),
        (cut, KeyProblem::Damaged),
        (odd.as_str(), KeyProblem::Damaged),
        (key_file!("rsa.public.pem"), KeyProblem::Public),
        (key_file!("certificate.pem"), KeyProblem::Public),
        (key_file!("encrypted.pem"), KeyProblem::Encrypted),
        (key_file!("encrypted.pkcs1.pem"), KeyProblem::Encrypted),
        (key_file!("openssh.pem"), KeyProblem::OpenSsh),
        (
            "-----BEGIN X-----\nAAAA\n-----END X-----",
            KeyProblem::Other,
        ),
        (key_file!("rsa1024.pem"), KeyProblem::Unreadable),
        (key_file!("ed448.pem"), KeyProblem::Unreadable),
        (swapped.as_str(), KeyProblem::Unreadable),
    ] {
        let found = SigningKey::read(text, None).unwrap_err();
        assert_eq!(found, problem, "{text}");
    }
}

#[test]
fn a_key_of_another_kind_is_told_with_both() {
    for (key, algorithm, found, message) in [
        (
            key_file!("p256.pkcs8.pem"),
            Algorithm::Rs256,
            "an EC key on P-256",
            "is an EC key on P-256, and RS256 needs an RSA key; change the key, or `Algorithm`",
        ),
        (
            key_file!("p256.pkcs8.pem"),
            Algorithm::Es384,
            "an EC key on P-256",
            "is an EC key on P-256, and ES384 needs an EC key on P-384; change the key, or `Algorithm`",
        ),
        (
            key_file!("rsa.pkcs8.pem"),
            Algorithm::EdDsa,
            "an RSA key",
            "is an RSA key, and EdDSA needs an Ed25519 key; change the key, or `Algorithm`",
        ),
        // Whoever knows the public key could then make tokens.
        (
            key_file!("rsa.pkcs8.pem"),
            Algorithm::Hs256,
            "a key in PEM",
            "is a key in PEM, and HS256 needs a shared secret; change the key, or `Algorithm`",
        ),
    ] {
        let problem = SigningKey::read(key, Some(algorithm)).unwrap_err();
        assert_eq!(problem, KeyProblem::Mismatch { algorithm, found });
        assert_eq!(problem.to_string(), message);
    }
}

#[test]
fn names_of_algorithms_are_those_of_documents() {
    for name in wharf_document::model::JWT_ALGORITHMS {
        assert_eq!(Algorithm::named(name).unwrap().as_str(), name);
    }
    assert_eq!(
        Algorithm::ALL.len(),
        wharf_document::model::JWT_ALGORITHMS.len()
    );
    assert_eq!(Algorithm::named("none"), None);
}
