//! Debian's nginx, twice: as the vendor that answers 1 KiB, and as the peer with a bare `proxy_pass`.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

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

/// How the vendor is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Speaks {
    /// HTTP/1.1 without TLS
    Http1,
    /// HTTP/1.1 over TLS
    TlsHttp1,
    /// HTTP/2 over TLS for wharf; nginx's proxy speaks HTTP/1.1 only
    TlsHttp2,
}

/// The vendor, and where it is reached.
pub(super) struct Vendor {
    /// Stopped when it is dropped.
    _process: Process,
    speaks: Speaks,
    /// Over HTTP/1.1.
    address: SocketAddr,
    /// Over what wharf is to speak; the same but for HTTP/2.
    for_wharf: SocketAddr,
    /// What is to be trusted.
    pub(super) certificate: PathBuf,
}

impl Vendor {
    const fn scheme(&self) -> &'static str {
        match self.speaks {
            Speaks::Http1 => "http",
            Speaks::TlsHttp1 | Speaks::TlsHttp2 => "https",
        }
    }

    /// Where the load goes without a proxy.
    pub(super) fn url(&self) -> String {
        format!("{}://{}/{PATH}", self.scheme(), self.address)
    }

    /// What wharf's document says.
    pub(super) fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme(), self.for_wharf)
    }
}

/// The vendor: one worker, one body from memory, no logs.
pub(super) fn vendor(folder: &Path, speaks: Speaks) -> Result<Vendor> {
    let body = "x".repeat(BODY_BYTES);
    let for_wharf = free_address()?;
    let certificate = folder.join("vendor.pem");
    let key = folder.join("vendor-key.pem");
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1", "localhost"].map(str::to_owned))?;
    std::fs::write(&certificate, issued.cert.pem())?;
    std::fs::write(&key, issued.signing_key.serialize_pem())?;
    let tls = format!(
        "ssl_certificate {}; ssl_certificate_key {};",
        certificate.display(),
        key.display()
    );
    let nginx = start(folder, "vendor", "1", |address| {
        let listen = match speaks {
            Speaks::Http1 => format!("listen {address} backlog=4096;"),
            Speaks::TlsHttp1 => format!("listen {address} ssl backlog=4096; {tls}"),
            Speaks::TlsHttp2 => format!(
                "listen {address} ssl backlog=4096; listen {for_wharf} ssl http2 backlog=4096; {tls}"
            ),
        };
        format!(
            "server {{ {listen} default_type application/json; \
             location / {{ return 200 \"{body}\"; }} }}"
        )
    })?;
    Ok(Vendor {
        for_wharf: match speaks {
            Speaks::TlsHttp2 => for_wharf,
            Speaks::Http1 | Speaks::TlsHttp1 => nginx.address,
        },
        address: nginx.address,
        _process: nginx.process,
        speaks,
        certificate,
    })
}

/// The peer: it keeps connections on both sides and sets one header, as a gateway would the credential.
///
/// `Connection` must be cleared as well, or nginx closes every connection to the vendor.
pub(super) fn proxy(folder: &Path, workers: &str, vendor: &Vendor) -> Result<Nginx> {
    let (scheme, at) = (vendor.scheme(), vendor.address);
    // As strict as wharf, which asks for a certificate that it trusts. nginx compares names only.
    let trust = match vendor.speaks {
        Speaks::Http1 => String::new(),
        Speaks::TlsHttp1 | Speaks::TlsHttp2 => format!(
            "proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_trusted_certificate {};",
            vendor.certificate.display()
        ),
    };
    start(folder, &format!("proxy-{workers}"), workers, |address| {
        format!(
            "upstream vendor {{ server {at}; keepalive 1024; keepalive_requests 1000000000; }}\n\
             server {{ listen {address} backlog=4096; location / {{ proxy_pass {scheme}://vendor; {trust} \
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
