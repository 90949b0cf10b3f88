//! Failures of setting telemetry up.

use types::Class;

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The exporter could not be made.
    #[error("could not set up the metrics exporter")]
    Exporter {
        /// What the exporter said.
        #[source]
        source: metrics_exporter_prometheus::BuildError,
    },
    /// The log filter is not one.
    #[error(
        "log level {filter:?} is not a filter; use error, warn, info, debug, trace or target=level"
    )]
    Filter {
        /// What was given.
        filter: String,
    },
    /// Logs are already set up in this process.
    #[error("logs are already set up in this process")]
    AlreadySet,
}

impl Error {
    /// A bad filter is the caller's to mend, all else is a fault.
    pub fn class(&self) -> Class {
        match self {
            Self::Filter { .. } => Class::Caller,
            Self::Exporter { .. } | Self::AlreadySet => Class::Fault,
        }
    }
}
