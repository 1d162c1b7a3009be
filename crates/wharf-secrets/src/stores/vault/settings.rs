//! Where Vault is, and how Wharf proves itself: the settings, and the variables of Vault's own tools
//! where those say nothing.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::error::VaultError;
use crate::exchange::TrustFile;
use crate::stores::remote::{Base, DEFAULT_TIMEOUT, variable};
use crate::variables::Variables;

/// The mount that paths lie below where the settings say nothing.
const DEFAULT_MOUNT: &str = "secret";

/// Where Kubernetes puts the token of a pod's service account.
pub(super) const SERVICE_ACCOUNT_TOKEN: &str =
    "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// `[secrets.vault]` of the settings. Every part may be left out. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultSettings {
    /// `https://vault.internal:8200`, with a path where a proxy needs one. Default: `VAULT_ADDR`.
    pub address: Option<String>,
    /// The namespace of all requests, logins included; empty is the root. Default: `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    /// Where paths lie that begin with no mount. Default: `secret`.
    pub mount: Option<String>,
    /// Certificate authorities in PEM, trusted beside the system's; a relative path starts at the
    /// workspace. Default: `VAULT_CACERT`.
    pub ca_file: Option<PathBuf>,
    /// Time for one fetch, with its login and its repetitions. Default: 5 s.
    pub timeout: Option<Duration>,
    /// How Wharf proves itself. Default: a token in the variable `VAULT_TOKEN`.
    pub login: Option<VaultLogin>,
}

/// How Wharf proves itself to Vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultLogin {
    /// A token that somebody else made. It is renewed while Vault lets it be.
    Token {
        /// Where it is. A file is read anew when it changes.
        from: ProofPlace,
    },
    /// `AppRole`: a role, and a secret id for it.
    AppRole {
        /// Which role. It is no secret.
        role_id: String,
        /// Where the secret id is; it is read for each login.
        secret_id: ProofPlace,
        /// What is there is a wrapping token, which gives the secret id once. The secret id is kept
        /// in memory alone, so a start needs a new one.
        is_wrapped: bool,
        /// Where the method is mounted. Default: `approle`.
        mount: Option<String>,
    },
    /// The service account of a pod.
    Kubernetes {
        /// The role in Vault.
        role: String,
        /// The account's token, read for each login. Default: where Kubernetes puts it.
        token_file: Option<PathBuf>,
        /// Where the method is mounted. Default: `kubernetes`.
        mount: Option<String>,
    },
}

/// Where a proof is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofPlace {
    /// The environment variable of this name.
    Variable(String),
    /// The file of this path; a relative one starts at the workspace.
    File(PathBuf),
}

impl fmt::Display for ProofPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}

/// Settings and variables together: what holds.
pub(super) struct Effective {
    pub(super) address: Result<Base, VaultError>,
    pub(super) namespace: Result<Option<Namespace>, VaultError>,
    /// Without slashes around it.
    pub(super) mount: String,
    pub(super) trust: Option<Arc<TrustFile>>,
    pub(super) timeout: Duration,
    pub(super) login: VaultLogin,
}

/// A namespace, as it is sent and as it is shown.
#[derive(Clone)]
pub(super) struct Namespace {
    pub(super) shown: String,
    pub(super) header: HeaderValue,
}

impl Effective {
    pub(super) fn of(settings: &VaultSettings, variables: &dyn Variables, root: &Path) -> Self {
        let variable = |name: &str| variable(variables, name);
        // An empty name in the settings is a choice, so the variable does not fill it.
        let namespace = settings
            .namespace
            .clone()
            .or_else(|| variable("VAULT_NAMESPACE"));
        let namespace = match namespace.as_deref().map(|name| name.trim_matches('/')) {
            None | Some("") => Ok(None),
            Some(name) => match HeaderValue::from_str(name) {
                Ok(header) => Ok(Some(Namespace {
                    shown: name.to_owned(),
                    header,
                })),
                // To leave it out would be to ask the root.
                Err(_) => Err(VaultError::NamespaceUnusable),
            },
        };
        let ca_file = settings.ca_file.as_ref().map(|file| root.join(file));
        let ca_file = ca_file.or_else(|| variable("VAULT_CACERT").map(PathBuf::from));
        let mount = settings.mount.as_deref().unwrap_or(DEFAULT_MOUNT);
        let login = settings.login.clone().unwrap_or_else(|| VaultLogin::Token {
            from: ProofPlace::Variable("VAULT_TOKEN".to_owned()),
        });
        Self {
            address: match (&settings.address, variable("VAULT_ADDR")) {
                (Some(text), _) => address(text, "`[secrets.vault] address`"),
                (None, Some(text)) => address(&text, "environment variable VAULT_ADDR"),
                (None, None) => Err(VaultError::NoAddress),
            },
            namespace,
            mount: mount.trim_matches('/').to_owned(),
            trust: ca_file.map(|file| Arc::new(TrustFile(file))),
            timeout: settings.timeout.unwrap_or(DEFAULT_TIMEOUT),
            login: login.within(root),
        }
    }
}

impl VaultLogin {
    /// The same with paths that the operating system finds.
    fn within(self, root: &Path) -> Self {
        let placed = |place| match place {
            ProofPlace::File(path) => ProofPlace::File(root.join(path)),
            variable @ ProofPlace::Variable(_) => variable,
        };
        match self {
            Self::Token { from } => Self::Token { from: placed(from) },
            Self::AppRole {
                role_id,
                secret_id,
                is_wrapped,
                mount,
            } => Self::AppRole {
                role_id,
                secret_id: placed(secret_id),
                is_wrapped,
                mount,
            },
            Self::Kubernetes {
                role,
                token_file,
                mount,
            } => Self::Kubernetes {
                role,
                token_file: token_file.map(|file| root.join(file)),
                mount,
            },
        }
    }
}

/// `place` is where it stands, for an error: the address itself may hold a password.
fn address(text: &str, place: &'static str) -> Result<Base, VaultError> {
    Base::read(text).ok_or(VaultError::AddressUnusable { place })
}
