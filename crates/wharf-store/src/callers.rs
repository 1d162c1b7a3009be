//! Who may call: names and the hashes of their tokens.

use std::io;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use secrecy::zeroize::Zeroizing;
use wharf_policy::caller::{CallerName, CallerToken, TokenHash};

use crate::error::Error;
use crate::store::Store;

/// Most callers that a store holds; one more is refused.
pub const CALLER_COUNT_LIMIT: u32 = 10_000;

/// A caller as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerRecord {
    /// Who.
    pub name: CallerName,
    /// When its token was made, to the microsecond.
    pub created: Timestamp,
    /// What its token must hash to.
    pub token_hash: TokenHash,
}

/// A caller could not be added. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The name has a token.
    #[error(
        "caller {name} exists since {created}; add it with `--replace` to give it a new token \
         and end the old one, or choose another name"
    )]
    Exists {
        /// The name.
        name: CallerName,
        /// When its token was made.
        created: Timestamp,
    },
    /// The store holds [`CALLER_COUNT_LIMIT`] callers.
    #[error("there are {CALLER_COUNT_LIMIT} callers, which is the limit; remove one first")]
    TooMany,
    /// The operating system gave no random numbers.
    #[error("no random numbers for a token; check that the operating system provides them")]
    NoRandomNumbers(#[source] getrandom::Error),
    /// Its token could not be shown, and there is no second time.
    #[error(
        "the token of caller {name} could not be written, so nothing was changed; see to where \
         it goes, and try again"
    )]
    NotShown {
        /// The name.
        name: CallerName,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The callers in a [`Store`].
#[derive(Clone, Debug)]
pub struct Callers {
    store: Store,
}

impl Callers {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Adds a caller and makes its token; the name must be new.
    pub fn add(&self, name: &CallerName, now: Timestamp) -> Result<CallerToken, AddError> {
        self.made(name, now, false)
    }

    /// Gives a caller a new token and ends the old one; a new name is added.
    pub fn replace(&self, name: &CallerName, now: Timestamp) -> Result<CallerToken, AddError> {
        self.made(name, now, true)
    }

    /// The same, where the change is taken back when `show` cannot tell the token: who could not be
    /// told has no use of a caller, and needs an old token on. `replace`: the name may have one.
    ///
    /// The change is on disk before `show` runs, so a token that was told counts whatever ends the
    /// program. One that ends between the two leaves a caller whose token nobody knows.
    pub fn add_shown(
        &self,
        name: &CallerName,
        now: Timestamp,
        replace: bool,
        show: impl FnOnce(&CallerToken) -> io::Result<()>,
    ) -> Result<(), AddError> {
        let token = random_token().map_err(AddError::NoRandomNumbers)?;
        let before = self.insert(name, now, replace, &token)?;
        let Err(source) = show(&token) else {
            return Ok(());
        };
        let hash = token.token_hash();
        self.store
            .with(|connection| take_back(connection, name, &hash, before.as_ref()))?;
        Err(AddError::NotShown {
            name: name.clone(),
            source,
        })
    }

    /// All callers in order of their names.
    pub fn list(&self) -> Result<Vec<CallerRecord>, Error> {
        let rows = self.store.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT name, created_microseconds, token_hash FROM callers ORDER BY name",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<rusqlite::Result<Vec<(String, i64, [u8; 32])>>>()
        })?;
        rows.into_iter()
            .map(|(name, created, token_hash)| {
                Ok(CallerRecord {
                    name: CallerName::new(&name).map_err(|_| self.bad_row())?,
                    created: self.time(created)?,
                    token_hash: TokenHash::from_bytes(token_hash),
                })
            })
            .collect()
    }

    /// Ends a caller's token. Whether there was such a caller.
    pub fn remove(&self, name: &CallerName) -> Result<bool, Error> {
        self.store.with(|connection| {
            let removed =
                connection.execute("DELETE FROM callers WHERE name = ?1", [name.as_str()])?;
            Ok(removed > 0)
        })
    }

    fn made(
        &self,
        name: &CallerName,
        now: Timestamp,
        replace: bool,
    ) -> Result<CallerToken, AddError> {
        let token = random_token().map_err(AddError::NoRandomNumbers)?;
        self.insert(name, now, replace, &token)?;
        Ok(token)
    }

    fn insert(
        &self,
        name: &CallerName,
        now: Timestamp,
        replace: bool,
        token: &CallerToken,
    ) -> Result<Option<Row>, AddError> {
        let hash = token.token_hash();
        let outcome = self
            .store
            .with(|connection| insert(connection, name, now, &hash, replace))?;
        match outcome {
            Insert::Done(before) => Ok(before),
            Insert::TooMany => Err(AddError::TooMany),
            Insert::Exists(created) => Err(AddError::Exists {
                name: name.clone(),
                created: self.time(created)?,
            }),
        }
    }

    fn time(&self, microseconds: i64) -> Result<Timestamp, Error> {
        Timestamp::from_microsecond(microseconds).map_err(|_| self.bad_row())
    }

    fn bad_row(&self) -> Error {
        Error::Row {
            path: self.store.path().to_owned(),
            table: "callers",
        }
    }
}

fn random_token() -> Result<CallerToken, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; CallerToken::RANDOM_BYTES]);
    getrandom::fill(bytes.as_mut())?;
    Ok(CallerToken::from_random(&bytes))
}

/// What is stored of a caller.
struct Row {
    token_hash: Vec<u8>,
    created_microseconds: i64,
}

enum Insert {
    /// With what stood there before.
    Done(Option<Row>),
    Exists(i64),
    TooMany,
}

/// Reads and writes under one write lock, so that two processes cannot both pass the limit.
fn insert(
    connection: &mut Connection,
    name: &CallerName,
    now: Timestamp,
    token_hash: &TokenHash,
    replace: bool,
) -> rusqlite::Result<Insert> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let existing = transaction
        .query_row(
            "SELECT token_hash, created_microseconds FROM callers WHERE name = ?1",
            [name.as_str()],
            |row| {
                Ok(Row {
                    token_hash: row.get(0)?,
                    created_microseconds: row.get(1)?,
                })
            },
        )
        .optional()?;
    match &existing {
        Some(row) if !replace => return Ok(Insert::Exists(row.created_microseconds)),
        Some(_) => {}
        None => {
            let count: u32 =
                transaction.query_row("SELECT count(*) FROM callers", [], |row| row.get(0))?;
            if count >= CALLER_COUNT_LIMIT {
                return Ok(Insert::TooMany);
            }
        }
    }
    transaction.execute(
        "INSERT INTO callers (name, token_hash, created_microseconds) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET
             token_hash = excluded.token_hash,
             created_microseconds = excluded.created_microseconds",
        params![name.as_str(), token_hash.as_bytes(), now.as_microsecond()],
    )?;
    transaction.commit()?;
    Ok(Insert::Done(existing))
}

/// Puts back what stood there before, unless somebody has changed the caller since.
fn take_back(
    connection: &mut Connection,
    name: &CallerName,
    token_hash: &TokenHash,
    before: Option<&Row>,
) -> rusqlite::Result<()> {
    let name = name.as_str();
    let hash = token_hash.as_bytes();
    match before {
        Some(row) => connection.execute(
            "UPDATE callers SET token_hash = ?3, created_microseconds = ?4
             WHERE name = ?1 AND token_hash = ?2",
            params![name, hash, row.token_hash, row.created_microseconds],
        )?,
        None => connection.execute(
            "DELETE FROM callers WHERE name = ?1 AND token_hash = ?2",
            params![name, hash],
        )?,
    };
    Ok(())
}

#[cfg(test)]
mod tests;
