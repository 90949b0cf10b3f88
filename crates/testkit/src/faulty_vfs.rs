//! A file layer for SQLite that does what disks do on a bad day.

mod disk;
mod shim;

use std::io;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use disk::Disk;

/// What goes wrong with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails and does nothing. Strikes any operation, syncs included.
    Io,
    /// The disk is full. Strikes writes.
    Full,
    /// Half of the bytes are written, then the write fails. Strikes writes.
    ShortWrite,
    /// The sync fails, and what it was for is lost. Strikes syncs.
    Sync,
}

/// What becomes of writes that were not synced when power is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// None of them reached the disk.
    Lost,
    /// Any sectors of them did, chosen by `seed`.
    Torn {
        /// Decides which; the same seed decides the same.
        seed: u64,
    },
}

/// What SQLite asks of a file. Opening, reading, writing, truncating, syncing and deleting are
/// counted; locks and shared memory pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    Delete,
}

/// The hand on a file layer that was registered with SQLite.
#[derive(Debug)]
pub struct FaultyVfs {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    operations: u64,
    syncs: u64,
    failing: Option<Failing>,
    is_full: bool,
    freeze_at_sync: Option<u64>,
    is_frozen: bool,
    disk: Disk,
}

#[derive(Debug)]
struct Failing {
    fault: Fault,
    /// Operations that the fault can strike, up to and with the one that it does strike.
    left: u64,
}

impl FaultyVfs {
    /// Registers a file layer under `name`, over the system's own, until the process ends.
    pub fn register(name: &'static str) -> Arc<Self> {
        let vfs = Arc::new(Self { state: Mutex::default() });
        shim::register(name, Arc::clone(&vfs));
        vfs
    }

    /// Forgets all counts, faults and files, for another run in another folder.
    pub fn reset(&self) {
        *self.state.lock() = State::default();
    }

    /// Operations so far.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations
    }

    /// Syncs so far, the failed ones included.
    pub fn syncs(&self) -> u64 {
        self.state.lock().syncs
    }

    /// Lets the `nth` operation from now that `fault` can strike fail, counting from 1, and none
    /// after it.
    pub fn fail_operation(&self, nth: u64, fault: Fault) {
        self.state.lock().failing = Some(Failing { fault, left: nth });
    }

    /// Whether the fault that was asked for has not struck yet.
    pub fn is_fault_pending(&self) -> bool {
        self.state.lock().failing.is_some()
    }

    /// Fills the disk, so that every write fails, or frees it.
    pub fn fill_disk(&self, is_full: bool) {
        self.state.lock().is_full = is_full;
    }

    /// Cuts the power at the `nth` sync since the start, counting from 1: it and every operation
    /// after it fail, and [`image`](Self::image) shows the disk as it was before it.
    pub fn freeze_at_sync(&self, nth: u64) {
        self.state.lock().freeze_at_sync = Some(nth);
    }

    /// Whether the power was cut.
    pub fn is_frozen(&self) -> bool {
        self.state.lock().is_frozen
    }

    /// Writes into `folder` the files that would be there if power were lost now, or as it was
    /// lost. Shared memory is not among them.
    pub fn image(&self, folder: &Path, unsynced: Unsynced) -> io::Result<()> {
        self.state.lock().disk.image(folder, unsynced)
    }

    /// Counts the operation and tells what goes wrong with it, if anything.
    fn strike(&self, operation: Operation) -> Option<Fault> {
        let mut state = self.state.lock();
        state.operations += 1;
        if operation == Operation::Sync {
            state.syncs += 1;
            state.is_frozen |= state.freeze_at_sync == Some(state.syncs);
        }
        if state.is_frozen {
            return Some(Fault::Io);
        }
        if state.is_full && Fault::Full.strikes(operation) {
            return Some(Fault::Full);
        }
        let failing = state.failing.as_mut().filter(|failing| failing.fault.strikes(operation))?;
        failing.left -= 1;
        if failing.left > 0 {
            return None;
        }
        state.failing.take().map(|failing| failing.fault)
    }

    /// Lets `change` happen to the model of the disk; nothing does after the power was cut.
    fn record(&self, change: impl FnOnce(&mut Disk)) {
        let mut state = self.state.lock();
        if !state.is_frozen {
            change(&mut state.disk);
        }
    }
}

impl Fault {
    fn strikes(self, operation: Operation) -> bool {
        match self {
            Self::Io => true,
            Self::Full | Self::ShortWrite => operation == Operation::Write,
            Self::Sync => operation == Operation::Sync,
        }
    }
}
