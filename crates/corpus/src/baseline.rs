//! Findings that were there before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Found, Outcome};

/// Findings that were there before, by file and fingerprint, so that only new ones are told. A
/// finding keeps its fingerprint while its own words and those beside it stay, wherever on the
/// page it moves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: BTreeMap<String, BTreeSet<String>>,
}

const VERSION: u32 = 1;

impl Baseline {
    /// Nothing was there before.
    pub fn new() -> Self {
        Self { version: VERSION, findings: BTreeMap::new() }
    }

    /// Reads a baseline that [`Baseline::write`] wrote.
    ///
    /// # Errors
    /// [`Error::Read`] and [`Error::Baseline`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs_err::read_to_string(path).map_err(|source| Error::Read { source })?;
        let wrong = |reason| Error::Baseline { path: path.to_owned(), reason };
        let read: Self = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if read.version != VERSION {
            return Err(wrong(format!("it has version {}, not {VERSION}", read.version)));
        }
        Ok(read)
    }

    /// Adds all findings of a document.
    pub fn add(&mut self, outcome: &Outcome) {
        let Ok(found) = &outcome.found else { return };
        if found.places.is_empty() {
            return;
        }
        let fingerprints = found.places.iter().map(|place| place.fingerprint.clone());
        self.findings.entry(outcome.origin.to_string()).or_default().extend(fingerprints);
    }

    /// Takes the findings that were there before out of a document's report.
    pub fn subtract(&self, outcome: &mut Outcome) {
        let Some(known) = self.findings.get(&outcome.origin.to_string()) else { return };
        let Ok(Found { report, places, .. }) = &mut outcome.found else { return };
        let is_new: Vec<_> =
            places.iter().map(|place| !known.contains(&place.fingerprint)).collect();
        let mut keep = is_new.iter();
        report.findings.retain(|_| keep.next().copied().unwrap_or(true));
        let mut keep = is_new.iter();
        places.retain(|_| keep.next().copied().unwrap_or(true));
    }

    /// Writes it as JSON, sorted, so that it can be kept beside the documents.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let wrong = |source: serde_json::Error| Error::Write { source: source.into() };
        let mut json = serde_json::to_string_pretty(self).map_err(wrong)?;
        json.push('\n');
        fs_err::write(path, json).map_err(|source| Error::Write { source })
    }
}
