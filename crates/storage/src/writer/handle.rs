//! The connection that writes, and how it comes back after the disk failed it.

use std::cell::Cell;
use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::error::Reason;
use crate::readers::Readers;
use crate::{Durability, Error, Schema, Settings, Statistics, connection};

/// The write connection of one file.
pub(crate) struct Handle {
    path: PathBuf,
    schema: &'static Schema,
    settings: Settings,
    readers: Arc<Readers>,
    connection: Connection,
    /// What `PRAGMA synchronous` is set to.
    synchronous: Durability,
    page_size_bytes: u64,
    log: Arc<Log>,
    /// Whether something was committed without a sync since the last sync.
    unsynced: bool,
    /// Whether the log holds commits that no checkpoint has looked at.
    unfolded: bool,
    /// Whether the disk failed this handle, so that nothing written through it can be trusted.
    lost: bool,
    /// Size of the log at which it is folded under load.
    fold_at_bytes: u64,
    checkpoints: Cell<u64>,
    reopens: u64,
}

/// What SQLite tells of the log in the middle of a commit that wrote something.
#[derive(Default)]
struct Log {
    frames: AtomicU64,
    commits: AtomicU64,
}

impl Handle {
    pub(crate) fn new(
        path: &Path,
        schema: &'static Schema,
        settings: &Settings,
        readers: Arc<Readers>,
        connection: Connection,
    ) -> Self {
        let page_size_bytes = connection
            .pragma_query_value(None, "page_size", |row| row.get(0))
            .unwrap_or(settings.page_size_bytes);
        let mut handle = Self {
            path: path.to_owned(),
            schema,
            settings: settings.clone(),
            readers,
            connection,
            synchronous: Durability::Synced,
            page_size_bytes: page_size_bytes.into(),
            log: Arc::default(),
            unsynced: false,
            unfolded: true,
            lost: false,
            fold_at_bytes: settings.wal_max_bytes,
            checkpoints: Cell::new(0),
            reopens: 0,
        };
        handle.watch_log();
        handle
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_unfolded(&self) -> bool {
        self.unfolded
    }

    /// Writes down its share of the statistics.
    pub(crate) fn show(&self, statistics: &mut Statistics) {
        statistics.checkpoints = self.checkpoints.get();
        statistics.reopens = self.reopens;
        statistics.wal_bytes = self.wal_bytes();
    }

    /// Size of the log after the last commit.
    fn wal_bytes(&self) -> u64 {
        let frame_header_bytes = 24;
        let frames = self.log.frames.load(Ordering::Relaxed);
        frames * (self.page_size_bytes + frame_header_bytes)
    }

    /// Whether the log is longer than it may get under load.
    pub(crate) fn is_log_full(&self) -> bool {
        self.unfolded && self.wal_bytes() >= self.fold_at_bytes
    }

    /// Runs `work` in a transaction that is committed as durably as asked.
    pub(crate) fn transact(
        &mut self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.set_synchronous(durability)?;
        let commits = self.log.commits.load(Ordering::Relaxed);
        let result = self
            .execute("write", "BEGIN IMMEDIATE")
            .and_then(|()| work(&self.connection))
            .and_then(|()| self.execute("commit", "COMMIT"))
            .and_then(|()| self.sync_earlier(durability, commits));
        self.unfolded = true;
        let is_synced = durability == Durability::Synced;
        if !is_synced || result.is_ok() {
            self.unsynced = !is_synced;
        }
        self.settle(result)
    }

    /// SQLite does not sync a commit that wrote nothing, but what was merely written before is
    /// promised to be synced with it: writes the version of the schema once more.
    fn sync_earlier(&self, durability: Durability, commits: u64) -> Result<(), Error> {
        let wrote = self.log.commits.load(Ordering::Relaxed) > commits;
        if wrote || !self.unsynced || durability < Durability::Synced {
            return Ok(());
        }
        let version = self.schema.latest();
        self.connection
            .pragma_update(None, "user_version", version)
            .map_err(|source| Error::sqlite("commit", &self.path, source))
    }

    /// Opens the file anew where the disk failed the handle.
    ///
    /// After a failed sync the system may count pages as written that are not. What an earlier
    /// commit left in the log can then be missing on the disk, and whatever follows it in the log
    /// would be lost with it. Folding the log writes every page into the file again, and the next
    /// commit starts a new log; the frames of the commit that failed are dropped. The new
    /// connection is opened before the old one goes, since the index of the log, which knows where
    /// the last good commit ends, lives as long as some connection does.
    pub(crate) fn heal(&mut self) -> Result<(), Error> {
        if !self.lost {
            return Ok(());
        }
        self.connection = connection::open_writer(&self.path, self.schema, &self.settings)?;
        self.synchronous = Durability::Synced;
        self.watch_log();
        self.truncate()?;
        self.lost = false;
        self.reopens += 1;
        tracing::info!(path = %self.path.display(), "opened the database anew");
        Ok(())
    }

    /// Folds the log into the file as long as nobody reads, without waiting for that.
    pub(crate) fn fold_if_idle(&mut self) -> Result<(), Error> {
        if !self.readers.are_idle() {
            return Ok(());
        }
        // Whatever comes of it, the next attempt waits for the next write.
        self.unfolded = false;
        self.heal()?;
        let result = self.checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
        self.settle(result.map(drop))
    }

    /// Folds all of the log into the file and empties it. Waits for those who read, but not for
    /// long: the log then gets longer by its bound before this waits again.
    pub(crate) fn fold(&mut self) -> Result<(), Error> {
        self.heal()?;
        let result = self.truncate();
        if result.is_err() {
            self.fold_at_bytes = self.wal_bytes().saturating_add(self.settings.wal_max_bytes);
        }
        self.settle(result)
    }

    fn truncate(&mut self) -> Result<(), Error> {
        let checkpoint = || self.checkpoint("PRAGMA wal_checkpoint(TRUNCATE)");
        let is_whole = self.readers.pause(connection::BUSY_WAIT, checkpoint).transpose()?;
        if is_whole != Some(true) {
            return Err(Error::busy("checkpoint", &self.path, Reason::HeldLog));
        }
        self.log.frames.store(0, Ordering::Relaxed);
        self.fold_at_bytes = self.settings.wal_max_bytes;
        self.unfolded = false;
        Ok(())
    }

    /// Runs a checkpoint; tells whether nobody outside of this process stood in its way.
    fn checkpoint(&self, sql: &str) -> Result<bool, Error> {
        self.checkpoints.set(self.checkpoints.get() + 1);
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map(|is_blocked: bool| !is_blocked)
            .map_err(|source| Error::sqlite("checkpoint", &self.path, source))
    }

    /// After a failure, ends the transaction and, where the disk failed, the trust in this handle.
    fn settle(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        let Err(error) = &result else { return result };
        let is_ended =
            self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok();
        self.lost |= !is_ended || matches!(error, Error::Io { .. });
        result
    }

    fn set_synchronous(&mut self, durability: Durability) -> Result<(), Error> {
        if self.synchronous == durability {
            return Ok(());
        }
        let sql = match durability {
            Durability::Soon | Durability::Written => "PRAGMA synchronous = NORMAL",
            Durability::Synced => "PRAGMA synchronous = FULL",
        };
        self.execute("write", sql)?;
        self.synchronous = durability;
        Ok(())
    }

    fn execute(&self, operation: &'static str, sql: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(|source| Error::sqlite(operation, &self.path, source))
    }

    fn watch_log(&mut self) {
        let log = Arc::clone(&self.log);
        let hook = move |_: &mut Wal, pages: c_int| {
            log.frames.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            log.commits.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let registered = self.connection.wal_hook(Some(hook));
        debug_assert!(registered.is_ok(), "a hook can always be registered");
    }
}
