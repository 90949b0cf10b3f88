//! The virtual keys of a data directory.

mod credential;
mod pepper;
mod rows;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use rusqlite::Connection;
use secrecy::SecretString;
use storage::{Database, Durability};
use types::{Clock, KeyId, ModelId, Principal};

pub use self::credential::KEY_PREFIX;
use self::credential::{Credential, Hash};
use self::pepper::Pepper;
use crate::ledger::journal_error;
use crate::{Error, KeyRecord, NewKey};

/// Makes, checks, replaces and revokes virtual keys. Clones share everything.
///
/// A key is `fb_<id>_<secret>` with 80 random bits of id and 256 of secret, and is shown once.
/// The ledger keeps a BLAKE3 hash of the whole of it, keyed with a secret file of the data
/// directory: neither of the two files alone tells whether a guess is right.
#[derive(Clone, Debug)]
pub struct KeyStore(Arc<Store>);

#[derive(Debug)]
struct Store {
    database: Database,
    clock: Clock,
    pepper: Pepper,
    /// What an unknown id is compared with, so that it takes the way of a known one.
    nobody: Hash,
    keys: RwLock<HashMap<KeyId, Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    record: KeyRecord,
    hash: Hash,
}

impl KeyStore {
    /// Reads the keys of a ledger. `directory` holds the file `pepper`, which is made here once,
    /// with the ledger's first key still to come.
    ///
    /// # Errors
    /// [`Error::Pepper`] where that file is lacking, short or open to others, [`Error::Journal`].
    pub fn open(database: Database, directory: &Path, clock: Clock) -> Result<Self, Error> {
        let read = |connection: &Connection| rows::read_all(connection);
        let keys = database.read(read).map_err(journal_error("read the keys"))?;
        let pepper = Pepper::of(directory, keys.is_empty())?;
        let nobody = pepper.hash(Credential::random()?.expose());
        let by_id = |kept: Kept| Some((kept.record.principal.key.clone()?, kept));
        let keys = RwLock::new(keys.into_iter().filter_map(by_id).collect());
        Ok(Self(Arc::new(Store { database, clock, pepper, nobody, keys })))
    }

    /// Makes a key. The secret is nowhere else: who loses it needs another key.
    ///
    /// # Errors
    /// [`Error::Journal`]: there is no such key.
    pub async fn create(&self, new: NewKey) -> Result<(KeyRecord, SecretString), Error> {
        let (kept, secret) = self.make(new)?;
        let row = kept.clone();
        let write = move |connection: &Connection| rows::insert(connection, &row);
        let written = self.0.database.write(Durability::Synced, write).await;
        written.map_err(journal_error("make a key"))?;
        let record = kept.record.clone();
        self.keep(kept);
        Ok((record, secret))
    }

    /// Who speaks with this key. Reads memory alone; takes the same way for whatever is wrong.
    ///
    /// # Errors
    /// [`Error::Unauthorized`], without saying why.
    pub fn authenticate(&self, credential: &str) -> Result<Principal, Error> {
        let hash = self.0.pepper.hash(credential);
        let keys = self.0.keys.read();
        let found = credential::id_of(credential).and_then(|id| keys.get(&id));
        let is_right = hash.matches(found.map_or(&self.0.nobody, |kept| &kept.hash));
        let now = self.0.clock.now();
        match found {
            Some(kept) if is_right && kept.record.is_valid_at(now) => {
                Ok(kept.record.principal.clone())
            }
            _ => Err(Error::Unauthorized),
        }
    }

    /// Whether a valid key may ask for `model`.
    pub fn permits(&self, key: &KeyId, model: &ModelId) -> bool {
        let keys = self.0.keys.read();
        let now = self.0.clock.now();
        let permits = |kept: &Kept| kept.record.is_valid_at(now) && kept.record.permits(model);
        keys.get(key).is_some_and(permits)
    }

    /// All keys, also those that ended, the oldest first.
    pub fn list(&self) -> Vec<KeyRecord> {
        let keys = self.0.keys.read();
        let mut records: Vec<_> = keys.values().map(|kept| kept.record.clone()).collect();
        records.sort_by(|left, right| {
            let order = |record: &KeyRecord| (record.created_at, record.principal.key.clone());
            order(left).cmp(&order(right))
        });
        records
    }

    /// Puts another key in the place of `id`, for the same principal, models and end. The old
    /// one stops being valid after `grace`.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no valid key has this id, [`Error::Journal`]: the old key stays.
    pub async fn rotate(
        &self,
        id: &KeyId,
        grace: Duration,
    ) -> Result<(KeyRecord, SecretString), Error> {
        let now = self.0.clock.now();
        let old = self.find(id).filter(|kept| kept.record.is_valid_at(now));
        let mut old = old.ok_or_else(|| not_found(id))?;
        let lifetime = old.record.expires_at.map(|end| end.saturating_since(now));
        let KeyRecord { principal, models, .. } = old.record.clone();
        let (new, secret) = self.make(NewKey { principal, models, lifetime })?;
        let end = now.saturating_add(grace);
        old.record.revoked_at = Some(old.record.revoked_at.map_or(end, |earlier| earlier.min(end)));
        old.record.replaced_by.clone_from(&new.record.principal.key);
        let (old_row, new_row) = (old.clone(), new.clone());
        let write = move |connection: &Connection| {
            rows::insert(connection, &new_row)?;
            rows::end(connection, &old_row.record)
        };
        let written = self.0.database.write(Durability::Synced, write).await;
        written.map_err(journal_error("rotate a key"))?;
        let record = new.record.clone();
        self.keep(new);
        self.end(&old.record);
        Ok((record, secret))
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Journal`]: the key is refused until the next start only.
    pub async fn revoke(&self, id: &KeyId) -> Result<KeyRecord, Error> {
        let now = self.0.clock.now();
        let mut record = self.find(id).ok_or_else(|| not_found(id))?.record;
        record.revoked_at = Some(record.revoked_at.map_or(now, |earlier| earlier.min(now)));
        self.end(&record);
        let row = record.clone();
        let write = move |connection: &Connection| rows::end(connection, &row);
        let written = self.0.database.write(Durability::Synced, write).await;
        written.map_err(journal_error("revoke a key"))?;
        Ok(record)
    }

    fn make(&self, new: NewKey) -> Result<(Kept, SecretString), Error> {
        let NewKey { mut principal, models, lifetime } = new;
        let credential = Credential::random()?;
        let created_at = self.0.clock.now();
        principal.key = credential::id_of(credential.expose());
        let record = KeyRecord {
            principal,
            models,
            created_at,
            expires_at: lifetime.map(|lifetime| created_at.saturating_add(lifetime)),
            revoked_at: None,
            replaced_by: None,
        };
        let hash = self.0.pepper.hash(credential.expose());
        Ok((Kept { record, hash }, credential.into_secret()))
    }

    fn find(&self, id: &KeyId) -> Option<Kept> {
        self.0.keys.read().get(id).cloned()
    }

    fn keep(&self, kept: Kept) {
        if let Some(id) = kept.record.principal.key.clone() {
            self.0.keys.write().insert(id, kept);
        }
    }

    /// Takes over the end of a key; an earlier one stands.
    fn end(&self, ended: &KeyRecord) {
        let mut keys = self.0.keys.write();
        let Some(kept) = ended.principal.key.as_ref().and_then(|id| keys.get_mut(id)) else {
            return;
        };
        let ends = [kept.record.revoked_at, ended.revoked_at];
        kept.record.revoked_at = ends.into_iter().flatten().min();
        if ended.replaced_by.is_some() {
            kept.record.replaced_by.clone_from(&ended.replaced_by);
        }
    }
}

fn not_found(id: &KeyId) -> Error {
    Error::NotFound { what: "valid key", id: id.to_string() }
}
