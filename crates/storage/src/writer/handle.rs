//! The connection that writes, and how it comes back after the disk failed it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;

use crate::error::Reason;
use crate::{Durability, Error, Settings, Statistics, connection};

/// The write connection of one file.
pub(crate) struct Handle {
    path: PathBuf,
    settings: Settings,
    connection: Connection,
    /// What `PRAGMA synchronous` is set to.
    synchronous: Durability,
    /// Frames in the log after the last commit; SQLite tells, in the middle of a commit.
    frames: Arc<AtomicU64>,
    /// Whether the log holds commits that no checkpoint has looked at.
    unfolded: bool,
    /// Whether the disk failed this handle, so that nothing written through it can be trusted.
    lost: bool,
    /// Size of the log at which it is folded under load.
    fold_at_bytes: u64,
    checkpoints: u64,
    reopens: u64,
}

/// How far a checkpoint goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// As far as readers allow, without waiting for them.
    Passive,
    /// All of it, and the log is emptied; waits for readers for as long as a lock is waited for.
    Truncate,
}

impl Handle {
    pub(crate) fn new(path: PathBuf, settings: Settings, connection: Connection) -> Self {
        let mut handle = Self {
            path,
            connection,
            synchronous: Durability::Synced,
            frames: Arc::default(),
            unfolded: true,
            lost: false,
            fold_at_bytes: settings.wal_max_bytes,
            checkpoints: 0,
            reopens: 0,
            settings,
        };
        handle.count_frames();
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
        statistics.checkpoints = self.checkpoints;
        statistics.reopens = self.reopens;
        statistics.wal_bytes = self.wal_bytes();
    }

    /// Size of the log after the last commit.
    fn wal_bytes(&self) -> u64 {
        let frame_header_bytes = 24;
        let frame_bytes = u64::from(self.settings.page_size_bytes) + frame_header_bytes;
        self.frames.load(Ordering::Relaxed) * frame_bytes
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
        let result = self
            .execute("write", "BEGIN IMMEDIATE")
            .and_then(|()| work(&self.connection))
            .and_then(|()| self.execute("commit", "COMMIT"));
        self.unfolded = true;
        if let Err(error) = &result {
            self.give_up(error);
        }
        result
    }

    /// Folds the log into the file.
    pub(crate) fn fold(&mut self, fold: Fold) -> Result<(), Error> {
        self.heal()?;
        let result = self.checkpoint(fold);
        if let Err(error) = &result {
            self.give_up(error);
        }
        result
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
        self.connection = connection::open_writer(&self.path, &self.settings)?;
        self.synchronous = Durability::Synced;
        self.count_frames();
        self.checkpoint(Fold::Truncate)?;
        self.lost = false;
        self.reopens += 1;
        tracing::info!(path = %self.path.display(), "opened the database anew");
        Ok(())
    }

    fn set_synchronous(&mut self, durability: Durability) -> Result<(), Error> {
        if self.synchronous == durability {
            return Ok(());
        }
        let sql = match durability {
            Durability::Written => "PRAGMA synchronous = NORMAL",
            Durability::Synced => "PRAGMA synchronous = FULL",
        };
        self.execute("write", sql)?;
        self.synchronous = durability;
        Ok(())
    }

    fn checkpoint(&mut self, fold: Fold) -> Result<(), Error> {
        let sql = match fold {
            Fold::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            Fold::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        };
        let blocked: bool = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|source| Error::sqlite("checkpoint", &self.path, source))?;
        self.checkpoints += 1;
        self.unfolded = false;
        if fold == Fold::Truncate && blocked {
            // Waiting for the same reader before every group would stop all writes.
            self.fold_at_bytes = self.wal_bytes().saturating_add(self.settings.wal_max_bytes);
            return Err(Error::busy("checkpoint", &self.path, Reason::HeldLog));
        }
        if fold == Fold::Truncate {
            self.frames.store(0, Ordering::Relaxed);
            self.fold_at_bytes = self.settings.wal_max_bytes;
        }
        Ok(())
    }

    /// Ends the transaction and, where the disk failed, the trust in this handle.
    fn give_up(&mut self, error: &Error) {
        let ended =
            self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok();
        if !ended || matches!(error, Error::Io { .. }) {
            self.lost = true;
        }
    }

    fn execute(&self, operation: &'static str, sql: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(|source| Error::sqlite(operation, &self.path, source))
    }

    fn count_frames(&mut self) {
        let frames = Arc::clone(&self.frames);
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: std::ffi::c_int| {
            frames.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        let registered = self.connection.wal_hook(Some(hook));
        debug_assert!(registered.is_ok(), "a hook can always be registered");
    }
}
