//! Hosts that are ours and hosts that are not.

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Uri, Version};

use super::check;
use crate::problem::Problem;

fn check_host(hosts: &[&str]) -> Result<(), Problem> {
    let mut headers = HeaderMap::new();
    for host in hosts {
        headers.append(HOST, HeaderValue::from_str(host).unwrap());
    }
    check(Version::HTTP_11, &Uri::from_static("/"), &headers)
}

#[test]
fn loopback_names_and_addresses_are_ours() {
    for host in [
        "localhost",
        "LocalHost:7071",
        "localhost.",
        "wharf.localhost:80",
        "127.0.0.1:7071",
        "10.1.2.3",
        "[::1]:7071",
        "[2001:db8::1]",
        "localhost:",
    ] {
        assert_eq!(check_host(&[host]), Ok(()), "{host}");
    }
}

#[test]
fn every_other_name_is_not() {
    for host in [
        "",
        "attacker.example",
        "wharf.example:443",
        "localhost.attacker.example",
        "attacker.example#.localhost",
        "attacker.example/.localhost",
        "127.0.0.1.attacker.example",
        "notlocalhost",
        "127.1",
        "::1",
        "[::1].attacker.example",
        "localhost:80:80",
        "localhost:http",
        "user@localhost",
        "[::1",
    ] {
        assert_eq!(check_host(&[host]), Err(Problem::HostNotAllowed), "{host}");
    }
}

#[test]
fn one_host_must_be_named() {
    assert_eq!(check_host(&[]), Err(Problem::HostMissing));
    assert_eq!(
        check_host(&["localhost", "localhost"]),
        Err(Problem::HostMissing)
    );
    let none = HeaderMap::new();
    let path = Uri::from_static("/");
    assert_eq!(check(Version::HTTP_10, &path, &none), Ok(()));
}

#[test]
fn the_host_of_the_target_counts_too() {
    let mut headers = HeaderMap::new();
    headers.append(HOST, HeaderValue::from_static("localhost"));
    let ours = Uri::from_static("http://127.0.0.1:7071/metrics");
    let other = Uri::from_static("http://attacker.example/metrics");
    assert_eq!(check(Version::HTTP_11, &ours, &headers), Ok(()));
    assert_eq!(
        check(Version::HTTP_11, &other, &headers),
        Err(Problem::HostNotAllowed)
    );
}
