//! The crate against what it stands for.

mod side_by_side;
mod texts;
