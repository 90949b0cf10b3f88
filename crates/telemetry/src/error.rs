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
    /// The collector's address is not one.
    #[error("must be an address of HTTP without a query, such as http://localhost:4318")]
    Endpoint,
    /// There is no client for the collector.
    #[error("could not make a client for the collector of telemetry")]
    Collector {
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Logs are already set up in this process.
    #[error("logs are already set up in this process")]
    AlreadySet,
}

impl Error {
    /// A bad filter or address is the caller's to mend, all else is a fault.
    pub fn class(&self) -> Class {
        match self {
            Self::Filter { .. } | Self::Endpoint => Class::Caller,
            Self::Exporter { .. } | Self::Collector { .. } | Self::AlreadySet => Class::Fault,
        }
    }
}
