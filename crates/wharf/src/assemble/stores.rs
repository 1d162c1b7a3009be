//! From the settings of secret stores to what reaches them.

use std::time::Duration;

use wharf_secrets::{AwsSettings, ProofPlace, VaultLogin, VaultSettings};
use wharf_workspace::settings::{self, SecretPlace};

/// Where Vault is, and how Wharf proves itself there.
pub(super) fn vault(written: &settings::Vault) -> VaultSettings {
    let login = written.login.as_ref().map(|login| match login {
        settings::VaultLogin::Token { from } => VaultLogin::Token { from: proof(from) },
        settings::VaultLogin::AppRole {
            role_id,
            secret_id,
            wrapped,
            mount,
        } => VaultLogin::AppRole {
            role_id: role_id.clone(),
            secret_id: proof(secret_id),
            is_wrapped: *wrapped,
            mount: mount.clone(),
        },
        settings::VaultLogin::Kubernetes {
            role,
            token_file,
            mount,
        } => VaultLogin::Kubernetes {
            role: role.clone(),
            token_file: token_file.as_ref().map(Into::into),
            mount: mount.clone(),
        },
    });
    VaultSettings {
        address: written.address.clone(),
        namespace: written.namespace.clone(),
        mount: written.mount.clone(),
        ca_file: written.ca_file.as_ref().map(Into::into),
        timeout: written.timeout_seconds.map(Duration::from_secs),
        login,
    }
}

/// Where AWS Secrets Manager is, and whose keys open it.
pub(super) fn aws(written: &settings::Aws) -> AwsSettings {
    AwsSettings {
        region: written.region.clone(),
        profile: written.profile.clone(),
        endpoint: written.endpoint.clone(),
        timeout: written.timeout_seconds.map(Duration::from_secs),
        role_arn: written.role_arn.clone(),
    }
}

fn proof(place: &SecretPlace) -> ProofPlace {
    match place {
        SecretPlace::Variable(name) => ProofPlace::Variable(name.clone()),
        SecretPlace::File(path) => ProofPlace::File(path.into()),
    }
}
