//! The cache alone: a slow function is called once however often and however many ask.
//!
//! `cargo run -p forebay-cache --example answer_cache`

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use forebay_cache::{Cache, CacheSettings, Entry, Flights, Form, Key, KeyParts, Lead, Turn, key};
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::JoinSet;
use types::{Clock, Microdollars, ModelId, ProviderId, RequestId, TenantId, TokenUsage};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// What every caller shares.
struct Service {
    cache: Cache,
    flights: Flights<Arc<Entry>>,
    clock: Clock,
    /// The calls under way.
    calls: Mutex<JoinSet<()>>,
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let file = Cache::open_file(&folder.path().join("cache.db"))?;
    let clock = Clock::system();
    let cache = Cache::new(&CacheSettings::default(), Some(file), clock.clone())?;
    let service =
        Arc::new(Service { cache, flights: Flights::new(), clock, calls: Mutex::default() });

    let fields = json!({"messages": [{"role": "user", "content": "What is a forebay?"}]});
    let key = key(&KeyParts {
        tenant: &TenantId::new("acme")?,
        endpoint: "/v1/chat/completions",
        model: &ModelId::new("gpt-5-mini")?,
        fields: fields.as_object().ok_or("not an object")?,
        excluded: &["stream", "stream_options", "model"],
    });

    let mut callers = JoinSet::new();
    for number in 0..5 {
        let service = Arc::clone(&service);
        callers.spawn(async move { ask(&service, key, number).await });
    }
    let mut out = std::io::stdout();
    while let Some(said) = callers.join_next().await {
        writeln!(out, "{}", said??)?;
    }
    writeln!(out, "{}", ask(&service, key, 5).await?)?;
    writeln!(out, "{:?}", service.cache.statistics())?;
    Ok(())
}

/// Looks up, joins, and leads where nobody else does.
async fn ask(service: &Arc<Service>, key: Key, number: u64) -> Result<String, AnyError> {
    if let Some(hit) = service.cache.get(&key, None) {
        return Ok(format!("caller {number}: hit in {}", hit.tier));
    }
    let mut subscription = service.flights.join(key);
    loop {
        match subscription.next().await {
            // Somebody may have landed between the look-up and the joining.
            Turn::Lead(lead) => match service.cache.get(&key, None) {
                Some(hit) => return Ok(format!("caller {number}: hit in {}", hit.tier)),
                None => start(service, key, number, lead),
            },
            Turn::Item(entry) => return Ok(format!("caller {number}: got {}", entry.origin)),
            Turn::Landed | Turn::Lost => return Err("no answer".into()),
        }
    }
}

/// Calls the model in a task that goes on where the caller leaves.
fn start(service: &Arc<Service>, key: Key, number: u64, lead: Lead<Arc<Entry>>) {
    let (producer, shared) = (lead.take_off(), Arc::clone(service));
    service.calls.lock().spawn(async move {
        // Where it fails the producer is dropped, and whoever waits is told.
        if let Ok(entry) = call_the_model(number, &shared.clock).await {
            let entry = Arc::new(entry);
            shared.cache.put(key, Arc::clone(&entry));
            producer.push(entry);
            producer.land();
        }
    });
}

async fn call_the_model(number: u64, clock: &Clock) -> Result<Entry, types::Error> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(Entry {
        form: Form::Complete,
        frames: vec![r#"{"choices":[{"message":{"content":"A pool."}}]}"#.into()],
        provider: ProviderId::new("openai")?,
        model: ModelId::new("gpt-5-mini")?,
        usage: TokenUsage::default(),
        cost: Microdollars::new(120),
        origin: RequestId::new(&format!("req-{number}"))?,
        stored_at: clock.now(),
    })
}
