//! Names and passwords side by side.

use super::super::Kind;
use super::super::samples::{HEX, drawn, found, is_not_found};

const VALUE: &str = "Kestrel4!dune";

#[test]
fn the_second_of_two_literals_is_a_password() {
    for line in [
        "requests.get(url, auth=('dana', '@'))",
        "HTTPBasicAuth(\"dana\", \"@\")",
        "aiohttp.BasicAuth(login=\"dana\", password=\"@\")",
        "req.SetBasicAuth(\"dana\", \"@\")",
        "req.basic_auth 'dana', '@'",
        "request.get(url).auth('dana', '@')",
        "'auth' => ['dana', '@'],",
        "smtp.login(\"dana\", \"@\")",
        "new NetworkCredential(\"dana\", @\"@\")",
    ] {
        let at = line.rfind('@').unwrap();
        let text = format!("{}{VALUE}{}", &line[..at], &line[at + 1..]);
        assert_eq!(found(&text), [(Kind::Password, VALUE)], "{text}");
    }
}

#[test]
fn a_password_follows_a_user() {
    for line in [
        "Sandbox login: dana@acme.example / @",
        "- **Login**: `dana` / `@`",
        "User: dana, @",
        "login: dana:@",
        "Username / password: dana / @",
        "账号：admin / @",
    ] {
        let at = line.rfind('@').unwrap();
        let text = format!("{}{VALUE}{}", &line[..at], &line[at + 1..]);
        assert_eq!(found(&text), [(Kind::Password, VALUE)], "{text}");
    }
}

#[test]
fn the_name_of_a_pair_may_be_the_key() {
    let key = drawn(HEX, 32);
    let text = format!("auth=('{key}', '')");
    assert_eq!(found(&text), [(Kind::Assigned, key.as_str())]);
}

#[test]
fn other_pairs_are_left_alone() {
    for text in [
        "requests.get(url, auth=('user', 'password'))",
        "auth=(USER, PASSWORD)",
        "auth=('dana', os.environ['PASSWORD2'])",
        "SetBasicAuth(\"dana\", getPassword2())",
        "login: auth/Login2Handler",
        "Login: https://acme.example/Login2024",
        "User: dana, Team2Billing",
        "{\"error\": \"invalid_token\", \"request_id\": \"jxrlkCAjq2lxsGJd\"}",
        "USERNAME=dana,GROUP=Kestrel4!dune",
        "UserName=dana, Group2Id=Kestrel4!dune",
        "users: 12 / Kestrel4!dune",
        "the user Kestrel4!dune",
    ] {
        is_not_found(text);
    }
}
