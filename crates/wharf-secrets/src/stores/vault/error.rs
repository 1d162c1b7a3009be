//! Why Vault did not give a secret.

use std::fmt;

use super::path::PathProblem;
use super::settings::ProofPlace;
use crate::exchange::{ANSWER_LIMIT_BYTES, Failure};
use crate::value::ValueProblem;

/// What was asked, and where: for people. Holds no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked(Box<Parts>);

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    address: String,
    namespace: Option<String>,
    mount: Option<String>,
    path: String,
}

impl Asked {
    /// The path of the API; of a secret, below its mount.
    pub(super) fn new(
        address: &str,
        namespace: Option<&str>,
        mount: Option<&str>,
        path: &str,
    ) -> Self {
        Self(Box::new(Parts {
            address: address.to_owned(),
            namespace: namespace.map(str::to_owned),
            mount: mount.map(str::to_owned),
            path: path.to_owned(),
        }))
    }

    /// The path that a policy names.
    fn policy(&self) -> String {
        match &self.0.mount {
            Some(mount) => format!("{mount}/{}", self.0.path),
            None => self.0.path.clone(),
        }
    }

    /// Whether somebody wrote the API's own prefix into the path.
    fn has_data_twice(&self) -> bool {
        self.0.path.starts_with("data/data/")
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            address,
            namespace,
            mount,
            path,
        } = &*self.0;
        write!(f, "`{path}`")?;
        if let Some(mount) = mount {
            write!(f, " in the mount `{mount}`")?;
        }
        write!(f, " of Vault at {address}")?;
        match namespace {
            Some(namespace) => write!(f, ", namespace `{namespace}`"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({self})")
    }
}

/// Why a server that answers gives nothing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It was started and nobody has unsealed it.
    Sealed,
    /// It was never set up.
    NotInitialised,
    /// Another server of the cluster is the active one.
    Standby,
    /// It takes the place of another cluster in a disaster, and of none now.
    Recovery,
    /// More requests came than it takes.
    RateLimited,
    /// What it has is older than what was asked for.
    Behind,
    /// Something in it, or before it, failed.
    Failing,
}

impl ServerState {
    /// The state that a status tells, by Vault's own table of them.
    pub(super) const fn of(status: u16, is_sealed: bool) -> Option<Self> {
        Some(match status {
            412 => Self::Behind,
            429 => Self::RateLimited,
            472 => Self::Recovery,
            473 => Self::Standby,
            501 => Self::NotInitialised,
            503 if is_sealed => Self::Sealed,
            500.. => Self::Failing,
            _ => return None,
        })
    }

    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Sealed => ("the server is sealed", "unseal it"),
            Self::NotInitialised => (
                "the server was never initialised",
                "run `vault operator init`, or correct the address",
            ),
            Self::Standby => (
                "the server is a standby",
                "let the address lead to the active server, or to one that forwards requests",
            ),
            Self::Recovery => (
                "the server is a secondary for disaster recovery",
                "let the address lead to the primary cluster",
            ),
            Self::RateLimited => (
                "the server takes no more requests now, or is a standby",
                "raise its rate limit quota, or let the address lead to the active server",
            ),
            Self::Behind => (
                "the server has not caught up with the active one",
                "wait for replication",
            ),
            Self::Failing => (
                "the server, or what stands before it, failed",
                "look at its log",
            ),
        }
    }
}

/// Why Vault did not give a secret: where, what, and what to do. Never a value, a token or another
/// proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Nothing says where Vault is.
    #[error(
        "it is not known where Vault is; set `address` under `[secrets.vault]` in wharf.toml, or the \
         environment variable VAULT_ADDR"
    )]
    NoAddress,
    /// The address is none. It is not shown, since it may hold a password.
    #[error(
        "Vault's address in {place} cannot be used; write it like `https://vault.internal:8200`, \
         without a user, a password or a query"
    )]
    AddressUnusable {
        /// Where it stands.
        place: &'static str,
    },
    /// The namespace cannot be sent.
    #[error(
        "the namespace of Vault has characters that cannot be sent; correct `namespace` under \
         `[secrets.vault]` in wharf.toml, or the environment variable VAULT_NAMESPACE"
    )]
    NamespaceUnusable,
    /// The document's path leads to no secret.
    #[error(
        "the path `{path}` in Vault {problem}; write it like `/staging/service-name/credentials`"
    )]
    PathUnusable {
        /// The path.
        path: String,
        /// What is wrong with it.
        problem: PathProblem,
    },
    /// What Wharf proves itself with is not there.
    #[error(
        "{what} for Vault is not in {place}: {problem}; put it there, or name another way to log in \
         under `[secrets.vault]` in wharf.toml"
    )]
    ProofMissing {
        /// What it is.
        what: &'static str,
        /// Where it should be.
        place: ProofPlace,
        /// Why it could not be read, in words.
        problem: &'static str,
    },
    /// What Wharf would prove itself with cannot be sent.
    #[error("{what} for Vault in {place} {problem}; put it there alone, on one line")]
    ProofUnusable {
        /// What it is.
        what: &'static str,
        /// Where it is.
        place: ProofPlace,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// There is no answer.
    #[error(
        "no answer about {at}: {failure}; check the address, the network and the certificate, or \
         raise `timeout_seconds` under `[secrets.vault]`"
    )]
    NoAnswer {
        /// What was asked.
        at: Asked,
        /// Why.
        failure: Failure,
    },
    /// The answer is longer than any of Vault's.
    #[error(
        "the answer about {at} is longer than {ANSWER_LIMIT_BYTES} bytes, which is none of Vault's; \
         check the address"
    )]
    TooLong {
        /// What was asked.
        at: Asked,
    },
    /// The server sends somewhere else.
    #[error(
        "the answer about {at} leads to {}, and Wharf sends no token to where an answer leads; set \
         `address` to a server that answers itself (a standby that does not forward sends to the \
         active one)",
        to.as_deref().unwrap_or("another place")
    )]
    Redirected {
        /// What was asked.
        at: Asked,
        /// Scheme and host of the other place, where they can be read.
        to: Option<String>,
    },
    /// The answer is none of Vault's.
    #[error(
        "the answer about {at} (status {status}) is none of Vault's: it {what}; check that the \
         address leads to Vault and not to a proxy or a login page"
    )]
    NotVault {
        /// What was asked.
        at: Asked,
        /// The answer's status.
        status: u16,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The server cannot answer now.
    #[error(
        "no answer about {at} (status {status}): {}; {}",
        state.told().0,
        state.told().1
    )]
    Unavailable {
        /// What was asked.
        at: Asked,
        /// The answer's status.
        status: u16,
        /// Why.
        state: ServerState,
    },
    /// The login's policies do not allow it.
    #[error(
        "Vault refuses to read {at} (status 403); give the login a policy with \
         `path \"{}\" {{ capabilities = [\"read\"] }}`, or change `path` of this environment under \
         Credential Storage",
        at.policy()
    )]
    Denied {
        /// What was asked.
        at: Asked,
    },
    /// A token that somebody gave to Wharf is not accepted, and another one is not there.
    #[error(
        "Vault at {address} does not accept the token in {place}: it has ended or was taken back, or \
         it may neither look itself up nor read `{path}`; put another one there"
    )]
    TokenRefused {
        /// Where Vault is.
        address: String,
        /// Where the token is.
        place: ProofPlace,
        /// What could not be read.
        path: String,
    },
    /// No login came about.
    #[error(
        "{at} refuses the login (status {status}{}){}; {remedy}",
        said.map(|said| format!(", \"{said}\"")).unwrap_or_default(),
        clock(*skew_seconds)
    )]
    LoginRefused {
        /// What was asked.
        at: Asked,
        /// The answer's status.
        status: u16,
        /// What the server said, where it is a sentence of Vault's own that is known.
        said: Option<&'static str>,
        /// How far the server's clock is ahead of this machine's, where that is more than a minute.
        skew_seconds: Option<i64>,
        /// What to do.
        remedy: &'static str,
    },
    /// A wrapping token gave its secret id already, or has ended.
    #[error(
        "the wrapping token in {place} is not valid for Vault at {address}: it has ended, or \
         somebody has used it; make a new one, and take the secret id back if it was not Wharf who \
         used it"
    )]
    WrappingSpent {
        /// Where Vault is.
        address: String,
        /// Where the wrapping token is.
        place: ProofPlace,
    },
    /// There is no such secret.
    #[error(
        "there is no secret {at}{}; put one there, or change `path` of this environment under \
         Credential Storage",
        if at.has_data_twice() { " (leave out `data/`, which Wharf adds)" } else { "" }
    )]
    NotFound {
        /// What was asked.
        at: Asked,
    },
    /// Its newest version was deleted or destroyed.
    #[error(
        "the newest version of {at} was {}; put another one there, or undelete it",
        if *is_destroyed { "destroyed" } else { "deleted" }
    )]
    Deleted {
        /// What was asked.
        at: Asked,
        /// It cannot be undeleted.
        is_destroyed: bool,
    },
    /// There is no such namespace.
    #[error(
        "there is no namespace for {at}; correct `namespace` under `[secrets.vault]` in wharf.toml, \
         or the environment variable VAULT_NAMESPACE"
    )]
    NoNamespace {
        /// What was asked.
        at: Asked,
    },
    /// The server refuses the request for another reason.
    #[error(
        "Vault refuses {at} (status {status}); check the path and the mount, and the server's audit \
         log"
    )]
    Refused {
        /// What was asked.
        at: Asked,
        /// The answer's status.
        status: u16,
    },
    /// A member of the secret cannot be sent.
    #[error(
        "member `{member}` of the secret {at} {problem}; store the credential there as a string of \
         visible ASCII on one line"
    )]
    MemberUnusable {
        /// Where the secret is.
        at: Asked,
        /// Name of the member.
        member: String,
        /// What is wrong with it.
        problem: ValueProblem,
    },
}

fn clock(skew_seconds: Option<i64>) -> String {
    match skew_seconds {
        Some(seconds) => {
            let way = if seconds > 0 { "ahead of" } else { "behind" };
            let seconds = seconds.unsigned_abs();
            format!(", and its clock is {seconds} s {way} this machine's: set the clocks")
        }
        None => String::new(),
    }
}
