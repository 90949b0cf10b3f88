//! `ci`: everything that must hold before a change is taken.

use anyhow::Result;

use crate::{bench, lint, test};

pub(crate) fn run() -> Result<()> {
    lint::run()?;
    test::run(&test::Options::default())?;
    bench::run(&bench::Options::quick())
}
