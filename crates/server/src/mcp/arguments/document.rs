//! A document to be judged.

use axum::body::Bytes;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use super::Failure;

const FINDINGS_DEFAULT: usize = 50;
const FINDINGS_MAX: usize = 500;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::mcp) struct Document {
    /// The document itself.
    text: String,
    /// How it is written. Default: markdown.
    #[serde(default)]
    format: DocumentFormat,
    /// What it is for. Default: what the gateway is configured for.
    profile: Option<DocumentProfile>,
    /// The most findings, 1 to 500. Default: 50.
    findings_max: Option<usize>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DocumentFormat {
    #[default]
    Markdown,
    Html,
    Rst,
    Plain,
    Code,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum DocumentProfile {
    Readme,
    Reference,
    HowTo,
    Prose,
    Corpus,
}

impl Document {
    /// The body of the same request over HTTP, and the most findings.
    pub(in crate::mcp) fn body(&self) -> Result<(Bytes, usize), Failure> {
        let findings_max = self.findings_max.unwrap_or(FINDINGS_DEFAULT);
        if !(1..=FINDINGS_MAX).contains(&findings_max) {
            return Err(Failure::arguments(format_args!("findings_max is 1 to {FINDINGS_MAX}")));
        }
        let Self { text, format, profile, .. } = self;
        let body = serde_json::json!({"text": text, "format": format, "profile": profile});
        Ok((body.to_string().into(), findings_max))
    }
}
