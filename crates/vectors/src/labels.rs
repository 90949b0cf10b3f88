//! Names as small numbers.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A name's number in the index that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(u32);

impl Label {
    /// Stands where there is no name.
    pub(crate) const NONE: Self = Self(0);
}

/// Gives each name a number of its own. Names are kept until the index is rebuilt.
#[derive(Debug)]
pub(crate) struct Labels<T>(FxHashMap<T, Label>);

impl<T> Default for Labels<T> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<T: Clone + Eq + Hash> Labels<T> {
    /// The label of `name`, a new one if it has none yet.
    pub(crate) fn intern(&mut self, name: &T) -> Label {
        if let Some(label) = self.0.get(name) {
            return *label;
        }
        // There are never more names than points, whose number fits.
        let label = Label(u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX));
        self.0.insert(name.clone(), label);
        label
    }

    /// The label of `name`; `None` if no point ever had it.
    pub(crate) fn get(&self, name: &T) -> Option<Label> {
        self.0.get(name).copied()
    }

    /// The labels of those of `names` that have one; `None` if there are no names, which means any.
    pub(crate) fn any_of(&self, names: &[T]) -> Option<Vec<Label>> {
        (!names.is_empty()).then(|| names.iter().filter_map(|name| self.get(name)).collect())
    }
}
