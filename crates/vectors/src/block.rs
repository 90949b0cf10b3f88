//! Rows that lie together in memory.

use crate::PointId;
use crate::code::Code;
use crate::labels::Label;

/// How many rows a block has, but for the last one of a partition. A write that meets a search
/// copies a block, so it must not be large; threads share a search block by block, so it must not
/// be small.
pub(crate) const ROWS: usize = 2_048;

/// What a row can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tags {
    pub(crate) project: Label,
    pub(crate) kind: Label,
}

/// One point as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: PointId,
    pub(crate) tags: Tags,
    pub(crate) code: Code,
}

/// Up to [`ROWS`] rows, column by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    upper: Vec<u8>,
    rest: Vec<u8>,
    scales: Vec<f32>,
    ids: Vec<PointId>,
    tags: Vec<Tags>,
}

/// A row of a block, where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowRef<'a> {
    pub(crate) id: PointId,
    pub(crate) tags: Tags,
    pub(crate) upper: &'a [u8],
    pub(crate) rest: &'a [u8],
    pub(crate) scale: f32,
}

#[cfg(feature = "hnsw")]
impl RowRef<'_> {
    /// The upper bytes of the code, rounded.
    pub(crate) fn int8(&self) -> Vec<i8> {
        let (lower, residual) = self.rest.split_at(self.rest.len() / 3);
        crate::kernel::int8(self.upper, lower, residual)
    }
}

impl Block {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn tags(&self) -> &[Tags] {
        &self.tags
    }

    pub(crate) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// The upper parts of all rows, one after the other.
    pub(crate) fn upper(&self) -> &[u8] {
        &self.upper
    }

    pub(crate) fn row(&self, at: usize) -> Option<RowRef<'_>> {
        Some(RowRef {
            id: *self.ids.get(at)?,
            tags: *self.tags.get(at)?,
            upper: part(&self.upper, at, self.len())?,
            rest: part(&self.rest, at, self.len())?,
            scale: *self.scales.get(at)?,
        })
    }

    pub(crate) fn push(&mut self, row: &Row) {
        self.upper.extend_from_slice(&row.code.upper);
        self.rest.extend_from_slice(&row.code.rest);
        self.scales.push(row.code.scale);
        self.ids.push(row.id);
        self.tags.push(row.tags);
    }

    /// Removes the last row; `None` if there is none.
    pub(crate) fn pop(&mut self) -> Option<Row> {
        let row = self.row(self.len().checked_sub(1)?)?;
        let code = Code { upper: row.upper.to_vec(), rest: row.rest.to_vec(), scale: row.scale };
        let row = Row { id: row.id, tags: row.tags, code };
        self.upper.truncate(self.upper.len() - row.code.upper.len());
        self.rest.truncate(self.rest.len() - row.code.rest.len());
        self.scales.pop();
        self.ids.pop();
        self.tags.pop();
        Some(row)
    }

    /// Puts `row` in the place of the one at `at`, if there is one.
    pub(crate) fn replace(&mut self, at: usize, row: &Row) {
        let rows = self.len();
        if let (Some(upper), Some(rest), Some(scale), Some(id), Some(tags)) = (
            part_mut(&mut self.upper, at, rows),
            part_mut(&mut self.rest, at, rows),
            self.scales.get_mut(at),
            self.ids.get_mut(at),
            self.tags.get_mut(at),
        ) {
            upper.copy_from_slice(&row.code.upper);
            rest.copy_from_slice(&row.code.rest);
            (*scale, *id, *tags) = (row.code.scale, row.id, row.tags);
        }
    }
}

/// What belongs to row `at` of a column of `rows` rows.
fn part(column: &[u8], at: usize, rows: usize) -> Option<&[u8]> {
    let width = column.len().checked_div(rows)?;
    column.get(at * width..(at + 1) * width)
}

fn part_mut(column: &mut [u8], at: usize, rows: usize) -> Option<&mut [u8]> {
    let width = column.len().checked_div(rows)?;
    column.get_mut(at * width..(at + 1) * width)
}
