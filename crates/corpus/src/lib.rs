//! Documents by the folder and by the million: reading them, analysing them in parallel, and
//! reporting.
//!
//! - Outcomes are delivered in the order of the input, whatever the number of threads.
//! - A document that cannot be read or analysed ends in an [`Error`] of its own; the batch goes on.
//! - Memory is bounded: of a batch of any length only a window is held.
//! - Nothing is written of a document's text but what a finding's message says.
//!
//! ```
//! use analysis::{Analyzer, Settings};
//! use forebay_corpus::{Engine, Inputs};
//! use types::Clock;
//!
//! # let folder = tempfile::tempdir()?;
//! # fs_err::write(folder.path().join("a.md"), "# A\n\nSome words.\n")?;
//! let analyzer = Analyzer::new(Settings::default(), Clock::system())?;
//! let engine = Engine::new(analyzer, Clock::system());
//! let inputs = Inputs::new([folder.path()]);
//! let mut characters = 0;
//! engine.run(inputs.tasks(), |outcome| {
//!     if let Ok(found) = &outcome.found {
//!         characters += found.report.characters;
//!     }
//!     Ok(())
//! })?;
//! assert_eq!(characters, 17);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod baseline;
mod engine;
mod error;
mod found;
mod gate;
mod inputs;
mod outcome;
mod output;
mod places;
mod report_cache;
mod signals;
mod summary;
mod task;

pub use baseline::Baseline;
pub use engine::Engine;
pub use error::Error;
pub use found::Found;
pub use gate::Gate;
pub use inputs::{DOCUMENT_EXTENSIONS, Inputs};
pub use outcome::{Duplicate, Outcome};
pub use output::{Output, OutputFormat};
pub use places::Place;
pub use report_cache::{ReportCache, SCHEMA};
pub use summary::{Percentiles, SignalSummary, Summarizer, Summary};
pub use task::{Content, Origin, Task};
