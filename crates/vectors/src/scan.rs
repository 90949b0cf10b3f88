//! The exact search through rows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::Neighbor;
use crate::block::{Block, Tags};
use crate::code::Query;
use crate::kernel;
use crate::labels::Label;

/// Fewer blocks are searched by one thread: waking another takes as long.
const BLOCKS_PER_TASK: usize = 8;
/// So many bounds are looked at together.
const LANES: usize = 16;

/// Which rows of the blocks are looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// `None` means any.
    pub(crate) projects: Option<Vec<Label>>,
    /// `None` means any.
    pub(crate) kinds: Option<Vec<Label>>,
}

impl Selection {
    #[cfg(feature = "hnsw")]
    pub(crate) fn is_everything(&self) -> bool {
        self.projects.is_none() && self.kinds.is_none()
    }

    pub(crate) fn admits(&self, tags: Tags) -> bool {
        let is_one = |labels: &Option<Vec<Label>>, label| {
            labels.as_ref().is_none_or(|labels| labels.contains(&label))
        };
        is_one(&self.projects, tags.project) && is_one(&self.kinds, tags.kind)
    }

    /// The rows of `block` that are looked at; `None` means all.
    fn rows(&self, block: &Block) -> Option<Vec<usize>> {
        let tags = block.tags().iter().copied().enumerate();
        match (self.projects.as_deref(), self.kinds.as_deref()) {
            (None, None) => None,
            // The most usual filter, which every row of a large tenant is held against.
            (Some(&[project]), None) => {
                Some(tags.filter(|(_, tags)| tags.project == project).map(|(at, _)| at).collect())
            }
            _ => Some(tags.filter(|(_, tags)| self.admits(*tags)).map(|(at, _)| at).collect()),
        }
    }
}

/// A row that may be among the nearest.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// The most that its score may be.
    bound: f32,
    block: usize,
    row: usize,
}

/// The `k` rows of `blocks` nearest to `query` among those selected, nearest first.
pub(crate) fn nearest(
    blocks: &[Arc<Block>],
    query: &Query,
    selection: &Selection,
    k: usize,
) -> Vec<Neighbor> {
    if k == 0 {
        return Vec::new();
    }
    let task = |(first, blocks): (usize, &[Arc<Block>])| {
        let mut pass = Pass::new(query, k);
        for (at, block) in (first..).zip(blocks) {
            pass.look_at(at, block, selection);
        }
        pass
    };
    let pass = if blocks.len() <= BLOCKS_PER_TASK {
        task((0, blocks))
    } else {
        blocks
            .par_chunks(BLOCKS_PER_TASK)
            .enumerate()
            .map(|(number, blocks)| task((number * BLOCKS_PER_TASK, blocks)))
            .reduce(|| Pass::new(query, k), Pass::join)
    };
    pass.finish(blocks)
}

/// The first look at rows: their bounds.
struct Pass<'a> {
    query: &'a Query,
    floor: Floor,
    candidates: Vec<Candidate>,
    products: Vec<i32>,
    bounds: Vec<f32>,
}

impl<'a> Pass<'a> {
    fn new(query: &'a Query, k: usize) -> Self {
        let floor = Floor::new(k);
        Self { query, floor, candidates: Vec::new(), products: Vec::new(), bounds: Vec::new() }
    }

    fn look_at(&mut self, number: usize, block: &Block, selection: &Selection) {
        let rows = selection.rows(block);
        self.compute_bounds(block, rows.as_deref());
        let bounds = std::mem::take(&mut self.bounds);
        for (start, lanes) in (0..).step_by(LANES).zip(bounds.chunks(LANES)) {
            let floor = self.floor.score;
            if !lanes.iter().fold(false, |any, bound| any | (*bound >= floor)) {
                continue;
            }
            for (at, bound) in (start..).zip(lanes) {
                let row = rows.as_ref().map_or(Some(at), |rows| rows.get(at).copied());
                if let Some(row) = row.filter(|_| *bound >= self.floor.score) {
                    let scale = block.scales().get(row).copied().unwrap_or(0.0);
                    self.floor.raise(*bound - self.query.width(scale));
                    self.candidates.push(Candidate { bound: *bound, block: number, row });
                }
            }
        }
        self.bounds = bounds;
        let floor = self.floor.score;
        self.candidates.retain(|candidate| candidate.bound >= floor);
    }

    /// The bounds of `rows` of `block`, or of all.
    fn compute_bounds(&mut self, block: &Block, rows: Option<&[usize]>) {
        let (query, products, bounds) = (self.query, &mut self.products, &mut self.bounds);
        let width = query.coarse().len() / 2;
        let upper = block.upper();
        bounds.clear();
        match rows {
            None => {
                kernel::products_of_all(upper, query.coarse(), products);
                let scaled = products.iter().zip(block.scales());
                bounds.extend(scaled.map(|(product, scale)| query.bound(*product, *scale)));
            }
            Some(rows) => {
                let uppers = rows.iter().filter_map(|at| upper.get(at * width..(at + 1) * width));
                kernel::products_of(uppers, query.coarse(), products);
                let scales = rows.iter().filter_map(|at| block.scales().get(*at));
                let scaled = products.iter().zip(scales);
                bounds.extend(scaled.map(|(product, scale)| query.bound(*product, *scale)));
            }
        }
    }

    fn join(mut self, other: Self) -> Self {
        self.floor.join(other.floor);
        self.candidates.extend(other.candidates);
        self
    }

    /// Reads the whole codes of the candidates, the likeliest first, until no other can be nearer.
    fn finish(self, blocks: &[Arc<Block>]) -> Vec<Neighbor> {
        let Self { query, floor, mut candidates, .. } = self;
        candidates.retain(|candidate| candidate.bound >= floor.score);
        candidates.sort_unstable_by(|a, b| b.bound.total_cmp(&a.bound));
        let k = floor.k;
        let mut exact = Floor::new(k);
        let mut found = Vec::new();
        for candidate in candidates {
            if candidate.bound < exact.score {
                break;
            }
            let row = blocks.get(candidate.block).and_then(|block| block.row(candidate.row));
            if let Some(row) = row {
                let score = query.score(row.upper, row.rest, row.scale);
                exact.raise(score);
                found.push(Neighbor { id: row.id, score });
            }
        }
        found.sort_unstable_by(Neighbor::nearest_first);
        found.truncate(k);
        found
    }
}

/// What a row must reach to be among the `k` nearest, as far as is known.
struct Floor {
    k: usize,
    /// At least `k` rows reach it; lowest of all while fewer were seen.
    score: f32,
    /// The `k` highest, as keys that are ordered like the scores.
    highest: BinaryHeap<Reverse<i32>>,
}

impl Floor {
    fn new(k: usize) -> Self {
        Self { k, score: f32::NEG_INFINITY, highest: BinaryHeap::new() }
    }

    /// Takes note of a row that reaches `score`.
    fn raise(&mut self, score: f32) {
        self.insert(key(score));
    }

    fn insert(&mut self, key: i32) {
        if self.highest.len() < self.k {
            self.highest.push(Reverse(key));
        } else if let Some(mut lowest) = self.highest.peek_mut()
            && lowest.0 < key
        {
            *lowest = Reverse(key);
        }
        if self.highest.len() == self.k
            && let Some(Reverse(lowest)) = self.highest.peek()
        {
            self.score = score(*lowest);
        }
    }

    fn join(&mut self, other: Self) {
        other.highest.into_iter().for_each(|Reverse(key)| self.insert(key));
    }
}

/// A number that is ordered like `score`, after IEEE 754-2008, 5.10.
fn key(score: f32) -> i32 {
    let bits = score.to_bits().cast_signed();
    bits ^ ((bits >> 31) & i32::MAX)
}

/// The score whose key is `key`.
fn score(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) & i32::MAX)).cast_unsigned())
}
