//! Debian's nginx, twice: as the vendor that answers 1 KiB, and as the peer with a bare `proxy_pass`.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;

use anyhow::{Context, Result};

use super::process::{Process, with_open_files};

/// The length of the vendor's answer.
pub(super) const BODY_BYTES: usize = 1_024;

/// The path that every request asks for.
pub(super) const PATH: &str = "v1/items";

/// A running nginx and its address.
pub(super) struct Nginx {
    pub(super) process: Process,
    pub(super) address: SocketAddr,
}

/// The vendor: one worker, one body from memory, no logs.
pub(super) fn vendor(folder: &Path) -> Result<Nginx> {
    let body = "x".repeat(BODY_BYTES);
    start(folder, "vendor", "1", |address| {
        format!(
            "server {{ listen {address} backlog=4096; default_type application/json; \
             location / {{ return 200 \"{body}\"; }} }}"
        )
    })
}

/// The peer: it keeps connections on both sides and sets one header, as a gateway would the credential.
///
/// `Connection` must be cleared as well, or nginx closes every connection to the vendor.
pub(super) fn proxy(folder: &Path, workers: &str, vendor: SocketAddr) -> Result<Nginx> {
    start(folder, &format!("proxy-{workers}"), workers, |address| {
        format!(
            "upstream vendor {{ server {vendor}; keepalive 1024; keepalive_requests 1000000000; }}\n\
             server {{ listen {address} backlog=4096; location / {{ proxy_pass http://vendor; \
             proxy_http_version 1.1; proxy_set_header Connection \"\"; \
             proxy_set_header Authorization \"Bearer the-real-credential\"; }} }}"
        )
    })
}

fn start(
    folder: &Path,
    name: &str,
    workers: &str,
    servers: impl Fn(SocketAddr) -> String,
) -> Result<Nginx> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    let address = free_address()?;
    let configuration = folder.join("nginx.conf");
    fs::write(
        &configuration,
        configure(&folder, workers, &servers(address)),
    )?;
    let configuration = configuration.to_string_lossy();
    let prefix = folder.to_string_lossy();
    let mut command = with_open_files(
        Path::new("nginx"),
        &[
            "-p",
            &prefix,
            "-c",
            &configuration,
            "-e",
            "stderr",
            "-g",
            "daemon off;",
        ],
    );
    let log = folder.join("log");
    let mut process = Process::start(&mut command, &log)?;
    process
        .wait_until("nginx", || TcpStream::connect(address).is_ok())
        .with_context(|| format!("see {}", log.display()))?;
    Ok(Nginx { process, address })
}

fn configure(folder: &Path, workers: &str, servers: &str) -> String {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", folder.join(kind).display()))
        .concat();
    format!(
        "pid {};\nworker_processes {workers};\nworker_rlimit_nofile 65535;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\naccess_log off;\nkeepalive_requests 1000000000;\n{temporary}{servers}\n}}\n",
        folder.join("pid").display()
    )
}

/// An address on loopback that nothing listens on now. nginx cannot choose a port itself.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free on loopback")?;
    Ok(listener.local_addr()?)
}
