//! Addresses to listen on: how they are written, and what it means when one is open to others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wharf_workspace::settings::{FILE_NAME, is_one_place};

/// Reads an option's address. A port alone, and `localhost`, mean loopback; a mistake is answered
/// with an address that is right.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text
        .strip_prefix("localhost:")
        .or_else(|| text.strip_prefix(':'));
    if let Ok(port) = port.unwrap_or(text).parse() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        let port = text.rsplit(':').next().unwrap_or(text);
        let port = port.parse::<u16>().unwrap_or(7070);
        let examples = match bare.parse() {
            // A port that is there could as well be a part of the address.
            Ok(IpAddr::V6(ip)) => format!("[{ip}]:7070"),
            Ok(IpAddr::V4(ip)) => format!("{ip}:7070"),
            Err(_) => format!("127.0.0.1:{port} or [::1]:{port}"),
        };
        format!(
            "give an IP address and a port, such as {examples}, or a port of 127.0.0.1 alone; ports \
             are numbers from 0 to 65535, and 0 is any that is free"
        )
    })
}

/// An address that a client on this machine can connect to. `0.0.0.0` and `[::]` are places to
/// listen and no destination.
pub(crate) fn usable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Refuses one address for both planes, before the system does in words that name neither.
pub(crate) fn ensure_two(data: SocketAddr, control: SocketAddr) -> anyhow::Result<()> {
    anyhow::ensure!(
        !is_one_place(data, control),
        "the data plane and the control plane cannot both listen on {control}; choose another port \
         for one of them: --listen, --control, or `[listen]` in {FILE_NAME}"
    );
    Ok(())
}

/// Refuses an address for webhooks that one of the planes has. Nothing listens there yet, so the
/// system would not say so.
///
/// It is no mistake that others can reach it: vendors have to, and every webhook is verified.
pub(crate) fn ensure_apart(
    webhooks: Option<SocketAddr>,
    data: SocketAddr,
    control: SocketAddr,
) -> anyhow::Result<()> {
    let planes = [("data plane", data), ("control plane", control)];
    for (plane, address) in planes {
        if let Some(webhooks) = webhooks.filter(|webhooks| is_one_place(*webhooks, address)) {
            anyhow::bail!(
                "webhooks need another address; see `[listen] webhooks` in {FILE_NAME}: cannot \
                 listen on {webhooks}: the {plane} listens on {address}; choose another port"
            );
        }
    }
    Ok(())
}

/// Says what it means that others than this machine can connect.
pub(crate) fn warn_about_open_ones(data: SocketAddr, control: SocketAddr) {
    for warning in open_ones(data, control) {
        tracing::warn!("{warning}");
    }
}

fn open_ones(data: SocketAddr, control: SocketAddr) -> Vec<String> {
    let mut warnings = Vec::new();
    if !data.ip().is_loopback() {
        warnings.push(format!(
            "the data plane listens on {data}, which other machines may reach: callers' tokens travel \
             there in clear text. Put a server that speaks TLS in front of it, or listen on 127.0.0.1"
        ));
    }
    if !control.ip().is_loopback() {
        warnings.push(format!(
            "the control plane listens on {control}, which other machines may reach: /metrics names \
             callers and /readyz names credential files to whoever asks. Listen on 127.0.0.1, or let \
             a firewall decide who may connect"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::{address, ensure_apart, ensure_two, open_ones, usable};

    #[test]
    fn the_planes_have_two_addresses() {
        for (data, control, is_fine) in [
            ("127.0.0.1:7171", "127.0.0.1:7171", false),
            ("0.0.0.0:7171", "127.0.0.1:7171", false),
            ("127.0.0.1:7171", "127.0.0.1:7172", true),
            ("127.0.0.1:0", "127.0.0.1:0", true),
            ("127.0.0.1:7171", "[::1]:7171", true),
        ] {
            let told = ensure_two(data.parse().unwrap(), control.parse().unwrap());
            assert_eq!(told.is_ok(), is_fine, "{data} {control}: {told:?}");
            if let Err(error) = told {
                assert!(error.to_string().contains("--control"), "{error}");
            }
        }
    }

    #[test]
    fn a_mistake_is_answered_with_an_address_that_is_right() {
        for (text, example) in [
            ("99999", "127.0.0.1:7070"),
            ("otherhost:8081", "127.0.0.1:8081"),
            ("nowhere", "127.0.0.1:7070"),
            ("::1", "[::1]:7070"),
            ("[::1]", "[::1]:7070"),
            ("::", "[::]:7070"),
            ("0.0.0.0", "0.0.0.0:7070"),
            ("-1", "from 0 to 65535"),
        ] {
            let message = address(text).unwrap_err();
            assert!(message.contains(example), "{message}");
        }
        assert!(address("[::1]:0").is_ok());
    }

    #[test]
    fn a_port_alone_and_localhost_are_loopback() {
        for text in ["8080", ":8080", "localhost:8080", "127.0.0.1:8080"] {
            assert_eq!(
                address(text).unwrap().to_string(),
                "127.0.0.1:8080",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_listened_on_everywhere_is_called_on_loopback() {
        for (listened, called) in [
            ("0.0.0.0:7070", "127.0.0.1:7070"),
            ("[::]:7070", "[::1]:7070"),
            ("192.0.2.1:7070", "192.0.2.1:7070"),
        ] {
            assert_eq!(usable(listened.parse().unwrap()).to_string(), called);
        }
    }

    #[test]
    fn an_open_address_is_told_with_what_it_means() {
        let [local, local6, open, open6] = ["127.0.0.1:1", "[::1]:1", "0.0.0.0:1", "[::]:1"]
            .map(|address| address.parse().unwrap());
        assert!(open_ones(local, local6).is_empty());
        let warnings = open_ones(open, local);
        assert!(
            matches!(&*warnings, [one] if one.contains("tokens travel")),
            "{warnings:?}"
        );
        let warnings = open_ones(local6, open6);
        assert!(
            matches!(&*warnings, [one] if one.contains("/readyz")),
            "{warnings:?}"
        );
        assert_eq!(open_ones(open, open6).len(), 2);
    }

    #[test]
    fn an_address_for_webhooks_is_one_that_no_plane_has() {
        let apart = |webhooks: &str, data: &str, control: &str| {
            let [webhooks, data, control] =
                [webhooks, data, control].map(|address| address.parse().unwrap());
            ensure_apart(Some(webhooks), data, control)
        };
        for (webhooks, data, control, plane) in [
            ("127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:2", "data plane"),
            ("127.0.0.1:2", "127.0.0.1:1", "127.0.0.1:2", "control plane"),
            ("0.0.0.0:1", "127.0.0.1:1", "127.0.0.1:2", "data plane"),
            ("127.0.0.1:1", "[::]:1", "127.0.0.1:2", "data plane"),
            ("[::]:2", "127.0.0.1:1", "[::1]:2", "control plane"),
            (
                "[::ffff:127.0.0.1]:1",
                "127.0.0.1:1",
                "[::1]:2",
                "data plane",
            ),
        ] {
            let said = apart(webhooks, data, control).unwrap_err().to_string();
            for words in [plane, webhooks, "[listen] webhooks", "choose another port"] {
                assert!(said.contains(words), "{words}: {said}");
            }
        }
        for webhooks in [
            "127.0.0.1:3",
            "0.0.0.0:3",
            "127.0.0.1:0",
            "[::1]:1",
            "127.0.0.2:1",
        ] {
            assert!(
                apart(webhooks, "127.0.0.1:1", "127.0.0.1:2").is_ok(),
                "{webhooks}"
            );
        }
        // An open one is what vendors need, and warned of by nobody.
        assert!(ensure_apart(None, "[::]:1".parse().unwrap(), "[::]:2".parse().unwrap()).is_ok());
    }
}
