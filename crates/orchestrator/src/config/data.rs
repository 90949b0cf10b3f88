//! `[data]`

use std::path::PathBuf;

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};

/// Where things are kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct DataSection {
    /// The data directory. Default: `$XDG_DATA_HOME/forebay`, else `~/.local/share/forebay`.
    pub directory: Option<PathBuf>,
}
