//! What a document is judged as.

use serde::{Deserialize, Serialize};

use super::Weights;

/// What a document is judged as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The front page of a project.
    Readme,
    /// What each part is and does.
    Reference,
    /// Steps to a goal.
    HowTo,
    /// Text to be read.
    #[default]
    Prose,
    /// Text to be trained on or searched.
    Corpus,
}

impl Profile {
    /// All, in the order of documentation.
    pub const ALL: [Self; 5] =
        [Self::Readme, Self::Reference, Self::HowTo, Self::Prose, Self::Corpus];

    /// As written in settings and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Readme => "readme",
            Self::Reference => "reference",
            Self::HowTo => "how-to",
            Self::Prose => "prose",
            Self::Corpus => "corpus",
        }
    }

    /// How much each side counts, in hundredths.
    pub const fn weights(self) -> Weights {
        let [structure, completeness, clarity, consistency, integrity, safety, uniqueness, rest] =
            match self {
                Self::Readme => [15.0, 25.0, 15.0, 10.0, 10.0, 15.0, 5.0, 5.0],
                Self::Reference => [15.0, 20.0, 10.0, 15.0, 10.0, 10.0, 10.0, 10.0],
                Self::HowTo => [15.0, 20.0, 20.0, 10.0, 10.0, 10.0, 5.0, 10.0],
                Self::Prose => [10.0, 10.0, 30.0, 15.0, 15.0, 10.0, 5.0, 5.0],
                Self::Corpus => [5.0, 5.0, 10.0, 5.0, 30.0, 15.0, 20.0, 10.0],
            };
        let retrievability = rest;
        Weights {
            structure,
            completeness,
            clarity,
            consistency,
            integrity,
            safety,
            uniqueness,
            retrievability,
        }
    }
}
