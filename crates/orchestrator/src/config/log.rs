//! `[log]`

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};
use telemetry::LogFormat;

/// Logs on standard error. They never hold prompts, answers or keys.
#[derive(Clone, Debug, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct LogSection {
    /// error, warn, info, debug or trace, or a list of target=level.
    pub level: String,
    /// text or json.
    pub format: LogFormat,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}
