//! The cache alone: a slow function is called once however often and however many ask.
//!
//! `cargo run -p forebay-cache --example answer_cache`

use std::io::Write;
use std::sync::Arc;

use forebay_cache::{Cache, CacheSettings, Entry, Flights, Form, Key, KeyParts, Turn, key};
use serde_json::json;
use tokio::task::JoinSet;
use types::{Clock, Microdollars, ModelId, ProviderId, RequestId, TenantId, TokenUsage};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// What every caller shares.
struct Service {
    cache: Cache,
    flights: Flights<Arc<Entry>>,
    clock: Clock,
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let file = Cache::open_file(&folder.path().join("cache.db"))?;
    let clock = Clock::system();
    let cache = Cache::new(&CacheSettings::default(), Some(file), clock.clone())?;
    let service = Arc::new(Service { cache, flights: Flights::new(), clock });

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
async fn ask(service: &Service, key: Key, number: u64) -> Result<String, AnyError> {
    if let Some(hit) = service.cache.get(&key, None) {
        return Ok(format!("caller {number}: hit in {}", hit.tier));
    }
    let mut producing = JoinSet::new();
    let mut subscription = service.flights.join(key);
    loop {
        match subscription.next().await {
            Turn::Lead(lead) => {
                // Somebody may have landed between the look-up and the joining.
                if service.cache.get(&key, None).is_some() {
                    return Ok(format!("caller {number}: hit at the second look"));
                }
                let producer = lead.take_off();
                let entry = Arc::new(call_the_model(number, &service.clock)?);
                service.cache.put(key, Arc::clone(&entry));
                producing.spawn(async move {
                    producer.push(entry);
                    producer.land();
                });
            }
            Turn::Item(entry) if producing.is_empty() => {
                return Ok(format!("caller {number}: followed {}", entry.origin));
            }
            Turn::Item(_) => return Ok(format!("caller {number}: called the model")),
            Turn::Landed | Turn::Lost => return Err("no answer".into()),
        }
    }
}

fn call_the_model(number: u64, clock: &Clock) -> Result<Entry, types::Error> {
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
