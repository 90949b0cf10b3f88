//! The thread that writes.

mod handle;
mod job;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::error::Reason;
use crate::pending::Resolver;
use crate::{Durability, Error, Statistics, files};

pub(crate) use handle::Handle;
pub(crate) use job::Job;

/// The most works in one transaction.
const GROUP_WORKS_MAX: usize = 256;

/// The most declared bytes in one transaction, but for a single work that declares more.
const GROUP_BYTES_MAX: usize = 4 << 20;

/// How long a work that is in no hurry waits for others to share its transaction.
const LINGER: Duration = Duration::from_millis(2);

/// Works after which the writer leaves its core to others.
const TURN_WORKS: usize = 4;

/// From so many waiting works on the writer keeps its core.
const CROWD_WORKS: usize = GROUP_WORKS_MAX * 2;

/// How long nothing is written before the log is folded into the file.
const IDLE: Duration = Duration::from_millis(200);

/// What the writer is asked to do.
pub(crate) enum Command {
    /// Write.
    Run(Job),
    /// Finish: everything before this is written, nothing after it.
    Close(Resolver<()>),
}

/// What the writer shows to others.
#[derive(Default)]
pub(crate) struct Gauges {
    pub(crate) statistics: Mutex<Statistics>,
    /// Declared bytes of the works in the queue.
    pub(crate) queued_bytes: AtomicUsize,
}

/// The state of the thread.
pub(crate) struct Writer {
    handle: Handle,
    queue: Receiver<Command>,
    /// Rung after a command was queued that is in a hurry. The others wake nobody who lingers.
    bell: Receiver<()>,
    gauges: Arc<Gauges>,
}

impl Writer {
    pub(crate) fn new(
        handle: Handle,
        queue: Receiver<Command>,
        bell: Receiver<()>,
        gauges: Arc<Gauges>,
    ) -> Self {
        Self { handle, queue, bell, gauges }
    }

    /// Writes until it is told to close, or nobody is left to tell it anything.
    pub(crate) fn run(mut self) {
        while let Some(command) = self.next() {
            let closing = match command {
                Command::Run(first) => self.run_group(first),
                Command::Close(resolver) => Some(resolver),
            };
            if let Some(resolver) = closing {
                resolver.resolve(self.handle.fold());
                return;
            }
            if self.handle.is_log_full() {
                self.keep_house(Handle::fold);
            }
        }
        self.keep_house(Handle::fold);
    }

    /// The next command. Folds the log when none comes for a while.
    fn next(&mut self) -> Option<Command> {
        while self.handle.is_unfolded() {
            match self.queue.recv_timeout(IDLE) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.keep_house(Handle::fold_if_idle),
            }
        }
        self.queue.recv().ok()
    }

    /// A checkpoint that nobody waits for: a failure shows in the log and with the next write.
    fn keep_house(&mut self, fold: impl FnOnce(&mut Handle) -> Result<(), Error>) {
        if let Err(error) = fold(&mut self.handle) {
            tracing::warn!(path = %self.handle.path().display(), %error, "checkpoint failed");
        }
        self.handle.show(&mut self.gauges.statistics.lock());
    }

    /// Takes what else is waiting and writes it in one transaction. Returns the wish to close
    /// that came after it.
    fn run_group(&mut self, first: Job) -> Option<Resolver<()>> {
        let mut group = Group::of(first);
        let closing = group.fill(&self.queue, &self.bell);
        self.gauges.queued_bytes.fetch_sub(group.bytes, Ordering::Relaxed);
        let mut results = Vec::with_capacity(group.jobs.len());
        let outcome = self.write(&mut group, &mut results);
        // A work that never ran shares the fate of its group.
        results.resize(group.jobs.len(), Ok(()));
        for result in &mut results {
            if result.is_ok() {
                result.clone_from(&outcome);
            }
        }
        if results.iter().any(|result| matches!(result, Err(Error::Corrupt { .. }))) {
            files::mark_suspect(self.handle.path());
        }
        self.count(group.durability, outcome.is_ok(), &results);
        for (job, result) in group.jobs.into_iter().zip(results) {
            job.resolve(result);
        }
        closing
    }

    /// Runs the works, keeping how each went; fails where the whole transaction does.
    fn write(&mut self, group: &mut Group, results: &mut Vec<Outcome>) -> Outcome {
        self.handle.heal()?;
        let path = self.handle.path().to_owned();
        let is_pressed = is_pressed(group.durability, &self.queue, &self.bell);
        self.handle.transact(group.durability, |connection| {
            // One that fails alone takes nobody else's work back with it.
            if let [lone] = group.jobs.as_mut_slice() {
                return run_in_transaction(connection, &path, lone)?;
            }
            for job in &mut group.jobs {
                results.push(run_in_savepoint(connection, &path, job)?);
                if results.len().is_multiple_of(TURN_WORKS) && !is_pressed() {
                    // Requests are served by the same cores, and somebody waits for those.
                    thread::yield_now();
                }
            }
            Ok(())
        })
    }

    fn count(&self, durability: Durability, is_committed: bool, results: &[Outcome]) {
        let mut statistics = self.gauges.statistics.lock();
        self.handle.show(&mut statistics);
        statistics.groups += u64::from(is_committed);
        statistics.synced_groups += u64::from(is_committed && durability == Durability::Synced);
        statistics.failed_groups += u64::from(!is_committed);
        for result in results {
            statistics.works += 1;
            statistics.failed_works += u64::from(result.is_err());
        }
    }
}

type Outcome = Result<(), Error>;

/// Works that share a transaction.
struct Group {
    jobs: Vec<Job>,
    bytes: usize,
    durability: Durability,
}

impl Group {
    fn of(job: Job) -> Self {
        Self { bytes: job.bytes, durability: job.durability, jobs: vec![job] }
    }

    /// Adds what is waiting, in order. Where nobody is in a hurry it waits for more first, until
    /// the bell tells of somebody who is.
    fn fill(&mut self, queue: &Receiver<Command>, bell: &Receiver<()>) -> Option<Resolver<()>> {
        let closing = self.drain(queue);
        if closing.is_some() || self.durability > Durability::Soon || self.is_full() {
            return closing;
        }
        // A bell that was rung for an earlier group wakes for nothing, once.
        let _ = bell.recv_timeout(LINGER);
        self.drain(queue)
    }

    fn drain(&mut self, queue: &Receiver<Command>) -> Option<Resolver<()>> {
        while !self.is_full() {
            match queue.try_recv().ok()? {
                Command::Run(job) => {
                    self.bytes = self.bytes.saturating_add(job.bytes);
                    self.durability = self.durability.max(job.durability);
                    self.jobs.push(job);
                }
                Command::Close(resolver) => return Some(resolver),
            }
        }
        None
    }

    fn is_full(&self) -> bool {
        self.jobs.len() >= GROUP_WORKS_MAX || self.bytes >= GROUP_BYTES_MAX
    }
}

/// Whether somebody waits for a group of this durability, or for what is queued behind it.
fn is_pressed(
    durability: Durability,
    queue: &Receiver<Command>,
    bell: &Receiver<()>,
) -> impl Fn() -> bool {
    move || durability > Durability::Soon || !bell.is_empty() || queue.len() >= CROWD_WORKS
}

/// Runs one work so that its failure undoes nothing but itself. The outer failure is that of the
/// whole transaction.
fn run_in_savepoint(connection: &Connection, path: &Path, job: &mut Job) -> Result<Outcome, Error> {
    let step = |sql: &str| {
        let outcome = connection.prepare_cached(sql).and_then(|mut step| step.execute([]));
        outcome.map(drop).map_err(|source| Error::sqlite("write", path, source))
    };
    step("SAVEPOINT work")?;
    let result = run_in_transaction(connection, path, job)?;
    if result.is_err() {
        step("ROLLBACK TO work")?;
    }
    step("RELEASE work")?;
    Ok(result)
}

/// Runs one work; fails where it leaves no transaction.
fn run_in_transaction(
    connection: &Connection,
    path: &Path,
    job: &mut Job,
) -> Result<Outcome, Error> {
    let result = job.run(connection, path);
    if connection.is_autocommit() {
        // SQLite ends the transaction itself where it cannot undo one statement alone.
        result?;
        return Err(Error::query("write", path, Reason::EndedTransaction));
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::{bounded, unbounded};

    use super::*;

    fn job(durability: Durability) -> Job {
        Job::new(durability, 0, |_| Ok(())).0
    }

    #[test]
    fn who_is_in_no_hurry_waits_for_others_and_nobody_else_does() {
        let (sender, queue) = unbounded();
        let (ring, bell) = bounded(1);
        // Left from somebody who was in a hurry before.
        ring.send(()).unwrap();
        let mut group = Group::of(job(Durability::Soon));
        let others = std::thread::spawn(move || {
            sender.send(Command::Run(job(Durability::Soon))).unwrap();
            sender.send(Command::Run(job(Durability::Written))).unwrap();
            // A group that took both at once has not heard the bell.
            let _ = ring.try_send(());
            (sender, ring)
        });
        while group.durability == Durability::Soon {
            assert!(group.fill(&queue, &bell).is_none());
        }
        assert_eq!((group.jobs.len(), group.durability), (3, Durability::Written));
        let _open = others.join().unwrap();
        let mut group = Group::of(job(Durability::Written));
        assert!(group.fill(&queue, &bell).is_none());
        assert_eq!(group.jobs.len(), 1);
    }

    #[test]
    fn the_writer_is_pressed_by_a_hurry_and_by_a_crowd() {
        let (sender, queue) = unbounded();
        let (ring, bell) = bounded(1);
        assert!(!is_pressed(Durability::Soon, &queue, &bell)());
        assert!(is_pressed(Durability::Written, &queue, &bell)());
        ring.send(()).unwrap();
        assert!(is_pressed(Durability::Soon, &queue, &bell)());
        bell.recv().unwrap();
        for _ in 0..CROWD_WORKS {
            assert!(!is_pressed(Durability::Soon, &queue, &bell)());
            sender.send(Command::Run(job(Durability::Soon))).unwrap();
        }
        assert!(is_pressed(Durability::Soon, &queue, &bell)());
    }

    #[test]
    fn who_is_in_no_hurry_does_not_wait_for_ever() {
        let (_sender, queue) = unbounded();
        let (_ring, bell) = bounded(1);
        let mut group = Group::of(job(Durability::Soon));
        assert!(group.fill(&queue, &bell).is_none());
        assert_eq!((group.jobs.len(), group.durability), (1, Durability::Soon));
    }
}
