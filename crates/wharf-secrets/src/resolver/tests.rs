//! Fetching from variables and files: what is found, what is refused, and that nothing leaks.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use wharf_diag::{Span, Spanned};
use wharf_document::model::CredentialStore;

use super::Resolver;
use crate::credential::{Credential, Warning};
use crate::error::Error;
use crate::keeper::drive as block_on;
use crate::stores::file::FILE_SIZE_LIMIT_BYTES;
use crate::value::ValueProblem;
use crate::variables::{FixedVariables, Variables};

/// Stands in every value of these tests; must not stand in any output.
const CANARY: &str = "canary-5f2c81";

fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

fn variables(names: &[&str]) -> CredentialStore {
    CredentialStore::EnvVariables {
        variables: names.iter().map(|name| spanned(name)).collect(),
    }
}

fn file(path: impl AsRef<Path>) -> CredentialStore {
    CredentialStore::File {
        path: spanned(path.as_ref().to_str().unwrap()),
    }
}

fn fields(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn value(credential: &Credential, field: &str) -> String {
    credential.get(field).unwrap().expose_secret().to_owned()
}

/// A workspace folder and a resolver over it.
struct Bench {
    folder: TempDir,
    variables: FixedVariables,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            variables: FixedVariables::new(),
        }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.set(name, value.into());
        self
    }

    fn write(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    fn resolver(&self) -> Resolver {
        Resolver::new(
            Arc::new(self.variables.clone()),
            self.folder.path().to_owned(),
        )
    }

    fn fetch(&self, store: &CredentialStore, needed: &[&str]) -> Result<Credential, Error> {
        block_on(self.resolver().fetch(store, &fields(needed)))
    }

    fn error(&self, store: &CredentialStore, needed: &[&str]) -> Error {
        self.fetch(store, needed).unwrap_err()
    }
}

#[test]
fn one_variable_fills_one_field_whatever_its_name() {
    let bench = Bench::new().set("GITHUB_TOKEN", "x y");
    let credential = bench
        .fetch(&variables(&["GITHUB_TOKEN"]), &["api_key", "api_key"])
        .unwrap();
    assert_eq!(value(&credential, "api_key"), "x y");
    assert!(credential.get("GITHUB_TOKEN").is_none());
    assert_eq!(credential.fields().collect::<Vec<_>>(), ["api_key"]);
}

#[test]
fn several_variables_fill_fields_by_their_endings() {
    let bench = Bench::new()
        .set("SERVICE_API_KEY", "k")
        .set("SERVICE_SECRET", "s");
    let store = variables(&["SERVICE_SECRET", "SERVICE_API_KEY"]);
    let credential = bench.fetch(&store, &["api_key", "secret"]).unwrap();
    assert_eq!(value(&credential, "api_key"), "k");
    assert_eq!(value(&credential, "secret"), "s");
}

#[test]
fn a_variable_that_no_field_needs_may_be_missing() {
    let bench = Bench::new().set("SERVICE_API_KEY", "k");
    let store = variables(&["SERVICE_API_KEY", "SERVICE_SECRET"]);
    assert_eq!(
        value(&bench.fetch(&store, &["api_key"]).unwrap(), "api_key"),
        "k"
    );
    assert_eq!(
        bench.error(&store, &["api_key", "secret"]).to_string(),
        "environment variable SERVICE_SECRET is not set; set SERVICE_SECRET and start wharf again, \
         or change `variables` of this environment under Credential Storage"
    );
}

#[test]
fn without_a_field_nothing_is_read() {
    let bench = Bench::new();
    for store in [
        variables(&["ABSENT"]),
        file("absent"),
        CredentialStore::HashicorpVault {
            path: spanned("absent"),
        },
    ] {
        assert_eq!(bench.fetch(&store, &[]).unwrap(), Credential::default());
    }
}

#[test]
fn a_value_that_cannot_be_sent_names_its_variable() {
    let bench = Bench::new().set("A", &format!("{CANARY}\n"));
    let error = bench.error(&variables(&["A"]), &["token"]);
    assert!(matches!(
        &error,
        Error::VariableUnusable { variable, problem: ValueProblem::LineBreak } if variable == "A"
    ));
    assert_eq!(
        error.to_string(),
        "the value of environment variable A has a line break in it; \
         set A to the credential alone, visible ASCII on one line, and start wharf again"
    );
}

#[test]
fn a_variable_that_is_not_text_is_said_to_be_so() {
    struct Bytes;
    impl Variables for Bytes {
        fn get(&self, _name: &str) -> Option<SecretString> {
            None
        }
        fn is_not_text(&self, _name: &str) -> bool {
            true
        }
    }
    let resolver = Resolver::new(Arc::new(Bytes), "/".into());
    let error = block_on(resolver.fetch(&variables(&["A"]), &fields(&["token"]))).unwrap_err();
    assert!(matches!(
        error,
        Error::VariableUnusable {
            problem: ValueProblem::NotText,
            ..
        }
    ));
}

#[test]
fn a_file_of_one_line_is_one_value() {
    for content in ["secret", "secret\n", "secret\r\n", "secret\n\n"] {
        let bench = Bench::new().write("token", content);
        let credential = bench.fetch(&file("token"), &["api_key"]).unwrap();
        assert_eq!(value(&credential, "api_key"), "secret", "{content:?}");
        assert!(credential.warnings().is_empty());
    }
}

#[test]
fn a_json_file_names_its_values() {
    let bench = Bench::new().write(
        "stripe.json",
        "{\n  \"SECRET_KEY\": \"k\",\n  \"account\": \"a\",\n  \"retries\": 3\n}\n",
    );
    let credential = bench
        .fetch(&file("stripe.json"), &["secret_key", "account"])
        .unwrap();
    assert_eq!(value(&credential, "secret_key"), "k");
    assert_eq!(value(&credential, "account"), "a");
    let alone = Bench::new().write("one.json", "{\"anything\": \"v\", \"n\": null}");
    let credential = alone.fetch(&file("one.json"), &["token"]).unwrap();
    assert_eq!(value(&credential, "token"), "v");
}

#[test]
fn an_absolute_path_and_a_symbolic_link_lead_to_the_file() {
    let bench = Bench::new().write("version-1", "one");
    let link = bench.folder.path().join("link");
    symlink("version-1", &link).unwrap();
    for path in [link.as_path(), Path::new("link")] {
        let credential = bench.fetch(&file(path), &["token"]).unwrap();
        assert_eq!(value(&credential, "token"), "one");
    }
}

#[test]
fn a_file_open_to_everyone_is_read_with_a_warning() {
    let bench = Bench::new().write("token", "secret");
    let path = bench.folder.path().join("token");
    for mode in [0o644, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let credential = bench.fetch(&file("token"), &["token"]).unwrap();
        assert_eq!(
            credential.warnings(),
            [Warning::OpenToEveryone {
                path: path.clone(),
                mode
            }]
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let credential = bench.fetch(&file("token"), &["token"]).unwrap();
    assert!(credential.warnings().is_empty());
}

#[test]
fn the_size_limit_holds_to_the_byte() {
    let bench = Bench::new()
        .write("fits", "x".repeat(FILE_SIZE_LIMIT_BYTES))
        .write("large", "x".repeat(FILE_SIZE_LIMIT_BYTES + 1));
    assert!(bench.fetch(&file("fits"), &["token"]).is_ok());
    assert!(matches!(
        bench.error(&file("large"), &["token"]),
        Error::FileTooLarge { .. }
    ));
}

#[test]
fn what_is_not_a_regular_file_is_refused_without_waiting() {
    let bench = Bench::new();
    let pipe = bench.folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for path in ["pipe", ".", "/dev/null"] {
        assert!(
            matches!(
                bench.error(&file(path), &["token"]),
                Error::FileNotRegular { .. }
            ),
            "{path}"
        );
    }
}

#[test]
fn each_bad_file_has_its_own_error() {
    let bench = Bench::new()
        .write("not-text", b"\xff\xfe")
        .write("control", "x\0y")
        .write("empty", "")
        .write("accent", "clé")
        .write("lines", "one\ntwo\n")
        .write("broken", "{\"a\": \n\"b\",}")
        .write("member", "{\"token\": \"a\\nb\"}");
    let unusable = |path: &str, wanted: ValueProblem| match bench.error(&file(path), &["token"]) {
        Error::FileUnusable { problem, .. } => assert_eq!(problem, wanted, "{path}"),
        other => panic!("{path}: {other:?}"),
    };
    unusable("not-text", ValueProblem::NotText);
    unusable("control", ValueProblem::ControlCharacter);
    unusable("empty", ValueProblem::Empty);
    unusable("accent", ValueProblem::NotAscii);
    unusable("member", ValueProblem::LineBreak);
    assert!(matches!(
        bench.error(&file("absent"), &["token"]),
        Error::FileMissing { .. }
    ));
    std::os::unix::fs::symlink("loop", bench.folder.path().join("loop")).unwrap();
    let told = bench.error(&file("loop"), &["token"]);
    assert!(matches!(told, Error::FileLoop { .. }), "{told:?}");
    assert!(!told.to_string().contains("permission"), "{told}");
    assert!(matches!(
        bench.error(&file("empty/below"), &["token"]),
        Error::FileUnreadable { .. }
    ));
    assert!(matches!(
        bench.error(&file("lines"), &["token"]),
        Error::FileLines { lines: 2, .. }
    ));
    assert!(matches!(
        bench.error(&file("broken"), &["token"]),
        Error::FileJson { line: 2, .. }
    ));
}

#[test]
fn a_field_without_a_value_is_an_error() {
    let bench = Bench::new()
        .set("A_KEY", "a")
        .set("B_KEY", "b")
        .write("token", "x")
        .write("numbers.json", "{\"a\": 1}");
    let store = variables(&["A_KEY", "B_KEY"]);
    assert_eq!(
        bench.error(&store, &["secret"]).to_string(),
        "no value for the field `secret` in the variables of this environment, which has \
         `A_KEY`, `B_KEY`; name one `secret` or give it a name that ends with `_secret`, \
         or change the field under Authentication"
    );
    for path in ["token", "numbers.json"] {
        match bench.error(&file(path), &["user", "password"]) {
            Error::FieldMissing { available, .. } => assert!(available.is_empty()),
            other => panic!("{path}: {other:?}"),
        }
    }
}

/// Where the check of documents finds the field filled, so does this.
#[test]
fn of_two_endings_the_earlier_variable_is_read() {
    let bench = Bench::new().set("A_KEY", "a").set("B_KEY", "b");
    let credential = bench
        .fetch(&variables(&["B_KEY", "A_KEY"]), &["key"])
        .unwrap();
    assert_eq!(value(&credential, "key"), "b");
}

#[test]
fn locations_of_later_versions_are_named() {
    let bench = Bench::new();
    let aws = CredentialStore::AwsSecretsManager {
        path: spanned("/prod/x"),
    };
    let vault = CredentialStore::HashicorpVault {
        path: spanned("/staging/x"),
    };
    for (store, name, path) in [
        (aws, "AWS_SECRETS_MANAGER", "/prod/x"),
        (vault, "HASHICORP_VAULT", "/staging/x"),
    ] {
        let text = bench.error(&store, &["token"]).to_string();
        assert!(text.contains(name) && text.contains(path), "{text}");
        assert!(text.contains("this version of wharf cannot read"), "{text}");
        assert_eq!(bench.resolver().stamp(&store), None);
    }
}

#[test]
fn a_stamp_changes_with_the_file_behind_a_link() {
    let bench = Bench::new()
        .write("version-1", "one")
        .write("version-2", "two");
    let link = bench.folder.path().join("link");
    symlink("version-1", &link).unwrap();
    let resolver = bench.resolver();
    let first = resolver.stamp(&file("link")).unwrap();
    assert_eq!(resolver.stamp(&file("link")), Some(first));
    fs::remove_file(&link).unwrap();
    assert_eq!(resolver.stamp(&file("link")), None);
    symlink("version-2", &link).unwrap();
    let second = resolver.stamp(&file("link")).unwrap();
    assert_ne!(first, second);
    fs::write(&link, "longer").unwrap();
    assert_ne!(resolver.stamp(&file("link")), Some(second));
    assert_eq!(resolver.stamp(&variables(&["A"])), None);
}

/// Every way to fail with the canary in the value, and every type that holds it.
#[test]
fn no_value_in_any_output() {
    let bench = Bench::new()
        .set("GOOD_KEY", CANARY)
        .set("OTHER_KEY", CANARY)
        .set("BAD", &format!("{CANARY}\n{CANARY}"))
        .write("good", CANARY)
        .write("lines", format!("{CANARY}\n{CANARY}"))
        .write("broken", format!("{{\"{CANARY}\": {CANARY}"))
        .write("array.json", format!("{{\"token\": [\"{CANARY}\"]}}"))
        .write("control", format!("{CANARY}\0"))
        .write("bytes", [CANARY.as_bytes(), b"\xff"].concat())
        .write("accent", format!("{CANARY}é"))
        .write("member", format!("{{\"token\": \"{CANARY}é\"}}"))
        .write("large", CANARY.repeat(FILE_SIZE_LIMIT_BYTES));
    let mut shown = Vec::new();
    for (store, needed) in [
        (variables(&["BAD"]), ["token"].as_slice()),
        (variables(&["ABSENT"]), &["token"]),
        (variables(&["GOOD_KEY", "OTHER_KEY"]), &["secret"]),
        (file("good"), &["user", "password"]),
        (file("lines"), &["token"]),
        (file("broken"), &["token"]),
        (file("array.json"), &["token"]),
        (file("control"), &["token"]),
        (file("bytes"), &["token"]),
        (file("accent"), &["token"]),
        (file("member"), &["token"]),
        (file("large"), &["token"]),
        (file("absent"), &["token"]),
        (file("good/below"), &["token"]),
        (file("."), &["token"]),
    ] {
        let error = bench.error(&store, needed);
        shown.push(format!("{error} {error:?} {error:#?}"));
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            shown.push(format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
    let from_file = bench.fetch(&file("good"), &["token"]).unwrap();
    let from_variable = bench.fetch(&variables(&["GOOD_KEY"]), &["token"]).unwrap();
    assert_eq!(from_file, from_variable);
    assert_eq!(value(&from_file, "token"), CANARY);
    shown.push(format!(
        "{from_file:?} {from_file:#?} {} {:?}",
        from_file.fingerprint(),
        from_file.fingerprint()
    ));
    shown.push(format!("{:?} {:?}", bench.variables, bench.resolver()));
    for text in shown {
        assert!(!text.contains(CANARY), "{text}");
        assert!(!text.contains("5f2c81"), "{text}");
    }
}

const PEM: &str = include_str!("../../tests/keys/p256.pkcs8.pem");

#[test]
fn a_key_in_pem_keeps_its_lines() {
    let account = serde_json::json!({"private_key": PEM, "client_email": "a@b"});
    let bench = Bench::new()
        .set("APP_PRIVATE_KEY", PEM)
        .write("key.pem", PEM)
        .write("account.json", account.to_string());
    let resolver = bench.resolver();
    for (store, needed) in [
        (file("key.pem"), fields(&["private_key"])),
        (
            file("account.json"),
            fields(&["private_key", "client_email"]),
        ),
        (variables(&["APP_PRIVATE_KEY"]), fields(&["private_key"])),
    ] {
        let credential = block_on(resolver.fetch(&store, &needed)).unwrap();
        assert_eq!(value(&credential, "private_key").trim_end(), PEM.trim_end());
    }
}
