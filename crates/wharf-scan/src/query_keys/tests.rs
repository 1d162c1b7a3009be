use crate::Kind;
use crate::samples::{drawn, found, is_not_found};

const HEX: &str = "0123456789abcdef";
const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[test]
fn a_key_in_an_address_is_found_by_its_host() {
    let hex = drawn(HEX, 32);
    let code = drawn(BASE62, 54);
    for (text, value, name) in [
        (
            format!(
                "GET https://api.openweathermap.org/data/3.0/onecall?lat=54&appid={hex}&units=metric"
            ),
            &hex,
            "OpenWeather API key",
        ),
        (
            format!("`http://openweathermap.org/x?APPID={hex}`"),
            &hex,
            "OpenWeather API key",
        ),
        (
            format!(
                "https://calendar.google.com/calendar/ical/ops%40acme.example/private-{hex}/basic.ics"
            ),
            &hex,
            "address of a private calendar",
        ),
        (
            format!("https://acme-jobs.azurewebsites.net/api/sync?code={code}=="),
            &format!("{code}=="),
            "key of an Azure function",
        ),
    ] {
        assert_eq!(
            found(&text),
            [(Kind::Vendor(name), value.as_str())],
            "{text}"
        );
    }
}

#[test]
fn the_same_fields_of_other_hosts_are_left_alone() {
    let hex = drawn(HEX, 32);
    for text in [
        format!("https://pay.acme.example/?appid={hex}"),
        format!("https://acme.example/callback?code={}", drawn(BASE62, 54)),
        format!("https://git.acme.example/private-{hex}/"),
        "https://api.openweathermap.org/data/2.5/weather?q=Bonn&appid={API key}".to_owned(),
        "https://calendar.google.com/calendar/ical/a%40b.example/public/basic.ics".to_owned(),
    ] {
        is_not_found(&text);
    }
}
