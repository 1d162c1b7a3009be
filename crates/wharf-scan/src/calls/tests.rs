//! Arguments without names.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn the_drawn_argument_of_a_client_is_its_secret() {
    let (hex, mixed) = (drawn(HEX, 32), drawn(BASE62, 32));
    for (call, value) in [
        ("Client(\"ACx\", \"@\")  # sid, auth token of Twilio", &hex),
        (
            "new AccessToken('ACx', 'ACx', '@', { identity: 'a' })",
            &mixed,
        ),
        (
            "new ClientSecretCredential(tenant, \"08973ca4-a28f-477f-8a81-17c03ae12154\",\n  \"@\");",
            &mixed,
        ),
        ("createClient('https://a.example', '@')", &mixed),
    ] {
        let sid = ["AC", &hex].concat();
        let text = call.replace("ACx", &sid).replace('@', value);
        let values: Vec<_> = found(&text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [value.as_str()], "{text}");
    }
    let kind = found(&format!("twilio = Client(\"x\", \"{hex}\")"))[0].0;
    assert_eq!(kind, Kind::Twilio);
    is_not_found("Client(\"https://a.example/v2\", region=\"eu-west-1\", timeout=30)");
    is_not_found("Client(account_sid, auth_token)");
    is_not_found("createClient('https://a.example', 'your-anon-key-0123')");
}
