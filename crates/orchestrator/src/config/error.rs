//! What is wrong with a configuration.

use std::io;
use std::path::PathBuf;

/// A configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("could not read the configuration")]
    Read {
        /// What the file system said; names the path.
        #[source]
        source: io::Error,
    },
    /// The file is not TOML, or has an option that does not exist.
    #[error("{} is not a configuration; compare it with `forebay config example`", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// An option has a value that it cannot have.
    #[error("{option} {problem}")]
    Value {
        /// The option, as `section.name`.
        option: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// There is neither a configured data directory nor a home to put one in.
    #[error("no data directory: set data.directory, --data, XDG_DATA_HOME or HOME")]
    NoHome,
}

impl ConfigError {
    pub(crate) fn value(option: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Value { option: option.into(), problem: problem.into() }
    }
}
