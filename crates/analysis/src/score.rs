//! What a document is worth, and why.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Span;

/// The quality of a document from 0 to 100, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// Too short to be judged.
    Abstained {
        /// Words of prose.
        words: usize,
        /// The least that is judged.
        needed: usize,
    },
    /// Judged.
    Given {
        /// 0 to 100: the sum of the contributions.
        value: f64,
        /// What it is made of.
        dimensions: Vec<Dimension>,
    },
}

/// One side of quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its name.
    pub name: Cow<'static, str>,
    /// 0 to 1.
    pub value: f64,
    /// Its share of the score; the weights of all dimensions sum to 1.
    pub weight: f64,
    /// 100 · value · weight.
    pub contribution: f64,
    /// Why it is not 1.
    pub reasons: Vec<Reason>,
}

/// Why a dimension lost some of its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// In a sentence.
    pub text: String,
    /// How much of the dimension's value it took, 0 to 1.
    pub cost: f64,
    /// Where it shows, at most the first eight places.
    pub evidence: Vec<Span>,
}

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
