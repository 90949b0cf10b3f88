//! Many documents at once, in order.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use analysis::{Analyzer, Format};
use types::Clock;

use crate::{Content, Error, Found, Outcome, ReportCache, Task};
use pipeline::Pipeline;
use repeats::Repeats;
use workers::Workers;

mod pipeline;
mod repeats;
mod streamed;
#[cfg(test)]
mod tests;
mod workers;

/// Analyses batches. One can run many of them.
#[derive(Debug)]
pub struct Engine {
    analyzer: Analyzer,
    clock: Clock,
    cache: Option<Arc<ReportCache>>,
    jobs: Option<usize>,
    bytes_max: u64,
    streams_all: bool,
}

impl Engine {
    /// An engine without a cache, with as many threads as pay.
    pub fn new(analyzer: Analyzer, clock: Clock) -> Self {
        let bytes_max = analysis::Settings::default().document_bytes_max;
        Self { analyzer, clock, cache: None, jobs: None, bytes_max, streams_all: false }
    }

    /// Uses `cache`, whose key must be of the analyzer's settings. Default: none.
    pub fn with_cache(mut self, cache: Arc<ReportCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Uses this many threads, at least one. Default: as many as pay, which is found out in the
    /// first megabytes.
    pub fn with_jobs(mut self, jobs: usize) -> Self {
        self.jobs = Some(jobs.max(1));
        self
    }

    /// Reads no more than this of a document, in bytes; the analyzer's own limit. Default: 64 MiB.
    pub fn with_bytes_max(mut self, bytes_max: u64) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// Streams all plain text, not only files larger than the limit: bounded memory, but no
    /// sentences, signals and score. Default: false.
    pub fn with_streams(mut self, streams_all: bool) -> Self {
        self.streams_all = streams_all;
        self
    }

    /// Analyses every task and hands the outcomes to `deliver`, in the order of the tasks and on
    /// this thread. Of the tasks only as many are taken as a window holds.
    ///
    /// # Errors
    /// The first one of `deliver`, which ends the batch, and [`Error::Start`].
    pub fn run(
        &self,
        tasks: impl Iterator<Item = Task>,
        mut deliver: impl FnMut(Outcome) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut repeats = Repeats::new();
        let mut deliver = |mut outcome: Outcome| {
            outcome.duplicate_of = repeats.add(&outcome);
            deliver(outcome)
        };
        let mut workers = Workers::new(self.jobs, self.clock.clone());
        let mut pipeline = Pipeline::new(tasks, |task| self.analyze(task));
        while !pipeline.is_done() {
            let pool = workers.pool()?;
            let bytes = pipeline.run(&pool, workers.phase_bytes(), &mut deliver)?;
            workers.measured(bytes);
        }
        Ok(())
    }

    /// Reads and analyses one document, on this thread.
    pub fn analyze(&self, task: Task) -> Outcome {
        let Task { origin, format, content } = task;
        let (found, is_cached) = match self.opened(content, format) {
            Ok(Opened::Bytes(bytes)) => self.find(&bytes, format),
            Ok(Opened::Endless(reader)) => (self.stream(reader), false),
            Err(error) => (Err(error), false),
        };
        Outcome { origin, found, duplicate_of: None, is_cached }
    }

    fn stream(&self, reader: impl Read) -> Result<Found, Error> {
        let stream = || streamed::stream(&self.analyzer, reader);
        let found = catch_unwind(AssertUnwindSafe(stream)).map_err(|_| Error::Broken)?;
        found.map_err(|source| Error::Read { source })
    }

    fn find(&self, bytes: &[u8], format: Format) -> (Result<Found, Error>, bool) {
        let size = bytes.len() as u64;
        if size > self.bytes_max {
            let error = analysis::Error::TooLarge { bytes: size, limit: self.bytes_max };
            return (Err(error.into()), false);
        }
        let key = self.cache.as_ref().map(|cache| (cache, cache.key(bytes, format)));
        if let Some((cache, key)) = &key
            && let Some(found) = cache.get(key)
        {
            return (Ok(found), true);
        }
        // A document that breaks the analysis must not take the others with it.
        let analyze = || {
            let analysis = self.analyzer.analyze(bytes, format)?;
            Ok(Found::new(analysis, bytes))
        };
        let found = catch_unwind(AssertUnwindSafe(analyze)).unwrap_or(Err(Error::Broken));
        if let (Some((cache, key)), Ok(found)) = (key, &found) {
            cache.put(key, found);
        }
        (found, false)
    }

    /// The bytes of a document, or where they come from if they are to be streamed.
    fn opened(&self, content: Content, format: Format) -> Result<Opened, Error> {
        let failed = |source| Error::Read { source };
        let (reader, size) = match content {
            Content::Bytes(bytes) => return Ok(Opened::Bytes(bytes)),
            Content::Failed(error) => return Err(error),
            Content::File(path) => crate::inputs::open(&path).map_err(failed)?,
            Content::Stream(reader) => (reader, 0),
        };
        if format == Format::Plain && (self.streams_all || size > self.bytes_max) {
            return Ok(Opened::Endless(reader));
        }
        self.gather(reader, size).map(Opened::Bytes).map_err(failed)
    }

    /// One byte past the limit is enough for the analysis to refuse it.
    fn gather(&self, reader: impl Read, size: u64) -> io::Result<Vec<u8>> {
        let expected = usize::try_from(size.min(self.bytes_max)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(expected + 1);
        reader.take(self.bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A document that can be read.
enum Opened {
    Bytes(Vec<u8>),
    Endless(Box<dyn Read + Send>),
}
