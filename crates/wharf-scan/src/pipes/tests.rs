//! Values that a shell writes into a command.

use super::super::Kind;
use super::super::samples::{base64, found, is_not_found};

const VALUE: &str = "Kestrel4!dune";

#[test]
fn the_command_behind_the_pipe_tells_what_the_value_is() {
    for line in [
        "echo '@' | docker login registry.example.org -u ci --password-stdin",
        "printf '%s' '@' | gh secret set API_TOKEN",
        "echo -n \"@\" | sudo -S systemctl restart app",
        "echo reports:@ | chpasswd",
        "docker login -u ci --password-stdin <<< '@'",
    ] {
        let text = format!("```sh\n{}\n```", line.replace('@', VALUE));
        assert_eq!(found(&text), [(Kind::Password, VALUE)], "{text}");
    }
}

#[test]
fn a_text_that_is_decoded_is_a_secret_beside_words_of_one() {
    let value = base64(VALUE.as_bytes());
    let text = format!("`echo {value} | base64 -d` (smtp password)");
    assert_eq!(found(&text), [(Kind::Password, value.as_str())]);
    is_not_found(&format!("`echo {value} | base64 -d` prints the greeting"));
    is_not_found(&format!(
        "echo {} | base64 --decode # the password",
        base64(b"\x00\xFFab\x01cd")
    ));
}

#[test]
fn other_pipes_are_left_alone() {
    for text in [
        "echo Kestrel4!dune | wc -c",
        "echo \"$PASSWORD\" | docker login --password-stdin",
        "echo <password> | docker login --password-stdin",
        "echo password | docker login --password-stdin",
        "echo Kestrel4!dune\ndocker login --password-stdin",
    ] {
        is_not_found(text);
    }
}
