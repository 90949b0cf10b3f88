//! What a signal to stop does to answers that are on their way.

use std::net::SocketAddr;
use std::time::Duration;

use rusqlite::Connection;
use simulator::{Fault, Position, Script, Simulator};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::{Ask, Cut, Exchange, Protocol};
use crate::place::{Place, end_of, parse, within};
use crate::settings::{self, INPUT_PRICE, OUTPUT_PRICE};

const DRAIN: Duration = Duration::from_secs(1);
/// What a busy machine may take for the rest of a stop.
const STOP_MAX: Duration = Duration::from_secs(10);

/// Every form of an answer, twice, held in its middle; streams have begun when it returns.
async fn held(simulator: &Simulator, gateway: SocketAddr) -> Vec<(Ask, Exchange)> {
    simulator
        .set_script(Script { always: Fault::Hold { at: Position::Middle }, ..Script::default() });
    let mut open = Vec::new();
    for number in 0..8 {
        let ask = Ask {
            protocol: [Protocol::OpenAi, Protocol::Anthropic][number % 2],
            stream: number % 4 < 2,
            ..Ask::new(&format!("question {number}"))
        };
        let mut exchange = ask.open(gateway).await.unwrap();
        if ask.stream {
            exchange.read_until("imulated").await;
        }
        open.push((ask, exchange));
    }
    within("calls", simulator.counts_when(|counts| counts.in_flight == 8)).await;
    open
}

/// Waits until nobody listens any more.
async fn closed(gateway: SocketAddr) {
    within("a closed listener", async {
        while TcpStream::connect(gateway).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// What whole answers of these requests cost, in micro-dollars.
async fn whole_answers(open: Vec<(Ask, Exchange)>) -> u64 {
    let mut cost = 0;
    for (ask, exchange) in open {
        let response = within("an answer", exchange.finish()).await.unwrap();
        let (input, output) = response.usage(&ask).unwrap();
        cost += input * INPUT_PRICE + output * OUTPUT_PRICE;
    }
    cost
}

/// Spent and reserved by the tenant, and how many charges a recovery made.
async fn books(place: &Place) -> (u64, u64, usize) {
    let status = place.run(&["status", "--json"]).await;
    let status = parse(&status.out);
    let number = |name: &str| status[name].as_u64().unwrap();
    let listed = place.json(&["budget", "unreconciled"]).await;
    let unreconciled = listed["unreconciled"].as_array().unwrap().len();
    (number("spent"), number("reserved"), unreconciled)
}

/// Nothing is left that only a running gateway has: the socket, logs beside the databases, open
/// reservations (`ledger.open`) and leases. The next start has nothing to recover.
#[track_caller]
fn check_closed(place: &Place) {
    let entries = fs_err::read_dir(place.data()).unwrap();
    let name = |entry: std::io::Result<fs_err::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(|entry| name(entry).into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["cache.db", "forebay.db", "forebay.lock", "ledger.db", "pepper"]);
    let ledger = Connection::open(place.data().join("ledger.db")).unwrap();
    let count = |query: &str| ledger.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM windows WHERE leased > spent"), 0);
}

/// Signals the gateway while answers are held: they end whole, and so does the gateway.
async fn check_open_answers_end_whole(signals: &[&str]) {
    let simulator = settings::simulator().await;
    let place = Place::beside(&simulator);
    let gateway = place.serve().await;
    let open = held(&simulator, gateway.address()).await;
    for signal in signals {
        gateway.signal(signal).await;
        closed(gateway.address()).await;
    }
    simulator.release(8);
    let cost = whole_answers(open).await;
    assert_eq!(gateway.end().await.0.code(), Some(0), "{}", place.log());
    check_closed(&place);
    assert_eq!(books(&place).await, (cost, 0, 0));
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_answers_end_whole_after_sigterm() {
    check_open_answers_end_whole(&["TERM"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_answers_end_whole_after_ctrl_c() {
    check_open_answers_end_whole(&["INT"]).await;
}

/// As `docs/operations.md` says.
#[tokio::test(flavor = "multi_thread")]
async fn further_signals_change_nothing() {
    check_open_answers_end_whole(&["TERM", "TERM", "INT"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_never_ends_is_cut_in_time_and_paid_for() {
    let simulator = settings::simulator().await;
    let mut settings = settings::with_provider(simulator.address());
    settings::set(&mut settings, "server", "drain_seconds", 1);
    let place = Place::with(&settings);
    let gateway = place.serve().await;
    let open = held(&simulator, gateway.address()).await;
    let began = Instant::now();
    gateway.signal("TERM").await;
    assert_eq!(gateway.end().await.0.code(), Some(0), "{}", place.log());
    let took = began.elapsed();
    check_closed(&place);
    assert!(took >= DRAIN && took < DRAIN + STOP_MAX, "{took:?}");
    let input: u64 = open.iter().map(|(ask, _)| ask.text.len().div_ceil(4) as u64).sum();
    for (ask, exchange) in open {
        match within("an end", exchange.finish()).await {
            Ok(response) => assert_eq!(response.usage(&ask), None, "{response:?}"),
            Err(Cut(received)) => {
                assert!(!received.contains("[DONE]") && !received.contains("message_stop"));
            }
        }
    }
    let (spent, reserved, unreconciled) = books(&place).await;
    assert_eq!((reserved, unreconciled), (0, 0));
    // All that was sent, and of the four streams what came of their 32 tokens each.
    let whole = input * INPUT_PRICE + 4 * 32 * OUTPUT_PRICE;
    assert!(spent > input * INPUT_PRICE && spent < whole, "{spent} of {whole}");
    simulator.stop().await;
}

/// A key that is in the ledger was shown, also where the gateway was asked to stop meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_has_begun_is_answered() {
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    let gateway = place.serve().await;
    let mut commands = JoinSet::new();
    for number in 0..24 {
        let developer = format!("developer-{number}");
        let arguments = ["keys", "create", "--json", "--developer", developer.as_str()];
        commands.spawn(end_of(place.command(&arguments)));
    }
    let first = commands.join_next().await.unwrap().unwrap();
    gateway.signal("TERM").await;
    let mut ran = commands.join_all().await;
    ran.push(first);
    assert_eq!(gateway.end().await.0.code(), Some(0), "{}", place.log());
    let (good, refused): (Vec<_>, Vec<_>) = ran.iter().partition(|ran| ran.code == Some(0));
    println!("{refused:?}");
    let mut shown: Vec<_> = good.iter().map(|ran| parse(&ran.out)["record"].clone()).collect();
    let listed = place.json(&["keys", "list"]).await;
    let mut listed = listed["keys"].as_array().unwrap().clone();
    for keys in [&mut shown, &mut listed] {
        keys.sort_by_key(|key| key["principal"]["developer"].to_string());
    }
    assert_eq!(shown, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_command_keeps_nobody_waiting() {
    let place = Place::with(&settings::with_provider(([127, 0, 0, 1], 9).into()));
    let gateway = place.serve().await;
    let mut control = UnixStream::connect(place.data().join("control.sock")).await.unwrap();
    control.write_all(br#"{"list_keys""#).await.unwrap();
    place.good(&["status"]).await;
    gateway.stop().await;
}
