//! Sending what is told to a collector.

mod collector_client;

use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{
    MetricExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::{Error, GenAi, OtlpSettings, names};
use collector_client::CollectorClient;

/// Spans that wait to be sent at most.
const QUEUE_MAX: usize = 4_096;
/// Spans in one message.
const BATCH_MAX: usize = 512;
/// How long spans are gathered for one message.
const GATHER: Duration = Duration::from_millis(200);

/// Sends spans and metrics to a collector over OTLP/HTTP. A collector that is slow or gone holds
/// nobody up: what it does not take is dropped and counted.
#[derive(Debug)]
pub struct Otlp {
    gen_ai: Arc<GenAi>,
    meters: SdkMeterProvider,
    settings: OtlpSettings,
    stop: oneshot::Sender<()>,
    tasks: TaskTracker,
}

impl Otlp {
    /// Begins to send, on the current tokio runtime. Opens no connection before there is something
    /// to send. `seed` is random and makes this process's spans its own.
    ///
    /// # Errors
    /// [`Error::Collector`] where no client can be made.
    pub fn start(settings: OtlpSettings, seed: u64) -> Result<Self, Error> {
        let (mut traces, metrics) =
            exporters(&settings).map_err(|source| Error::Collector { source })?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource =
            Resource::builder().with_service_name("forebay").with_attribute(version).build();
        traces.set_resource(&resource);
        let meters = SdkMeterProvider::builder()
            .with_periodic_exporter(metrics)
            .with_resource(resource)
            .build();
        let (spans, queue) = mpsc::channel(QUEUE_MAX);
        let (stop, stopped) = oneshot::channel();
        let tasks = TaskTracker::new();
        tasks.spawn(send(traces, queue, stopped));
        let gen_ai = Arc::new(GenAi::new(spans, &meters, seed));
        Ok(Self { gen_ai, meters, settings, stop, tasks })
    }

    /// Tells of requests.
    pub fn gen_ai(&self) -> &Arc<GenAi> {
        &self.gen_ai
    }

    /// Sends what is left, as far as the collector takes it in time.
    pub async fn stop(self) {
        let Self { meters, settings, stop, tasks, .. } = self;
        // The other side is gone only where its task has panicked.
        stop.send(()).ok();
        let timeout = settings.timeout;
        tasks.spawn_blocking(move || {
            // What is wrong with the collector was said when spans were sent.
            meters.shutdown_with_timeout(timeout).ok();
        });
        tasks.close();
        tokio::time::timeout(timeout, tasks.wait()).await.ok();
    }
}

fn exporters(
    settings: &OtlpSettings,
) -> Result<(SpanExporter, MetricExporter), Box<dyn std::error::Error + Send + Sync>> {
    let client: Arc<CollectorClient> = Arc::new(CollectorClient::new(settings)?);
    let traces = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(settings.signal("traces"))
        .with_timeout(settings.timeout)
        .with_shared_http_client(Arc::clone(&client) as Arc<_>)
        // Trying again would hold up what comes behind.
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    let metrics = MetricExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(settings.signal("metrics"))
        .with_timeout(settings.timeout)
        .with_shared_http_client(client)
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    Ok((traces, metrics))
}

/// Sends what is queued until it is told to stop and the queue is empty.
async fn send(
    exporter: SpanExporter,
    mut queue: mpsc::Receiver<SpanData>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut is_failing = false;
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            _ = queue.recv_many(&mut batch, BATCH_MAX) => {}
            _ = &mut stopped, if !queue.is_closed() => queue.close(),
        }
        if batch.is_empty() {
            if queue.is_closed() { return } else { continue }
        }
        let count = batch.len();
        let sent = exporter.export(std::mem::take(&mut batch)).await;
        if let Err(error) = &sent {
            counter!(names::SPANS_DROPPED, "reason" => "unsent").increment(count as u64);
            if !is_failing {
                tracing::warn!(%error, "the collector takes no spans; they are dropped");
            }
        }
        is_failing = sent.is_err();
        if count < BATCH_MAX && !queue.is_closed() {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                _ = &mut stopped => queue.close(),
            }
        }
    }
}
