//! Named definitions of corpus quality signals.

use serde::{Deserialize, Serialize};

/// A published set of rules for corpora, exactly as one tool defines it. The same rule differs from
/// tool to tool, so none is called just by its paper's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Gopher quality and repetition as datatrove has them.
    GopherDatatrove,
    /// Gopher quality and repetition as dolma has them.
    GopherDolma,
    /// C4 as TensorFlow Datasets has it.
    C4Tfds,
    /// C4 as datatrove has it.
    C4Datatrove,
    /// FineWeb as datatrove has it.
    FineWeb,
    /// RedPajama-V2, the signals without a model.
    Rpv2,
}

impl Dialect {
    /// All, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::GopherDatatrove,
        Self::GopherDolma,
        Self::C4Tfds,
        Self::C4Datatrove,
        Self::FineWeb,
        Self::Rpv2,
    ];

    /// As written in settings and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GopherDatatrove => "gopher-datatrove",
            Self::GopherDolma => "gopher-dolma",
            Self::C4Tfds => "c4-tfds",
            Self::C4Datatrove => "c4-datatrove",
            Self::FineWeb => "fine-web",
            Self::Rpv2 => "rpv2",
        }
    }
}
