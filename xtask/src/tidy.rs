//! `tidy`: what the compiler does not check.
//!
//! Each check is a function from facts (metadata, parsed sources, texts) to violations, so that a
//! test can plant one and see it found.

mod layers;
mod licences;
mod manifests;
mod options;
mod shape;
mod sources;
mod texts;

use std::fmt;

use anyhow::{Result, bail};

use crate::workspace::{self, Metadata};
use sources::Source;

/// Something that must be mended.
#[derive(Debug, PartialEq)]
struct Violation {
    /// A file, a file with its line, or a package.
    place: String,
    what: String,
}

impl Violation {
    fn new(place: impl fmt::Display, what: impl Into<String>) -> Self {
        Self { place: place.to_string(), what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Runs every check, prints the measures, and fails if anything must be mended.
pub(crate) fn run() -> Result<()> {
    let metadata = Metadata::read()?;
    let files = workspace::files()?;
    let sources = Source::read_all(&files)?;
    shape::print(&sources);
    let mut violations = layers::check(&metadata);
    violations.extend(licences::check(&metadata));
    violations.extend(manifests::check_files(&files)?);
    violations.extend(options::check(&sources));
    violations.extend(shape::check(&sources));
    violations.extend(texts::check_files(&files)?);
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => println!("tidy: {} files, nothing to mend", files.len()),
        1 => bail!("tidy: 1 thing to mend"),
        n => bail!("tidy: {n} things to mend"),
    }
    Ok(())
}
