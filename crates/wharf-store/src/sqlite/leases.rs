//! The statements for leases.
//!
//! Whoever asks has it: processes that share a folder are on one machine, and the one that asks last
//! is the one that takes over.

use rusqlite::{OptionalExtension as _, params};

use super::Sqlite;
use crate::error::Unavailable;
use crate::names::{Epoch, Name};

impl Sqlite {
    pub(crate) async fn acquire_lease(&self, name: Name) -> Result<Epoch, Unavailable> {
        let epoch = self
            .write(move |connection| {
                let epoch: i64 = connection.query_row(
                    "INSERT INTO leases (name, epoch) VALUES (?1, 1)
                     ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1
                     RETURNING epoch",
                    [name.as_str()],
                    |row| row.get(0),
                )?;
                Ok(epoch)
            })
            .await?;
        Ok(Epoch::new(epoch.unsigned_abs()))
    }

    pub(crate) async fn holds_lease(&self, name: Name, epoch: Epoch) -> Result<bool, Unavailable> {
        self.read(move |connection| {
            let epoch = i64::try_from(epoch.number()).unwrap_or(i64::MAX);
            let found = connection.query_row(
                "SELECT 1 FROM leases WHERE name = ?1 AND epoch = ?2",
                params![name.as_str(), epoch],
                |_| Ok(()),
            );
            Ok(found.optional()?.is_some())
        })
        .await
    }

    /// The epoch rises, so that a copy of the lease holds nothing.
    pub(crate) async fn release_lease(&self, name: Name, epoch: Epoch) -> Result<(), Unavailable> {
        self.write(move |connection| {
            let epoch = i64::try_from(epoch.number()).unwrap_or(i64::MAX);
            connection.execute(
                "UPDATE leases SET epoch = epoch + 1 WHERE name = ?1 AND epoch = ?2",
                params![name.as_str(), epoch],
            )?;
            Ok(())
        })
        .await
    }
}
