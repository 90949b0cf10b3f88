//! A process that is killed while money is on its way.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tokio::task::JoinSet;
use types::Clock;

use crate::rig::{
    call, check_sums, developer, folder, micro, open_file, open_ledger, path, request, run,
    settings, settlement,
};

const CHILD: &str = "FOREBAY_TEST_LEDGER";
const AMOUNT: u64 = 900;

/// Spends for ever, saying what it is about to send and what was acknowledged as settled.
async fn spend(folder: &Path) {
    let database = open_file(folder, None).unwrap();
    let ledger = open_ledger(&database, settings(None), "boot-1", Clock::system()).unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..8_u64 {
        let ledger = ledger.clone();
        tasks.spawn(async move {
            let path = path("ada/core");
            for number in (task..).step_by(8) {
                let hold = ledger.reserve(&path, &request(number), micro(AMOUNT)).await.unwrap();
                say(&format!("sends {number}"));
                let sent = hold.dispatched(call(0)).unwrap();
                tokio::task::yield_now().await;
                let cost = number % AMOUNT;
                sent.settle(settlement(cost)).await.unwrap();
                say(&format!("settled {number}"));
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

fn say(line: &str) {
    // One write, so that lines of two tasks do not mix; a parent that is gone ends the child.
    std::io::stderr().lock().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Does nothing as a test: it is what the other test kills.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        runtime.unwrap().block_on(spend(Path::new(&folder)));
    }
}

/// Requests that were sent, and of these those that were acknowledged, when the child was killed
/// after `lines` lines.
fn spend_until_killed(folder: &Path, lines: usize) -> HashMap<u64, bool> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = HashMap::new();
    let said_lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for (index, line) in said_lines.enumerate() {
        if index == lines {
            // SIGKILL: nothing of the process runs after it.
            child.kill().unwrap();
        }
        let line = line.unwrap();
        let (what, number) = line.split_once(' ').unwrap();
        let number: u64 = number.parse().unwrap_or_else(|_| panic!("{line}"));
        match what {
            "sends" => assert_eq!(said.insert(number, false), None),
            "settled" => assert_eq!(said.insert(number, true), Some(false)),
            _ => panic!("{line}"),
        }
    }
    child.wait().unwrap();
    said
}

#[test]
fn a_killed_process_loses_no_acknowledged_spend_and_adds_at_most_what_was_in_flight() {
    let rounds = if testkit::is_long() { 100 } else { 6 };
    let mut in_flight_in_all = 0;
    for round in 0..rounds {
        let folder = folder();
        let said = spend_until_killed(folder.path(), 30 + round * 37);
        let settled: u64 =
            said.iter().filter(|(_, done)| **done).map(|(number, _)| number % AMOUNT).sum();
        let in_flight = u64::try_from(said.values().filter(|done| !**done).count()).unwrap();
        let database = open_file(folder.path(), None).unwrap();
        let ledger = open_ledger(&database, settings(None), "boot-1", Clock::system()).unwrap();
        let path = path("ada/core");
        let spent = ledger.account(developer(&path)).spent.get();
        assert!(spent >= settled, "round {round}: {spent} < {settled}");
        let most = settled + in_flight * AMOUNT;
        assert!(spent <= most, "round {round}: {spent} > {most}");
        check_sums(&database);
        assert!(!folder.path().join("ledger.open").exists());
        let unreconciled = ledger.unreconciled().unwrap();
        in_flight_in_all += unreconciled.len();
        // Somebody looks at the provider's bill.
        run(async {
            for charge in unreconciled {
                assert_eq!(charge.cost, micro(AMOUNT));
                ledger.reconcile(charge.id, micro(0)).await.unwrap();
            }
        });
        assert!(ledger.account(developer(&path)).spent.get() >= settled);
        check_sums(&database);
    }
    assert!(in_flight_in_all > 0, "no kill struck while something was in flight");
}
