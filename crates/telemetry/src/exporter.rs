//! The Prometheus text that `/metrics` answers with.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;

use crate::{Error, names};

/// Collects what this process records and renders it.
#[derive(Clone)]
pub struct Exporter(PrometheusHandle);

/// A process has one recorder; everyone who installs gets the same exporter. Held for as long as one
/// is installed, so that of several at once the one that is kept is the one that is recorded to.
static INSTALLED: Mutex<Option<Exporter>> = Mutex::new(None);

impl Exporter {
    /// Installs the process's recorder, or returns the one that is installed.
    pub fn install() -> Result<Self, Error> {
        let mut installed = INSTALLED.lock();
        if let Some(exporter) = &*installed {
            return Ok(exporter.clone());
        }
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(
                Matcher::Suffix("_seconds".to_owned()),
                names::DURATION_BUCKETS_SECONDS,
            )
            .map_err(|source| Error::Exporter { source })?
            .build_recorder();
        let exporter = Self(recorder.handle());
        if metrics::set_global_recorder(recorder).is_ok() {
            names::describe();
        }
        Ok(installed.insert(exporter).clone())
    }

    /// All metrics in Prometheus text format.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds recorded samples into their histograms, so that memory stays flat when nobody
    /// scrapes. Call it every few seconds.
    pub fn run_upkeep(&self) {
        self.0.run_upkeep();
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Exporter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_at_once_all_get_the_one_that_is_recorded_to() {
        let barrier = std::sync::Barrier::new(8);
        let install = || {
            barrier.wait();
            Exporter::install().expect("no other recorder in this test binary")
        };
        let exporters: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(install)).collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
        });
        metrics::counter!("test_recorded").increment(1);
        assert!(exporters.iter().all(|exporter| exporter.render().contains("test_recorded 1")));
    }

    #[test]
    fn renders_histograms_with_the_buckets_of_latency() {
        let exporter = Exporter::install().expect("no other recorder in this test binary");
        metrics::histogram!(names::REQUEST_DURATION, "protocol" => "openai-chat").record(0.004);
        let text = exporter.render();
        assert!(text.contains("# HELP forebay_request_duration_seconds"), "{text}");
        assert!(
            text.contains(
                "forebay_request_duration_seconds_bucket{protocol=\"openai-chat\",le=\"0.005\"} 1"
            ),
            "{text}"
        );
    }
}
