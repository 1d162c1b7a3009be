//! Words of which code makes its names. A password is made of other words.
//!
//! A machine's password is told from a name by its letters, see the sibling `words`. A person's is
//! made of words itself, so it is told by which ones.

use super::words;

/// In the order of the alphabet.
const WORDS: [&str; 192] = [
    "access",
    "account",
    "aes",
    "algorithm",
    "api",
    "app",
    "argon",
    "array",
    "auth",
    "authentication",
    "aws",
    "azure",
    "base",
    "basic",
    "bcrypt",
    "bearer",
    "bool",
    "bucket",
    "builder",
    "bytes",
    "cache",
    "callback",
    "char",
    "chars",
    "class",
    "client",
    "column",
    "complexity",
    "config",
    "configuration",
    "controller",
    "cookie",
    "count",
    "credential",
    "credentials",
    "crypt",
    "crypto",
    "data",
    "database",
    "db",
    "default",
    "digest",
    "digit",
    "digits",
    "ecdsa",
    "email",
    "encoded",
    "encoder",
    "encoding",
    "encrypted",
    "encryption",
    "endpoint",
    "env",
    "error",
    "event",
    "exception",
    "expired",
    "expiry",
    "factory",
    "field",
    "file",
    "filter",
    "form",
    "format",
    "function",
    "generator",
    "get",
    "grant",
    "group",
    "handler",
    "hash",
    "hashed",
    "header",
    "hmac",
    "host",
    "http",
    "https",
    "id",
    "input",
    "int",
    "interface",
    "iso",
    "job",
    "json",
    "jwt",
    "key",
    "kms",
    "kv",
    "lambda",
    "ldap",
    "length",
    "list",
    "loader",
    "login",
    "lower",
    "lowercase",
    "management",
    "manager",
    "max",
    "method",
    "min",
    "mode",
    "model",
    "module",
    "name",
    "null",
    "number",
    "oauth",
    "object",
    "option",
    "parameter",
    "params",
    "parser",
    "path",
    "pbkdf",
    "permission",
    "pkcs",
    "plugin",
    "policy",
    "prefix",
    "prod",
    "profile",
    "provider",
    "proxy",
    "query",
    "queue",
    "random",
    "read",
    "regex",
    "region",
    "repository",
    "request",
    "required",
    "reset",
    "resolver",
    "response",
    "role",
    "rotate",
    "rotation",
    "rotator",
    "rsa",
    "rule",
    "rules",
    "saml",
    "schema",
    "scope",
    "scram",
    "scrypt",
    "secret",
    "secrets",
    "serializer",
    "server",
    "service",
    "session",
    "set",
    "setting",
    "settings",
    "sha",
    "size",
    "special",
    "sql",
    "sso",
    "store",
    "string",
    "support",
    "symbol",
    "system",
    "table",
    "template",
    "text",
    "token",
    "type",
    "types",
    "update",
    "upper",
    "uppercase",
    "url",
    "user",
    "username",
    "utf",
    "uuid",
    "validation",
    "validator",
    "value",
    "variable",
    "vault",
    "version",
    "view",
    "web",
    "worker",
    "write",
    "xml",
];

/// From so many words on, a value without marks is a name of code, whatever its words.
const MANY: usize = 3;

/// Whether a small word is one of them, or of what operators name after: `checkout-worker-cluster-02`.
pub(super) fn is_one(word: &str) -> bool {
    const OF_OPERATORS: [&str; 20] = [
        "backup", "billing", "checkout", "cluster", "deploy", "east", "gateway", "internal",
        "lambda", "network", "node", "north", "payment", "payments", "queue", "shop", "south",
        "vault", "west", "worker",
    ];
    WORDS.binary_search(&word).is_ok() || OF_OPERATORS.contains(&word)
}

/// Whether a value is a name of code: half of its words are words of code, or it has many words
/// that only capitals part, or the number of a version.
pub(super) fn make(value: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@#".contains(&byte);
    if !value.bytes().all(is_name) {
        return false;
    }
    if is_path_of_names(value) {
        return true;
    }
    let (mut all, mut code) = (0, 0);
    for word in words::of(value).filter(|word| word.len() >= 2) {
        all += 1;
        code += usize::from(
            WORDS
                .binary_search(&word.to_ascii_lowercase().as_str())
                .is_ok(),
        );
    }
    let is_plain = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_joined = is_plain && words::is_clear_name(value);
    (code * 2 >= all && code > 0)
        || (is_joined
            && (all >= MANY || value.contains("__") || has_version(value) || is_camel(value)))
}

/// Names joined by dots, as the keys of texts and settings are: `settings.apiKeys.createDialog2`.
fn is_path_of_names(value: &str) -> bool {
    let starts_small = |name: &str| name.starts_with(|sign: char| sign.is_ascii_lowercase());
    value.split('.').count() >= MANY
        && value.split('.').all(starts_small)
        && words::is_clear_name(value)
}

/// `V2` behind another word.
fn has_version(value: &str) -> bool {
    value.as_bytes().windows(3).any(|signs| {
        !signs[0].is_ascii_uppercase() && signs[1] == b'V' && signs[2].is_ascii_digit()
    })
}

/// Words of which the first alone starts small: `invoicePayment2024`.
fn is_camel(value: &str) -> bool {
    value.starts_with(|sign: char| sign.is_ascii_lowercase())
        && words::of(value).count() > 1
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{WORDS, make};

    #[test]
    fn the_words_are_in_order() {
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn a_name_of_code_is_told_from_a_password_of_words() {
        for name in [
            "UserPasswordResetV2Handler",
            "SHA-256/Base64",
            "vault/kv2/DbPass1",
        ] {
            assert!(make(name), "{name}");
        }
        for password in [
            "Kestrel-Marble-Quartz42",
            "Sommer2024",
            "Kestrel4!dune",
            "Login2024!",
        ] {
            assert!(!make(password), "{password}");
        }
    }
}
