//! Analysis of single documents.

use std::sync::Arc;

use ::analysis::{Analyzer, Format, Profile, Report, Settings};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::Semaphore;
use types::Clock;

use crate::Error;

/// Documents that are analysed at once; further ones wait. One for each core would leave none for
/// the answers that are streamed meanwhile.
const AT_ONCE: usize = 2;

/// A document to be analysed, in the form of a request's JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    text: String,
    #[serde(default)]
    format: Format,
    profile: Option<Profile>,
}

/// How the body of a request holds the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentBody {
    /// `{"text": …, "format": …, "profile": …}`; only `text` is needed.
    Json,
    /// The document itself, in this format.
    Raw(Format),
}

/// Analyses documents off the threads that answer requests, a few at once. Keeps nothing of them
/// and logs nothing of them.
#[derive(Debug)]
pub(crate) struct Documents {
    analyzer: Arc<Analyzer>,
    places: Arc<Semaphore>,
}

impl Documents {
    pub(crate) fn new(settings: Settings, clock: Clock) -> Result<Self, ::analysis::Error> {
        let analyzer = Arc::new(Analyzer::new(settings, clock)?);
        Ok(Self { analyzer, places: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// The report of one document.
    pub(crate) async fn analyze(&self, body: Bytes, kind: DocumentBody) -> Result<Report, Error> {
        let analyzer = Arc::clone(&self.analyzer);
        let place = Arc::clone(&self.places).acquire_owned().await;
        let analysed = tokio::task::spawn_blocking(move || {
            // Held until the work has ended, also where the client has left.
            let _place = place;
            analyze(&analyzer, &body, kind)
        });
        // It fails only where the analysis panicked or the runtime ends.
        analysed.await.unwrap_or(Err(Error::GivenUp))
    }
}

fn analyze(analyzer: &Analyzer, body: &[u8], kind: DocumentBody) -> Result<Report, Error> {
    if let DocumentBody::Raw(format) = kind {
        return Ok(analyzer.analyze(body, format)?.report);
    }
    // What the parser says is left out: it may repeat words of the document.
    let request: Request = serde_json::from_slice(body).map_err(|_| Error::Document {
        reason: "it must be a JSON object with text and, where wanted, format (markdown, html, \
                 rst, plain, code) and profile (readme, reference, how-to, prose, corpus)",
    })?;
    let text = request.text.as_bytes();
    let analysis = match request.profile {
        Some(profile) => analyzer.with_profile(profile)?.analyze(text, request.format)?,
        None => analyzer.analyze(text, request.format)?,
    };
    Ok(analysis.report)
}
