//! Which mount a path lies in, and what is mounted there.

use serde::Deserialize;
use tokio::time::Instant;

use super::error::VaultError;
use super::path::{below, encoded};
use super::session::Pass;
use super::wire::{Envelope, Repeat, Request, Wire};

/// Kinds of mounts that are always there and hold no secrets of documents. A path that begins with
/// such a name lies below the mount of the settings.
const BUILT_IN: [&str; 4] = ["system", "identity", "token", "cubbyhole"];

/// What is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// Keys and values, without versions.
    Kv1,
    /// Keys and values, with versions.
    Kv2,
    /// Something that may make a secret when it is read.
    Other,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Without slashes around it.
    pub(super) mount: String,
    /// Below the mount.
    pub(super) rest: String,
    pub(super) engine: Engine,
}

#[derive(Deserialize)]
struct Mount {
    path: String,
    #[serde(rename = "type")]
    kind: String,
    options: Option<Options>,
}

#[derive(Deserialize)]
struct Options {
    version: Option<String>,
}

/// Asks where a path leads: whether it begins with a mount, else whether it is below `mount`.
/// `None`: the server tells neither, since there is no such mount or the login may not know.
pub(super) async fn find(
    wire: &Wire,
    pass: &Pass,
    path: &str,
    mount: &str,
    deadline: Instant,
) -> Result<Option<Route>, VaultError> {
    if let Some(route) = ask(wire, pass, path, deadline).await? {
        return Ok(Some(route));
    }
    if below(path, mount).is_some() {
        return Ok(None);
    }
    ask(wire, pass, &format!("{mount}/{path}"), deadline).await
}

/// Where a path leads that begins with its mount.
async fn ask(
    wire: &Wire,
    pass: &Pass,
    path: &str,
    deadline: Instant,
) -> Result<Option<Route>, VaultError> {
    let question = format!("sys/internal/ui/mounts/{path}");
    let request = Request {
        method: http::Method::GET,
        path: encoded(&question),
        token: Some(&pass.token),
        body: None,
        repeat: Repeat::Always,
        at: wire.at(None, &question),
    };
    let answer = wire.send(request, deadline).await?;
    // A server that does not answer now is an error before this: it says nothing of the mount.
    if answer.status != 200 {
        return Ok(None);
    }
    let shape = "has no object `data` about a mount";
    let read: Envelope<Mount> = answer.read(shape)?;
    let found = read.data.ok_or_else(|| answer.is_not_vault(shape))?;
    let kind = found.kind.strip_prefix("ns_").unwrap_or(&found.kind);
    if BUILT_IN.contains(&kind) {
        return Ok(None);
    }
    let mount = found.path.trim_matches('/');
    let rest = below(path, mount);
    let rest =
        rest.ok_or_else(|| answer.is_not_vault("tells of another mount than was asked for"))?;
    let version = found.options.and_then(|options| options.version);
    Ok(Some(Route {
        mount: mount.to_owned(),
        rest: rest.to_owned(),
        engine: match (kind, version.as_deref()) {
            ("kv", Some("2")) => Engine::Kv2,
            ("kv" | "generic", _) => Engine::Kv1,
            _ => Engine::Other,
        },
    }))
}
