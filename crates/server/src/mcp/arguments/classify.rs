//! What is to be classified.

use orchestrator::{AskedLabels, Example, KnowledgeAction};
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

use super::{CONTENT_BYTES_MAX, Failure, bounded, counted};

const TEXTS_MAX: usize = 64;
const EXAMPLES_MAX: usize = 1_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Classify {
    /// 1 to 64 texts.
    texts: Vec<String>,
    /// What they may be about, unless examples are given. Default: intents.
    #[serde(default)]
    labels: Labels,
    /// Your own labels, several examples of each, at most 1,000 in all.
    examples: Option<Vec<LabelledText>>,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Labels {
    /// What somebody wants: learning, debugging, feature_development and so on.
    #[default]
    Intents,
    /// How work is going: exploring, implementing, blocked and so on.
    Trajectories,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LabelledText {
    /// None for a text of no label.
    label: Option<String>,
    text: String,
}

impl Classify {
    pub(in crate::mcp) fn action(self) -> Result<KnowledgeAction, Failure> {
        let Self { texts, labels, examples } = self;
        counted("texts", texts.len(), TEXTS_MAX)?;
        let texts = texts.into_iter().map(|text| bounded("a text", text, CONTENT_BYTES_MAX));
        let labels = match (examples, labels) {
            (Some(examples), _) => {
                counted("examples", examples.len(), EXAMPLES_MAX)?;
                let example = |LabelledText { label, text }| {
                    let text = bounded("an example", text, CONTENT_BYTES_MAX)?;
                    Ok(Example { label: label.map(Into::into), text })
                };
                let examples = examples.into_iter().map(example);
                AskedLabels::Examples(examples.collect::<Result<_, Failure>>()?)
            }
            (None, Labels::Intents) => AskedLabels::Intents,
            (None, Labels::Trajectories) => AskedLabels::Trajectories,
        };
        Ok(KnowledgeAction::Classify { texts: texts.collect::<Result<_, _>>()?, labels })
    }
}
