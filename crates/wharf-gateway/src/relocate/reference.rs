//! Where a reference of a vendor leads a client.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};

use percent_encoding::percent_decode_str;
use url::{Host, Url};
use wharf_net::machine;
use wharf_plan::CompiledPlacement;

use super::Secrets;
use crate::path::leads_out;

/// So many bytes may the references of one answer be, with the URL that each is resolved against
/// and what each becomes. Two bytes of a vendor can become as many as a URL may have.
const MOST_BYTES: usize = 1 << 20;

/// The vendor's side and ours, between which references are mapped.
pub(crate) struct Places {
    /// What the vendor was asked, without our credential.
    request: Url,
    /// Its length, once a link has percent-encoded some of it.
    request_bytes: usize,
    /// Of the base URL, normalised, without a slash at its end.
    base_path: String,
    /// Where the caller reaches the integration; `None` when it named no host.
    local: Option<Url>,
    /// The address of ours that the caller came to, whatever name it has for it.
    here: Option<SocketAddr>,
    /// What is left of [`MOST_BYTES`].
    left_bytes: Cell<usize>,
}

/// What a path of the vendor is to a client of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Below the base URL; the path as the client asks for it.
    Below(String),
    /// Above the base URL, which thus lies below it.
    Above,
    /// Neither.
    Beside,
}

impl Places {
    /// `request` is the URL the vendor was asked, without our credential, and `base` the URL all
    /// requests of its environment start with. `local` is the URL that stands for `base` to the
    /// caller: `http://HOST/ID` or `http://HOST/ID@ENVIRONMENT`.
    pub(crate) fn new(request: &str, base: &str, local: Option<&str>) -> Option<Self> {
        let base = Url::parse(base).ok()?;
        let request = Url::parse(request).ok()?;
        let text = request.as_str();
        let encoded = text.bytes().filter(|byte| matches!(byte, b';' | b','));
        Some(Self {
            request_bytes: text.len() + 2 * encoded.count(),
            request,
            base_path: base.path().trim_end_matches('/').to_owned(),
            local: local.and_then(|local| Url::parse(local).ok()),
            here: None,
            left_bytes: Cell::new(MOST_BYTES),
        })
    }

    /// The same, for a caller that came to this address of ours.
    pub(crate) fn reached_at(self, here: Option<SocketAddr>) -> Self {
        Self { here, ..self }
    }

    /// Takes what a reference costs from what all of them may; false once that is spent.
    pub(super) fn affords(&self, bytes: usize) -> bool {
        let left = self.left_bytes.get().checked_sub(bytes);
        self.left_bytes.set(left.unwrap_or_default());
        left.is_some()
    }

    /// The caller reaches us by TLS.
    pub(super) fn is_local_secure(&self) -> bool {
        self.local
            .as_ref()
            .is_some_and(|local| local.scheme() == "https")
    }

    /// The path that was asked of the vendor.
    pub(super) fn request_path(&self) -> &str {
        self.request.path()
    }

    /// The path of the whole integration, as the client asks for it.
    pub(super) fn local_path(&self) -> Option<&str> {
        self.local.as_ref().map(Url::path)
    }

    /// What a path of the vendor is to a client.
    pub(super) fn place(&self, path: &str) -> Place {
        let local = self.local_path().unwrap_or_default();
        if let Some(rest) = path
            .strip_prefix(self.base_path.as_str())
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        {
            return Place::Below(format!("{local}{rest}"));
        }
        let above = path.trim_end_matches('/');
        let is_above = self
            .base_path
            .strip_prefix(above)
            .is_some_and(|rest| rest.starts_with('/'));
        if is_above {
            Place::Above
        } else {
            Place::Beside
        }
    }

    /// The absolute URL that a client is to take for a reference; `None` when it must not get
    /// one.
    ///
    /// References are read as clients read them (WHATWG URL): blanks around and line ends within
    /// do not count, `\` is a slash, `%2e` is a dot. The answer is always absolute and
    /// normalised, so that no other reading of it leads elsewhere.
    pub(crate) fn lead(&self, reference: &str, secrets: &Secrets<'_>) -> Option<String> {
        // At most the URL it is resolved against, of which a link encodes some more, and each
        // byte of its own percent-encoded.
        if !self.affords(self.request_bytes + 3 * reference.len()) {
            return None;
        }
        let mut url = self.request.join(reference).ok()?;
        if url.host().is_none() {
            // Mail, an application's own scheme: it leads away from us.
            return Some(String::from(url)).filter(|url| !secrets.stand_in(url.as_bytes()));
        }
        let is_vendors = same_origin(&url, &self.request);
        if is_vendors {
            // It was sent to no one but the vendor, which needs no name in its own answer.
            let _ = (url.set_username(""), url.set_password(None));
            if let (Some(local), Place::Below(path)) = (&self.local, self.place(url.path())) {
                let mut mapped = local.clone();
                mapped.set_path(&path);
                mapped.set_query(url.query());
                mapped.set_fragment(url.fragment());
                url = mapped;
            }
        }
        let is_ours = self.local.as_ref().is_some_and(|local| at_us(&url, local))
            || self.here.is_some_and(|here| at(&url, here))
            || (!is_vendors && may_be_us_by_name(&url, self.ports()));
        if is_ours && !self.is_own(&url) {
            return None;
        }
        remove_credentials(&mut url, is_vendors || is_ours, secrets);
        Some(String::from(url)).filter(|url| !secrets.stand_in(url.as_bytes()))
    }

    /// Those at which we are reached: by what the caller says, and by where it came to.
    fn ports(&self) -> [Option<u16>; 2] {
        let local = self.local.as_ref().and_then(Url::port_or_known_default);
        [local, self.here.map(|here| here.port())]
    }

    /// Whether a URL of ours lies below this very integration, in every reading of its path.
    fn is_own(&self, url: &Url) -> bool {
        let below = self
            .local_path()
            .and_then(|local| url.path().strip_prefix(local));
        below.is_some_and(|rest| (rest.is_empty() || rest.starts_with('/')) && !leads_out(rest))
    }
}

fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.port_or_known_default() == b.port_or_known_default()
        && same_host(a, b)
}

fn same_host(a: &Url, b: &Url) -> bool {
    let host = host_of(a);
    host.is_some() && host == host_of(b)
}

/// The host, read as that of an HTTP URL: in other schemes an address is just text. A name with a
/// dot at its end is the same name.
fn host_of(url: &Url) -> Option<Host> {
    Host::parse(url.host_str()?.trim_end_matches('.')).ok()
}

/// Whether a client that follows `url` may come to us, whatever it takes the scheme for. Seen from
/// the outside, where a proxy may stand before us, all names of this machine are one.
fn at_us(url: &Url, local: &Url) -> bool {
    let ports = (url.port_or_known_default(), local.port_or_known_default());
    let same_port = ports.0 == ports.1 || (is_usual(ports.0) && is_usual(ports.1));
    same_port && (same_host(url, local) || (is_this_machine(url) && is_this_machine(local)))
}

/// Whether a client that follows `url` comes to this address: a caller may know us by another
/// name, or by none. Loopback is asked for on the machine itself only, where it is us as well.
fn at(url: &Url, here: SocketAddr) -> bool {
    let ip = match host_of(url) {
        Some(Host::Ipv4(ip)) => Some(IpAddr::from(ip)),
        Some(Host::Ipv6(ip)) => Some(ip.to_canonical()),
        Some(Host::Domain(_)) | None => None,
    };
    let is_here = |ip: IpAddr| ip == here.ip().to_canonical() || machine::has_address(ip);
    url.port_or_known_default() == Some(here.port())
        && (is_this_machine(url) || ip.is_some_and(is_here))
}

/// Whether a URL has a name and a port of ours that is none of the usual ones. Anybody may let a
/// name lead to this machine, and no table has them all; that another server has the same unusual
/// port is far less likely.
fn may_be_us_by_name(url: &Url, ports: [Option<u16>; 2]) -> bool {
    let port = url.port_or_known_default();
    !is_usual(port) && ports.contains(&port) && matches!(host_of(url), Some(Host::Domain(_)))
}

const fn is_usual(port: Option<u16>) -> bool {
    matches!(port, Some(80 | 443) | None)
}

fn is_this_machine(url: &Url) -> bool {
    match host_of(url) {
        Some(Host::Domain(name)) => machine::has_name(&name),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4_mapped();
            address.is_loopback()
                || address.is_unspecified()
                || mapped.is_some_and(|v4| v4.is_loopback() || v4.is_unspecified())
        }
        None => false,
    }
}

/// Takes the parameters out that hold our credential. `by_name`: also those that only have its
/// name, which elsewhere may be a parameter of another's.
fn remove_credentials(url: &mut Url, by_name: bool, secrets: &Secrets<'_>) {
    let is_credential = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = percent_decode_str(name).decode_utf8_lossy();
        (by_name && secrets.is_parameter(&name))
            || secrets.are(value.as_bytes())
            || secrets.stand_in(parameter.as_bytes())
    };
    let query = url.query().map(|query| without(query, is_credential));
    url.set_query(query.as_deref().filter(|query| !query.is_empty()));
    let fragment = url
        .fragment()
        .map(|fragment| without(fragment, is_credential));
    url.set_fragment(fragment.as_deref().filter(|fragment| !fragment.is_empty()));
}

/// A list of parameters, split at `&` and `;`, without some; the others stay as they are.
fn without(text: &str, is_out: impl Fn(&str) -> bool) -> String {
    let mut left = String::with_capacity(text.len());
    for piece in text.split_inclusive(['&', ';']) {
        if !is_out(piece.trim_end_matches(['&', ';'])) {
            left.push_str(piece);
        }
    }
    if !text.ends_with(['&', ';']) {
        left.truncate(left.trim_end_matches(['&', ';']).len());
    }
    left
}

/// The names of the parameters that hold a credential.
pub(super) fn parameter_names(placements: &[CompiledPlacement]) -> impl Iterator<Item = &str> {
    placements.iter().filter_map(|placement| match placement {
        CompiledPlacement::Query { name, .. } => Some(name.as_str()),
        CompiledPlacement::Header { .. } | CompiledPlacement::Basic { .. } => None,
    })
}
