//! Cookies in headers, logs and code.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn a_session_is_found_wherever_cookies_stand() {
    let small = drawn("abcdefghijkmnopqrstuvwxyz0123456789", 32);
    for line in [
        "Cookie: sessionid=@",
        "Cookie: theme=dark; sessionid=@; lang=en",
        "> Set-Cookie: sid=@; Path=/; HttpOnly",
        "curl -b 'sid=@' https://a.example/",
        "curl --cookie sid=@ https://a.example/",
        "curl -H 'Cookie: sessionid=@; theme=dark' https://a.example/",
        "GET / 200 cookie=\"JSESSIONID=@\" rt=0.07",
        "https://a.example/cart;jsessionid=@?x=1",
        "cookies={\"session\": \"@\"}",
        "cookies = {\n    'theme': 'dark',\n    'session': '@',\n}",
        "res.cookies.set(\"auth_session\", \"@\")",
        "res.cookie('sid', '@')",
        "document.cookie = \"access_token=@\"",
        "addCookie({ name: 'sid', value: '@' })",
        "$client->withCookie(['laravel_session' => '@'])",
        "| Cookie | sessionid=@ |",
        "PHPSESSID=@",
        "The job logs in with the cookie li_at=@",
        "Cookie of the admin: `session=@`",
        "Cookie: __Secure-1PSID=@",
    ] {
        let text = line.replace('@', &small);
        let value = small.as_str();
        assert_eq!(found(&text), [(Kind::SessionCookie, value)], "{text}");
    }
}

#[test]
fn every_session_of_a_line_is_found() {
    let (one, two) = (drawn(BASE62, 32), drawn(HEX, 32));
    let text = format!("Cookie: sid={one}; theme=dark; remember_web={two}");
    let all = [
        (Kind::SessionCookie, one.as_str()),
        (Kind::SessionCookie, two.as_str()),
    ];
    assert_eq!(found(&text), all);
}

#[test]
fn settings_and_placeholders_are_no_sessions() {
    let hex = drawn(HEX, 32);
    for line in [
        "Cookie: theme=dark-mode-2024-high-contrast; lang=en",
        "Cookie: _ga=GA1.2.1043897231.1699999999; visitor=@",
        "Cookie: csrftoken=@",
        "Cookie: sidebar=@",
        "Cookie: sessionid=<session>",
        "Cookie: sessionid=${SESSION_ID_OF_STAGING_2}",
        "Cookie: sessionid=xxxxxxxxxxxxxxxxxxxxxxxx",
        "Set-Cookie: sessionid=deleted; Max-Age=0",
        "Set-Cookie: session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "The cookie of the session is renewed by SessionRenewalHandlerV2.",
        "cookie_consent: accepted-2024-01-02",
    ] {
        is_not_found(&line.replace('@', &hex));
    }
}

#[test]
fn what_was_searched_before_is_read_behind_its_own_start() {
    let value = drawn(BASE62, 32);
    for lead in ["cookie the `", "cookie: a b c ", "cookie: ", "cookie: 'a' "] {
        // The stretch behind the first start ends before, in and behind the name, or in its signs.
        for length in super::MOST_LINE - 16..super::MOST_LINE + 8 {
            let gap = "x ".repeat(length / 2) + &"x".repeat(length % 2);
            let text = format!("{lead}{gap} cookie was `sid={value}`");
            let all = [(Kind::SessionCookie, value.as_str())];
            assert_eq!(found(&text), all, "{lead} {length}");
        }
    }
}
