//! Money when the gateway is killed at any moment.

mod books;
mod spender;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use simulator::{Authentication, Latency, Simulator, SimulatorSettings};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::books::Books;
use self::spender::{Spender, Spending};
use crate::place::{Place, within};
use crate::process::{Process, serve};
use crate::settings;

const ROUNDS: usize = 100;
/// How long a start after a kill may take.
const START_MAX: Duration = Duration::from_secs(5);
/// Developers with what else their requests are charged to.
const DEVELOPERS: [&[&str]; 4] = [
    &["--developer", "ada", "--team", "search", "--project", "alpha"],
    &["--developer", "bob", "--team", "search", "--project", "beta"],
    &["--developer", "cyd", "--team", "ops"],
    &["--developer", "dan", "--project", "beta"],
];
/// Clients that each developer has.
const CLIENTS_EACH: usize = 2;

/// A hundred kills of one data directory: no spend that a client saw the end of is lost, and what
/// is counted too much is at most one worst case for each client, the one it had in flight.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_keeps_acknowledged_spend_and_adds_at_most_what_was_in_flight() {
    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let simulator = slow_simulator(seed).await;
    let place = Place::with(&impatient(&simulator));
    let spenders = spenders(&place).await;
    let mut gateway = place.serve().await;
    let mut books = Books::of(&place).await;
    for round in 0..ROUNDS {
        let spendings = spend_until_killed(&simulator, &spenders, gateway, &mut random).await;
        if round % 4 == 0 {
            kill_while_it_starts(&place, &mut random).await;
        }
        let began = Instant::now();
        gateway = place.serve().await;
        assert!(began.elapsed() < START_MAX, "round {round}: {:?}", began.elapsed());
        let after = Books::of(&place).await;
        after.check_against(&books, &spendings, round);
        after.check_charges(&place, round).await;
        books = after;
    }
    books.check_all_charges(&place).await;
    assert!(!books.unreconciled.is_empty(), "no kill struck while something was in flight");
    gateway.stop().await;
    simulator.stop().await;
}

/// Answers take a while, so that a kill finds them at every stage.
async fn slow_simulator(seed: u64) -> Simulator {
    let settings = SimulatorSettings {
        authentication: Authentication::Open,
        latency: Latency { min_ms: 0, max_ms: 5, seed },
        chunk_delay_ms: 1,
        ..SimulatorSettings::default()
    };
    Simulator::start(settings).await.unwrap()
}

/// Leases so small that a round needs several.
fn impatient(simulator: &Simulator) -> toml::Table {
    let mut settings = settings::with_provider(simulator.address());
    settings::set(&mut settings, "budget", "lease_usd", "0.25");
    settings::set(&mut settings, "log", "level", "warn");
    settings
}

async fn spenders(place: &Place) -> Vec<Spender> {
    let mut spenders = Vec::new();
    for developer in DEVELOPERS {
        let key = place.key(developer).await;
        for _ in 0..CLIENTS_EACH {
            spenders.push(Spender::new(spenders.len(), &key, developer));
        }
    }
    spenders
}

/// Lets every client send one request after the other, until the gateway is killed once so many
/// requests have come to the provider, and a moment later.
async fn spend_until_killed(
    simulator: &Simulator,
    spenders: &[Spender],
    gateway: Process,
    random: &mut StdRng,
) -> Vec<Spending> {
    let mut clients = JoinSet::new();
    for spender in spenders {
        clients.spawn(spender.clone().spend(gateway.address()));
    }
    let attempts = simulator.counts().attempts() + random.random_range(0..24);
    within("load", simulator.counts_when(|counts| counts.attempts() >= attempts)).await;
    // Not to wait for something, but to be anywhere in it.
    tokio::time::sleep(Duration::from_micros(random.random_range(0..5_000))).await;
    gateway.kill().await;
    within("clients", clients.join_all()).await
}

/// Kills a gateway that may be recovering what the last one left.
async fn kill_while_it_starts(place: &Place, random: &mut StdRng) {
    let mut child = serve(place).spawn().unwrap();
    tokio::time::sleep(Duration::from_micros(random.random_range(0..60_000))).await;
    within("a kill", child.kill()).await.unwrap();
}
