//! The points of one tenant.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::PointId;
use crate::block::{Block, ROWS, Row, RowRef};
#[cfg(feature = "hnsw")]
use crate::scan::Selection;

/// Rows in blocks, all full but for the last.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    blocks: Vec<Arc<Block>>,
    /// Where each point is, counted over all blocks.
    places: FxHashMap<PointId, usize>,
}

impl Partition {
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The blocks as they are now. Later writes leave them alone.
    pub(crate) fn blocks(&self) -> Vec<Arc<Block>> {
        self.blocks.clone()
    }

    #[cfg(feature = "hnsw")]
    pub(crate) fn ids(&self) -> impl Iterator<Item = PointId> {
        self.places.keys().copied()
    }

    /// How many points are selected.
    #[cfg(feature = "hnsw")]
    pub(crate) fn count(&self, selection: &Selection) -> usize {
        if selection.is_everything() {
            return self.len();
        }
        let tags = self.blocks.iter().flat_map(|block| block.tags());
        tags.filter(|tags| selection.admits(**tags)).count()
    }

    pub(crate) fn row(&self, id: PointId) -> Option<RowRef<'_>> {
        let place = *self.places.get(&id)?;
        self.blocks.get(place / ROWS)?.row(place % ROWS)
    }

    /// Inserts `row`, or replaces the one with its id.
    pub(crate) fn set(&mut self, row: &Row) {
        if let Some(place) = self.places.get(&row.id) {
            self.replace(*place, row);
            return;
        }
        self.places.insert(row.id, self.len());
        match self.blocks.last_mut() {
            Some(block) if block.len() < ROWS => Arc::make_mut(block).push(row),
            _ => {
                let mut block = Block::default();
                block.push(row);
                self.blocks.push(Arc::new(block));
            }
        }
    }

    /// Removes the point `id` and tells whether it was there. The last row takes its place.
    pub(crate) fn remove(&mut self, id: PointId) -> bool {
        let Some(place) = self.places.remove(&id) else { return false };
        let Some(block) = self.blocks.last_mut() else { return false };
        let last = Arc::make_mut(block).pop();
        if block.len() == 0 {
            self.blocks.pop();
        }
        if let Some(last) = last.filter(|last| last.id != id) {
            self.replace(place, &last);
            self.places.insert(last.id, place);
        }
        true
    }

    fn replace(&mut self, place: usize, row: &Row) {
        if let Some(block) = self.blocks.get_mut(place / ROWS) {
            Arc::make_mut(block).replace(place % ROWS, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Tags;
    use crate::code::Code;
    use crate::labels::Label;

    fn row(id: usize, mark: u8) -> Row {
        let tags = Tags { project: Label::NONE, kind: Label::NONE };
        let code = Code { upper: vec![mark; 2], rest: vec![mark; 6], scale: 1.0 };
        Row { id: PointId::new(id as u64), tags, code }
    }

    fn mark(partition: &Partition, id: usize) -> Option<u8> {
        partition.row(PointId::new(id as u64)).map(|row| row.rest[5])
    }

    #[test]
    fn the_last_row_fills_the_gap_over_blocks() {
        let mut partition = Partition::default();
        (0..ROWS + 2).for_each(|id| partition.set(&row(id, 1)));
        partition.set(&row(3, 2));
        let before = partition.blocks();
        assert!(partition.remove(PointId::new(0)));
        assert!(!partition.remove(PointId::new(0)));
        assert!(partition.remove(PointId::new(ROWS as u64)));
        assert_eq!((partition.len(), partition.blocks().len()), (ROWS, 1));
        assert_eq!(mark(&partition, 3), Some(2));
        assert_eq!(mark(&partition, 0), None);
        for id in (1..ROWS).chain([ROWS + 1]) {
            assert!(mark(&partition, id).is_some(), "{id}");
        }
        assert_eq!(before.iter().map(|block| block.len()).sum::<usize>(), ROWS + 2);
        (1..ROWS + 2)
            .for_each(|id| assert_eq!(partition.remove(PointId::new(id as u64)), id != ROWS));
        assert_eq!((partition.len(), partition.blocks().len()), (0, 0));
    }
}
