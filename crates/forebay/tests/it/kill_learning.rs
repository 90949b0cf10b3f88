//! Knowledge when the gateway is killed at any moment.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Exchange, Response};
use crate::place::{Place, within};
use crate::settings;

/// Kills of a normal run; FOREBAY_LONG makes them 200.
const ROUNDS: usize = 20;
/// Clients that teach at the same time.
const CLIENTS: usize = 4;

/// An item that the gateway said it keeps: its number and what it says.
type Kept = (i64, String);

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_learning_it_keeps_all_that_it_acknowledged() {
    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let rounds = if std::env::var_os("FOREBAY_LONG").is_some() { 200 } else { ROUNDS };
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    let has_model = link_model(&place);
    let mut kept: Vec<Kept> = Vec::new();
    for round in 0..rounds {
        let gateway = place.serve().await;
        check(&gateway.address().to_string(), &kept, &mut random).await;
        // What the first one waits for, the rules and the model, is no moment of learning.
        kept.extend(teach(gateway.address(), (round, CLIENTS), Some(1)).await);
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(teach(gateway.address(), (round, client), None));
        }
        // Not to wait for something, but to be anywhere in it.
        tokio::time::sleep(Duration::from_micros(random.random_range(0..300_000))).await;
        gateway.kill().await;
        for acknowledged in within("clients", clients.join_all()).await {
            kept.extend(acknowledged);
        }
    }
    assert!(kept.len() > rounds, "{} kept in {rounds} rounds", kept.len());
    println!("{} acknowledged in {rounds} rounds", kept.len());
    let gateway = place.serve().await;
    for (id, content) in &kept {
        assert_eq!(shown(gateway.address(), *id).await.as_ref(), Some(content), "#{id}");
    }
    // The store and the index that is made of it hold the same.
    let rebuilt = place.json(&["index", "rebuild"]).await;
    assert_eq!(rebuilt["vectors"].is_u64(), has_model, "{rebuilt}");
    gateway.stop().await;
}

/// Whether there is a model, which the place then has.
fn link_model(place: &Place) -> bool {
    let Ok(model) = std::env::var("FOREBAY_TEST_MODEL") else {
        println!("without a model: FOREBAY_TEST_MODEL names none");
        return false;
    };
    let models = place.data().join("models");
    fs_err::create_dir_all(&models).unwrap();
    fs_err::os::unix::fs::symlink(model, models.join("all-MiniLM-L6-v2")).unwrap();
    true
}

/// Teaches one thing after the other until the gateway is gone, or so many. Returns what was
/// acknowledged.
async fn teach(
    gateway: std::net::SocketAddr,
    (round, client): (usize, usize),
    most: Option<usize>,
) -> Vec<Kept> {
    let mut kept = Vec::new();
    for number in 0..most.unwrap_or(usize::MAX) {
        let content = format!("Fact{round}x{client}x{number} holds in chamber q{client}{number}z.");
        let body = json!({"content": content, "title": format!("r{round}c{client}n{number}")});
        let Some(response) = post(gateway, "/v1/knowledge", &body).await else { break };
        assert_eq!(response.status, 200, "{response:?}");
        let added: Value = serde_json::from_str(&response.body).unwrap();
        // Something alike that was said before may make it a new version or a conflict.
        if ["created", "superseded", "conflicting"].contains(&added["outcome"].as_str().unwrap()) {
            kept.push((added["id"].as_i64().unwrap(), content));
        }
    }
    kept
}

/// A whole response; none where the gateway went before it came.
async fn post(gateway: std::net::SocketAddr, path: &str, body: &Value) -> Option<Response> {
    let head = "content-type: application/json\r\n";
    let exchange = Exchange::open(gateway, "POST", path, head, &body.to_string()).await.ok()?;
    exchange.finish().await.ok()
}

/// Some of what was acknowledged before is there after the start.
async fn check(gateway: &str, kept: &[Kept], random: &mut StdRng) {
    let gateway = gateway.parse().unwrap();
    for _ in 0..kept.len().min(5) {
        let (id, content) = &kept[random.random_range(0..kept.len())];
        assert_eq!(shown(gateway, *id).await.as_ref(), Some(content), "#{id}");
    }
}

async fn shown(gateway: std::net::SocketAddr, id: i64) -> Option<String> {
    let response = crate::client::get(gateway, &format!("/v1/knowledge/{id}")).await;
    let shown: Value = serde_json::from_str(&response.body).ok()?;
    shown["items"][0]["item"]["content"].as_str().map(str::to_owned)
}
