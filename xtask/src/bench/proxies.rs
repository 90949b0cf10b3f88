//! What the gateway adds to a request beside what nginx and the LiteLLM proxy add, all in front of
//! one simulator and asked in turn. Everything is on in the gateway: keys, budget, cache, metrics
//! and the record; the others pass requests on.

mod field;
mod latency;
mod litellm;
mod nginx;
mod one_core;
mod relay;
mod streamed;
mod streams;
mod throughput;
mod way;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::figures::{Figures, Percentiles};
use super::request::KIBIBYTE;
use super::series::Answers;
use crate::process;
use field::Field;
use latency::Latency;
use one_core::OneCore;
use streams::{Crowd, Paced};
use throughput::{Rate, Throughput};
use way::{Kind, Way};

/// Sizes of bodies in KiB.
const SIZES: [usize; 3] = [1, 64, 512];
const STREAMS: usize = 40;
/// Streams at once.
const CROWD: usize = super::stand::REQUESTS_MAX;
const ROUNDS: usize = 5;
/// Requests of each connection in a round.
const MISSES: usize = 60;
const HITS: usize = 120;

/// The goals, at 1 KiB and one connection in microseconds.
const ADDED_P50_GOAL_US: f64 = 100.0;
const ADDED_P99_GOAL_US: f64 = 500.0;
/// How many times less is added than by the LiteLLM proxy.
const RATIO_GOAL: f64 = 50.0;
const MISSES_PER_SECOND_GOAL: f64 = 10_000.0;
const HITS_PER_SECOND_GOAL: f64 = 20_000.0;

/// Measures and prints; an answer that is not right ends the run.
pub(super) fn run(target: &Path) -> Result<()> {
    let build = ["build", "--release", "--locked", "--package", "forebay", "--bins"];
    process::run(&mut process::cargo(build))?;
    let field = Field::start(&target.join("release").join("forebay"), target)?;
    // Memory without load is seen first.
    print_crowds(&streams::at_once(&field.ways, CROWD)?);
    print_paced(&streams::one_by_one(&field.ways, STREAMS)?);
    print_latencies(&field.ways)?;
    match OneCore::new(field.ways.iter().map(|way| way.process)) {
        Ok(_until_printed) => {
            println!("all on one core, where no core that sleeps has to be woken:");
            print_latencies(&field.ways)?;
        }
        Err(error) => println!("one core for all is skipped: {error:#}"),
    }
    let misses = Throughput { answers: Answers::Missed, rounds: ROUNDS, requests: MISSES };
    print_rates("misses", &misses.run(&field.ways)?, MISSES_PER_SECOND_GOAL);
    let hits = Throughput { answers: Answers::Hit, rounds: ROUNDS, requests: HITS };
    let ways: &[Way] = field.ways.get(..2).context("this gateway is the second way")?;
    print_rates("hits", &hits.run(ways)?, HITS_PER_SECOND_GOAL);
    Ok(())
}

fn print_crowds(crowds: &[Crowd]) {
    println!("{CROWD} streams at once: time to first token and to the last, memory of the process");
    for crowd in crowds {
        let name = crowd.kind.name();
        print!("  {name:<8} first {} last {}", shown(crowd.first), shown(crowd.last));
        let mib = |kibibytes: u64| kibibytes.div_ceil(1024);
        let (idle, peak, after) = (crowd.idle.now, crowd.loaded.peak, crowd.loaded.now);
        println!(" {} MiB idle, {} at most, {} after", mib(idle), mib(peak), mib(after));
    }
}

fn print_paced(ways: &[Paced]) {
    println!("streams one by one: time to first token, and from one piece to the next");
    for Paced { kind, first, gap } in ways {
        let (name, added) = (kind.name(), first.added_p50_us());
        print!("  {name:<8} first {} gap {}", shown(first.through()), shown(*gap));
        println!(" first p50 added {added:.0} µs");
    }
}

fn print_latencies(ways: &[Way]) -> Result<()> {
    for kibibytes in SIZES {
        let latency = Latency { body_bytes: kibibytes * KIBIBYTE };
        print_latency(kibibytes, &latency.run(ways)?)?;
    }
    let [direct, ..] = ways else { return Ok(()) };
    print_control(&relay::added(direct)?);
    Ok(())
}

fn print_control(relays: &[(Duration, Figures)]) {
    println!("control at 1 KiB: a relay that computes so long each way, and nothing else");
    for (computed, figures) in relays {
        let (p50, p99) = (figures.added_p50_us(), figures.added_p99_us());
        println!("  {:>2} µs added p50 {p50:>7.0} µs p99 {p99:>7.0} µs", computed.as_micros());
    }
}

fn print_latency(kibibytes: usize, ways: &[(Kind, Figures)]) -> Result<()> {
    println!("body of {kibibytes} KiB, one connection, misses");
    for (kind, figures) in ways {
        let (p50, p99) = (figures.added_p50_us(), figures.added_p99_us());
        print!(
            "  {:<8} {} direct {}",
            kind.name(),
            shown(figures.through()),
            shown(figures.direct())
        );
        println!(" added p50 {p50:>7.0} µs p99 {p99:>7.0} µs");
    }
    let of = |wanted| ways.iter().find(|(kind, _)| *kind == wanted).map(|(_, figures)| figures);
    let ours = of(Kind::Forebay).context("this gateway is measured")?;
    for other in [Kind::Nginx, Kind::LiteLlm] {
        let Some(theirs) = of(other) else { continue };
        let times = theirs.added_p50_us() / ours.added_p50_us();
        println!("  {} adds {times:.2} times as much at p50", other.name());
        if other == Kind::LiteLlm && kibibytes == 1 {
            print_goal("times less than litellm at p50", times, times >= RATIO_GOAL, RATIO_GOAL);
        }
    }
    if kibibytes == 1 {
        let (p50, p99) = (ours.added_p50_us(), ours.added_p99_us());
        print_goal("added p50 in µs", p50, p50 <= ADDED_P50_GOAL_US, ADDED_P50_GOAL_US);
        print_goal("added p99 in µs", p99, p99 <= ADDED_P99_GOAL_US, ADDED_P99_GOAL_US);
    }
    Ok(())
}

fn print_rates(what: &str, rates: &[Rate], goal: f64) {
    println!("{what} a second over {} connections", throughput::CONNECTIONS_IN_ALL);
    for Rate { kind, per_second, proxy_us, simulator_us } in rates {
        print!("  {:<8} {per_second:>7.0}/s, processor time of a request:", kind.name());
        if *kind != Kind::Direct {
            print!(" {proxy_us:.0} µs here,");
        }
        println!(" {simulator_us:.0} µs in the simulator");
        if *kind == Kind::Forebay {
            print_goal(&format!("{what} a second"), *per_second, *per_second >= goal, goal);
        }
    }
}

fn print_goal(name: &str, found: f64, is_met: bool, goal: f64) {
    println!("  goal {}: {name} {found:.0} ({goal:.0})", if is_met { "met" } else { "NOT met" });
}

fn shown(Percentiles { p50_us, p99_us }: Percentiles) -> String {
    format!("p50 {p50_us:>7.0} µs p99 {p99_us:>7.0} µs")
}
