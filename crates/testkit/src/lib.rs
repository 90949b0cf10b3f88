//! Faults for tests. No product crate depends on this one but for its tests.
//!
//! - [`FaultyVfs`] is a file layer for SQLite over real files that fails, fills up and loses power
//!   when it is told to, and knows what would be left on the disk.
//! - What survives is what was synced; of the rest, any sectors may be there or not.
//! - A failed sync loses what it should have made durable, and a later one does not bring it back,
//!   as with a kernel that counts pages as clean after it could not write them.
//! - [`cases()`] and [`is_long`] tell how much a test is to try.
//!
//! ```
//! use forebay_testkit::{FaultyVfs, Unsynced};
//! use rusqlite::{Connection, OpenFlags};
//!
//! let vfs = FaultyVfs::register("example");
//! let (folder, left) = (tempfile::tempdir()?, tempfile::tempdir()?);
//! let path = folder.path().join("a.db");
//! let database = Connection::open_with_flags_and_vfs(path, OpenFlags::default(), "example")?;
//! database.execute_batch(
//!     "PRAGMA journal_mode = WAL;
//!      PRAGMA synchronous = FULL; CREATE TABLE kept (x);
//!      PRAGMA synchronous = NORMAL; CREATE TABLE lost (x);",
//! )?;
//!
//! vfs.image(left.path(), Unsynced::Lost)?;
//! let after = Connection::open(left.path().join("a.db"))?;
//! assert!(after.table_exists(None, "kept")?);
//! assert!(!after.table_exists(None, "lost")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(unsafe_code)]

mod cases;
mod faulty_vfs;

pub use cases::{cases, is_long};
pub use faulty_vfs::{Fault, FaultyVfs, Unsynced};
