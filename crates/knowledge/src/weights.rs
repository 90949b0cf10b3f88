//! How much each part of a score counts.

use serde::{Deserialize, Serialize};

use crate::{Error, ScoreParts};

/// How much each part of a score counts. They sum to one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Weights {
    text: f64,
    vector: f64,
    freshness: f64,
    intent: f64,
    project: f64,
}

/// The weights as somebody writes them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    text: f64,
    vector: f64,
    freshness: f64,
    intent: f64,
    project: f64,
}

impl Default for Weights {
    /// 0.40 text, 0.45 vector, 0.07 freshness, 0.03 intent, 0.05 project.
    fn default() -> Self {
        Self { text: 0.40, vector: 0.45, freshness: 0.07, intent: 0.03, project: 0.05 }
    }
}

impl Weights {
    /// Weights in the order of [`ScoreParts`].
    ///
    /// # Errors
    /// [`Error::Value`] where one is negative or they do not sum to one within a millionth.
    pub fn new(parts: ScoreParts) -> Result<Self, Error> {
        let ScoreParts { text, vector, freshness, intent, project } = parts;
        let all = [text, vector, freshness, intent, project];
        let sum: f64 = all.iter().sum();
        if all.iter().any(|weight| !(0.0..=1.0).contains(weight)) || (sum - 1.0).abs() > 1e-6 {
            return Err(Error::Value { what: "weights", rule: "5 numbers from 0 that sum to 1" });
        }
        Ok(Self { text, vector, freshness, intent, project })
    }

    /// All of them, in the order of [`ScoreParts`].
    pub(crate) const fn all(&self) -> [f64; 5] {
        [self.text, self.vector, self.freshness, self.intent, self.project]
    }

    /// The weights where the text also has this share of the vector's: all of it where there are no
    /// vectors.
    pub(crate) fn towards_text(self, share: f64) -> Self {
        let moved = self.vector * share;
        Self { text: self.text + moved, vector: self.vector - moved, ..self }
    }

    /// The score of the parts, from 0 to 1.
    pub(crate) fn score(&self, parts: &ScoreParts) -> f64 {
        self.text * parts.text
            + self.vector * parts.vector
            + self.freshness * parts.freshness
            + self.intent * parts.intent
            + self.project * parts.project
    }
}

impl TryFrom<Raw> for Weights {
    type Error = Error;

    fn try_from(raw: Raw) -> Result<Self, Error> {
        let Raw { text, vector, freshness, intent, project } = raw;
        Self::new(ScoreParts { text, vector, freshness, intent, project })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_vector_loses_the_text_gains() {
        for (share, text, vector) in [(0.0, 0.40, 0.45), (0.5, 0.625, 0.225), (1.0, 0.85, 0.0)] {
            let moved = Weights::default().towards_text(share);
            assert!((moved.text - text).abs() < 1e-12 && (moved.vector - vector).abs() < 1e-12);
            assert!((moved.all().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn weights_must_sum_to_one() {
        let default = Weights::default();
        let json = serde_json::to_value(default).unwrap();
        assert_eq!(serde_json::from_value::<Weights>(json.clone()).unwrap(), default);
        for (name, value) in [("text", 0.5), ("vector", -0.45), ("project", f64::NAN)] {
            let mut json = json.clone();
            json[name] = serde_json::json!(value);
            assert!(serde_json::from_value::<Weights>(json).is_err(), "{name} {value}");
        }
    }
}
