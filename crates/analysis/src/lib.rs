//! What a document is worth and why: entropy, quality signals, readability, patterns and a score,
//! as pure functions over text.
//!
//! - The same bytes and settings give the same report, on any machine and any number of threads.
//! - Everything measured says of how much: entropies carry their counts, signals their thresholds.
//! - Every span lies on character boundaries of the decoded text.
//! - Time is linear in the input; limits end in a typed error.
//!
//! `docs/analysis.md` defines every figure, dimension and rule.
//!
//! ```
//! use forebay_analysis::{Analyzer, Format, Settings};
//! use types::Clock;
//!
//! let analyzer = Analyzer::new(Settings::default(), Clock::system())?;
//! let page = b"# Pump\n\n### Parts\n\nThe pump simply works.\n";
//! let report = analyzer.analyze(page, Format::Markdown)?.report;
//! assert_eq!(report.findings[0].rule, "heading-jump");
//! assert_eq!((report.findings[0].start.line, report.findings[0].start.column), (3, 1));
//! # Ok::<(), forebay_analysis::Error>(())
//! ```
#![forbid(unsafe_code)]

mod alphanumerics;
mod analysis;
mod analyzer;
mod category;
mod dialect;
mod document;
mod entropy;
mod error;
mod finding;
mod format;
mod keep;
mod line_index;
mod minhash;
mod outline;
mod position;
mod prose;
pub mod readability;
mod report;
mod rules;
mod score;
mod screening;
mod sentences;
mod settings;
mod severity;
mod signal;
pub mod signals;
mod span;
mod stream;
#[cfg(test)]
mod testing;
mod text;
mod vocabulary;
mod words;

pub use analysis::Analysis;
pub use analyzer::Analyzer;
pub use category::Category;
pub use dialect::Dialect;
pub use document::Document;
pub use entropy::{Counts, Entropies, Entropy};
pub use error::Error;
pub use finding::Finding;
pub use format::{Format, UnknownFormat};
pub use line_index::LineIndex;
pub use minhash::{Bands, Duplicate, NearDuplicates, Sketch};
pub use outline::{CodeBlock, Heading, Image, Link, Outline};
pub use position::Position;
pub use prose::{Block, BlockKind, Prose};
pub use readability::Readability;
pub use report::Report;
pub use rules::{RuleInfo, RuleSet, Scope, UserRule};
pub use score::{Dimension, Profile, Reason, Score, Weights};
pub use screening::Screening;
pub use settings::Settings;
pub use severity::Severity;
pub use signal::{Signal, Threshold, Verdict};
pub use span::Span;
pub use stream::{Stream, StreamReport, StreamSettings, WINDOW_BYTES, Window, window_end, windows};
pub use text::Text;
