//! A graph over the points of one tenant.

use parking_lot::{Condvar, Mutex};
use rustc_hash::FxHashSet;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

use crate::{Error, PointId};

/// Links of a point on a level above the lowest.
const CONNECTIVITY: usize = 16;
/// How many points are considered when a point is linked.
const EXPANSION_ADD: usize = 128;
/// How many points a search considers at least.
const EXPANSION_SEARCH: usize = 160;

/// The int8 codes of points, linked by HNSW (Malkov and Yashunin, 2016), and the points that are
/// still to be linked.
pub(crate) struct Graph {
    index: Index,
    waiting: FxHashSet<PointId>,
    permits: Permits,
}

impl Graph {
    /// A graph that lacks all of `points`, whose codes have `length` components.
    pub(crate) fn new(
        length: usize,
        points: impl IntoIterator<Item = PointId>,
    ) -> Result<Self, Error> {
        let options = IndexOptions {
            dimensions: length,
            metric: MetricKind::Cos,
            quantization: ScalarKind::I8,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            expansion_search: EXPANSION_SEARCH,
            multi: false,
        };
        let index = Index::new(&options).map_err(failed("make a graph"))?;
        let waiting = points.into_iter().collect();
        Ok(Self { index, waiting, permits: Permits::new(threads()) })
    }

    /// How many points are linked.
    pub(crate) fn linked(&self) -> usize {
        self.index.size()
    }

    /// The points that no search of the graph finds.
    pub(crate) fn waiting(&self) -> &FxHashSet<PointId> {
        &self.waiting
    }

    /// Takes `id` out of the graph.
    pub(crate) fn remove(&mut self, id: PointId) -> Result<(), Error> {
        if !self.waiting.remove(&id) {
            self.index.remove(id.get()).map_err(failed("remove from the graph"))?;
        }
        Ok(())
    }

    /// Has `id` linked later, by what its code is then.
    pub(crate) fn changed(&mut self, id: PointId) -> Result<(), Error> {
        if self.index.contains(id.get()) {
            self.index.remove(id.get()).map_err(failed("remove from the graph"))?;
        }
        self.waiting.insert(id);
        Ok(())
    }

    /// Makes room for `more` points.
    pub(crate) fn reserve(&mut self, more: usize) -> Result<(), Error> {
        let wanted = self.index.size() + more;
        if wanted > self.index.capacity() {
            // Half of the threads are those of searches, half those that link.
            self.index
                .reserve_capacity_and_threads(wanted.next_power_of_two(), 2 * threads())
                .map_err(failed("enlarge the graph"))?;
        }
        Ok(())
    }

    /// Links points that wait, with all threads. There must be room.
    pub(crate) fn link(&self, codes: &[(PointId, Vec<i8>)]) -> Result<(), Error> {
        let link = |codes: &[(PointId, Vec<i8>)]| {
            codes.iter().try_for_each(|(id, code)| self.index.add(id.get(), code))
        };
        let part = codes.len().div_ceil(threads()).max(1);
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                codes.chunks(part).map(|codes| scope.spawn(move || link(codes))).collect();
            threads.into_iter().try_for_each(|thread| match thread.join() {
                Ok(linked) => linked.map_err(failed("link in the graph")),
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }

    /// Takes note that `ids` are linked.
    pub(crate) fn linked_now(&mut self, ids: impl IntoIterator<Item = PointId>) {
        for id in ids {
            self.waiting.remove(&id);
        }
    }

    /// Up to `count` linked points near `code` that `admits` lets through.
    pub(crate) fn nearest(
        &self,
        code: &[i8],
        count: usize,
        admits: Option<&dyn Fn(PointId) -> bool>,
    ) -> Result<Vec<PointId>, Error> {
        let _permit = self.permits.take();
        let found = match admits {
            None => self.index.search(code, count),
            Some(admits) => {
                self.index.filtered_search(code, count, |key| admits(PointId::new(key)))
            }
        };
        let found = found.map_err(failed("search the graph"))?;
        Ok(found.keys.into_iter().map(PointId::new).collect())
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Graph")
            .field("linked", &self.linked())
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

/// Lets so many search at a time as the graph has room for.
struct Permits {
    left: Mutex<usize>,
    returned: Condvar,
}

impl Permits {
    fn new(count: usize) -> Self {
        Self { left: Mutex::new(count), returned: Condvar::new() }
    }

    fn take(&self) -> Permit<'_> {
        let mut left = self.left.lock();
        self.returned.wait_while(&mut left, |left| *left == 0);
        *left -= 1;
        Permit(self)
    }
}

struct Permit<'a>(&'a Permits);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.left.lock() += 1;
        self.0.returned.notify_one();
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn failed<E: std::error::Error + Send + Sync + 'static>(
    operation: &'static str,
) -> impl FnOnce(E) -> Error {
    move |source| Error::Backend { operation, source: Box::new(source) }
}
