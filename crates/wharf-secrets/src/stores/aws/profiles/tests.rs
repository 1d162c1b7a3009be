//! The two files of AWS: their form, and the ways that they lead.

use proptest::prelude::*;

use super::*;

fn of(config: &str, credentials: &str) -> Profiles {
    let mut profiles = Profiles::default();
    profiles.add(config, Kind::Config);
    profiles.add(credentials, Kind::Credentials);
    profiles
}

#[test]
fn profiles_are_read_as_aws_libraries_read_them() {
    let config = "\u{feff}# comment\n[default]\r\nregion = eu-west-1\r\n\n[profile  team a ]\n\
                  region=us-east-1 # the team's\nOUTPUT = json\n[profile \"two words\"]\nregion = x\n\
                  [sso-session a]\nregion = no\n[broken\nregion = no\n[profile]\nregion = no\n";
    let credentials = "[default]\naws_access_key_id = AKID#1\naws_secret_access_key = a;b ; note\n\
                       [default]\nregion = later\n; x\n[profile b]\nregion = own\n";
    let profiles = of(config, credentials);
    for (profile, name, value) in [
        ("default", "region", Some("later")),
        ("default", "aws_access_key_id", Some("AKID#1")),
        ("default", "aws_secret_access_key", Some("a;b")),
        ("team a", "region", Some("us-east-1")),
        ("team a", "output", Some("json")),
        ("two words", "region", Some("x")),
        ("profile b", "region", Some("own")),
        ("b", "region", None),
        ("a", "region", None),
        ("broken", "region", None),
    ] {
        assert_eq!(profiles.get(profile, name), value, "{profile} {name}");
    }
}

#[test]
fn settings_of_several_lines_are_passed_over() {
    let config = "[default]\ns3 =\n  region = inner\n\tx = y\nregion = outer\n";
    assert_eq!(of(config, "").get("default", "region"), Some("outer"));
}

fn problem(config: &str) -> String {
    let way = of(config, "").way("a");
    way.err()
        .map_or_else(String::new, |error| error.to_string())
}

#[test]
fn a_profile_that_leads_nowhere_is_told() {
    let role = "[profile a]\nrole_arn = r\n";
    for (text, words) in [
        (role.to_owned(), "nothing to assume the role with"),
        (
            format!("{role}mfa_serial = m\nsource_profile = b\n"),
            "second factor",
        ),
        (format!("{role}source_profile = b\n"), "no profile `b`"),
        (
            format!("{role}source_profile = b\n[profile b]\nregion = x\n"),
            "has no keys",
        ),
        (format!("{role}source_profile = a\n"), "in a circle"),
        (
            format!("{role}source_profile = b\n[profile b]\nrole_arn = s\nsource_profile = a\n"),
            "in a circle",
        ),
        (
            format!("{role}source_profile = b\ncredential_source = Environment\n"),
            "take one of them out",
        ),
        (
            format!("{role}credential_source = Elsewhere\n"),
            "is none of Environment",
        ),
        (
            "[profile a]\naws_access_key_id = A\n".to_owned(),
            "without a secret access key",
        ),
        (
            "[profile a]\naws_access_key_id = A\naws_secret_access_key = canary x\n".to_owned(),
            "secret access key is none",
        ),
        (
            "[profile a]\ncredential_process = /bin/x\n".to_owned(),
            "from a program",
        ),
        (
            "[profile a]\nsso_session = x\n".to_owned(),
            "a person's login",
        ),
    ] {
        let told = problem(&text);
        assert!(told.contains(words), "{text}: {told}");
        assert!(!told.contains("canary"), "{told}");
    }
    let long = (0..20).map(|n| {
        let next = n + 1;
        format!("[profile {n}]\nrole_arn = r\nsource_profile = {next}\n")
    });
    let long = format!(
        "{role}source_profile = 0\n{}[profile 20]\n",
        long.collect::<String>()
    );
    assert!(problem(&long).contains("too many others"));
}

/// segmentio/aws-okta#193: a profile that names itself as the source of its keys was called a circle.
#[test]
fn a_profile_with_keys_may_name_itself() {
    let config = "[profile a]\nrole_arn = r\nsource_profile = a\naws_access_key_id = A\n\
                  aws_secret_access_key = b\n";
    let way = of(config, "").way("a").unwrap().unwrap();
    assert!(matches!(way.start, Start::Keys(_)));
    assert_eq!(way.roles, [Role::new("r", None)]);
}

/// aws/aws-sdk-go-v2#1204: names of profiles were made small, so `source_profile=A` was not found.
/// aws/aws-sdk-php#2519: only `source_profile = profile source` found `[profile source]`.
/// marceloboeira/awsudo#16: `[user1]` was looked for where AWS's tools write `[profile user1]`.
#[test]
fn names_are_kept_and_their_prefix_belongs_to_the_file() {
    let config = "[default]\nrole_arn = foo\nsource_profile = A\n[profile A]\nrole_arn = aaa\n\
                  source_profile = B\n[user1]\nregion = x\n";
    let credentials = "[A]\naws_access_key_id=AKEY\naws_secret_access_key=a\n[a]\nx = y\n\
                       [B]\naws_access_key_id=BKEY\naws_secret_access_key=b\n";
    let way = of(config, credentials).way("default").unwrap().unwrap();
    // A has keys, so its role is not assumed on the way.
    assert_eq!(way.roles, [Role::new("foo", None)]);
    let way = of(config, credentials).way("A").unwrap().unwrap();
    assert_eq!(way.roles, [Role::new("aaa", None)]);
    assert!(!of(config, credentials).has("user1"));
}

/// boto/botocore#2311: a profile that nobody asked for, and that leads nowhere, broke every other.
#[test]
fn a_broken_profile_breaks_no_other() {
    let config = "[profile bar]\nsource_profile = none\nrole_arn = r\n[profile foo]\nregion = x\n";
    assert!(of(config, "").way("foo").unwrap().is_none());
    assert!(of(config, "").way("bar").is_err());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[\\[\\]a-z=#; \t\n\"é]{0,80}") {
        for kind in [Kind::Config, Kind::Credentials] {
            let mut profiles = Profiles::default();
            profiles.add(&text, kind);
            for name in ["default", "a"] {
                let _ = profiles.way(name);
            }
        }
    }
}
