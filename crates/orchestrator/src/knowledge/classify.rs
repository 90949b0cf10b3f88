//! Telling what texts are about: by nearness first, by a model where that is unsure.

use ::knowledge::{Classified, LabelPrompt};

use super::carry_out::Desk;
use super::{AskedLabels, KnowledgeOutcome};
use crate::{Error, KnowledgeError};

impl Desk<'_> {
    pub(super) fn classify(
        &self,
        texts: &[String],
        labels: &AskedLabels,
    ) -> Result<KnowledgeOutcome, Error> {
        let examples = match labels {
            AskedLabels::Intents => ::knowledge::Example::intents(),
            AskedLabels::Trajectories => ::knowledge::Example::trajectories(),
            AskedLabels::Examples(examples) => examples.clone(),
        };
        let (labels, mut results) = self.base.classify(texts, &examples)?;
        let mut model_failure = None;
        let Some(model) = &self.classifies else {
            return Ok(KnowledgeOutcome::Classified { results, model_failure });
        };
        for (text, result) in texts.iter().zip(&mut results) {
            if !result.is_unsure(self.confidence_min) {
                continue;
            }
            let prompt = LabelPrompt::new(&labels, text);
            let asked = model.ask(&prompt.prompt()).and_then(|answer| {
                Ok::<Classified, Error>(prompt.classified(&answer).map_err(KnowledgeError::from)?)
            });
            match asked {
                Ok(better) => *result = better,
                // The unsure answer stands, and why is told.
                Err(error) => {
                    model_failure.get_or_insert_with(|| error.told());
                }
            }
        }
        Ok(KnowledgeOutcome::Classified { results, model_failure })
    }
}
