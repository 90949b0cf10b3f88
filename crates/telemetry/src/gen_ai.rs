//! Requests to models in the words of OpenTelemetry's conventions for generative AI.

mod instruments;
mod provider_name;
mod spans;

use std::num::{NonZeroU64, NonZeroU128};

use metrics::counter;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::trace::SpanData;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc;
use types::TraceParent;

use crate::{ModelRequest, RequestTrace, names};
use instruments::Instruments;

pub use provider_name::provider_name;

/// Tells of requests to models. Telling never waits: what finds the queue full is counted and lost.
#[derive(Debug)]
pub struct GenAi {
    spans: mpsc::Sender<SpanData>,
    instruments: Instruments,
    random: Mutex<StdRng>,
}

impl GenAi {
    /// Sends spans to `spans` and measures with the instruments of `meters`. `seed` is random and
    /// makes this process's spans its own.
    pub(crate) fn new(
        spans: mpsc::Sender<SpanData>,
        meters: &impl MeterProvider,
        seed: u64,
    ) -> Self {
        let instruments = Instruments::new(&meters.meter("forebay"));
        Self { spans, instruments, random: Mutex::new(StdRng::seed_from_u64(seed)) }
    }

    /// A span for a request, in the trace of its client where it has one.
    pub fn begin(&self, client: Option<TraceParent>) -> RequestTrace {
        let mut random = self.random.lock();
        let span = NonZeroU64::new(random.random()).unwrap_or(NonZeroU64::MIN);
        let own = match client {
            Some(client) => client.with_span(span),
            None => {
                let trace = NonZeroU128::new(random.random()).unwrap_or(NonZeroU128::MIN);
                TraceParent::new(trace, span)
            }
        };
        RequestTrace { own, above: client.map(TraceParent::span) }
    }

    /// Tells what a request came to. Its spans are sent unless the client does not record the
    /// trace, the metrics always.
    pub fn tell(&self, request: &ModelRequest) {
        self.instruments.record(request);
        if request.trace.own.is_sampled() {
            for span in spans::of(request) {
                if self.spans.try_send(span).is_err() {
                    counter!(names::SPANS_DROPPED, "reason" => "full").increment(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use types::Timestamp;

    use super::*;
    use crate::Exporter;

    fn request(trace: RequestTrace) -> ModelRequest {
        ModelRequest {
            trace,
            request_id: "req_1".parse().unwrap(),
            operation: "chat",
            model: "m".to_owned(),
            ended: Timestamp::from_millis(1_000),
            took: Duration::from_secs(2),
            first_content: None,
            outcome: "answered",
            error: None,
            attempts: Vec::new(),
        }
    }

    #[test]
    fn what_finds_the_queue_full_is_counted_and_lost() {
        let exporter = Exporter::install().expect("no other recorder in this test binary");
        let (spans, mut queue) = mpsc::channel(2);
        let gen_ai = GenAi::new(spans, &SdkMeterProvider::default(), 0);
        for _ in 0..5 {
            gen_ai.tell(&request(gen_ai.begin(None)));
        }
        queue.close();
        assert!(queue.blocking_recv().is_some() && queue.blocking_recv().is_some());
        assert!(queue.blocking_recv().is_none());
        let told = exporter.render();
        assert!(told.contains("forebay_spans_dropped_total{reason=\"full\"} 3"), "{told}");
    }

    #[test]
    fn a_trace_that_is_not_recorded_gets_no_spans() {
        let (spans, mut queue) = mpsc::channel(2);
        let gen_ai = GenAi::new(spans, &SdkMeterProvider::default(), 0);
        let client = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        let trace = gen_ai.begin(TraceParent::parse(client));
        assert_eq!(trace.above.unwrap().get(), 0x00f0_67aa_0ba9_02b7);
        gen_ai.tell(&request(trace));
        assert!(queue.try_recv().is_err());
    }
}
