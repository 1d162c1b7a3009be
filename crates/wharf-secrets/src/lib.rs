//! Credentials from the environment, from files and from Vault, and keys that seal what must be
//! stored.
//!
//! A document says where a secret is; a [`Resolver`] fetches it and gives a [`Credential`] with
//! one value for each field of the document's templates. Nothing here prints, logs or shows a
//! value: types that hold one show names only, errors name a variable or a path, and the log a
//! fingerprint.
//!
//! A [`Keyring`] seals secrets that must be stored, and opens them; [`KeyPlaces`] says where its keys
//! are.
//!
//! A [`Keeper`] holds credentials for as long as somebody uses them, and fetches them anew.
//!
//! A [`mint::Recipe`] makes a token from a credential, where the document says that one is made.
//!
//! A fetch is a future, so that a store may be anywhere. Files, of at most 64 KiB, are read on a
//! thread that may block.

mod credential;
mod error;
mod exchange;
mod keeper;
mod made;
pub mod mint;
mod resolver;
mod seal;
mod sign;
mod stores;
mod value;
mod variables;

pub use credential::{Credential, Fingerprint, Warning};
pub use error::Error;
pub use exchange::{ANSWER_LIMIT_BYTES, Ask, Asking, Exchange, Failure, Said, TrustFile};
pub use keeper::{
    ASKED_PAUSE, Age, Held, Keeper, Kept, LONGEST_PAUSE, LONGEST_REMOTE_PAUSE, QUESTION_INTERVAL,
};
pub use resolver::Resolver;
pub use seal::key::{KEY_BYTES, Key, KeyProblem};
pub use seal::keyring::{Keyring, OpenError, ResealError, SealError};
pub use seal::load::{KEY_FILE_NAME, KeyError, KeyPlace, KeyPlaces, KeyRole, KnownKey, LoadedKeys};
pub use seal::new::{NewKey, NewKeyError};
pub use sign::aws4::{Aws4, Aws4Payload, Aws4Problem, AwsKeys, AwsKeysProblem};
pub use stores::aws::{AwsAsked, AwsError, AwsPathProblem, AwsSettings};
pub use stores::file::Stamp;
pub use stores::vault::{
    Asked, PathProblem, ProofPlace, ServerState, VaultError, VaultLogin, VaultSettings,
};
pub use value::{FILE_SIZE_LIMIT_BYTES, ValueProblem};
pub use variables::{FixedVariables, ProcessVariables, Variables};
