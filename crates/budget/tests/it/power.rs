//! Losses of power at every sync, with whatever the disk kept of the rest; full disks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use forebay_budget::{AccountId, AccountPath, Error, Ledger, Sent, Window};
use storage::{Database, Durability};
use testkit::{FaultyVfs, Unsynced};
use types::{ManualClock, RequestId};

use crate::rig::{
    NOW, check_sums, count, developer, folder, micro, open_file, open_ledger, path, run, send,
    settings, settlement, stored,
};

const LIMIT: u64 = 60_000;

type PerAccount = BTreeMap<(AccountId, Window), u64>;

/// What a workload did, as its clients know it.
#[derive(Default)]
struct Log {
    /// What providers will bill: the cost of every call that went out, at the most what was
    /// reserved unless a higher cost was acknowledged.
    billed: PerAccount,
    /// What was acknowledged as settled.
    acknowledged: PerAccount,
    /// The most that was ever leased or asked for.
    leased: PerAccount,
    limit: Option<u64>,
}

fn add(to: &mut PerAccount, path: &AccountPath, window: Window, amount: u64) {
    for account in path.accounts() {
        *to.entry((account.clone(), window)).or_default() += amount;
    }
}

impl Log {
    fn see(&mut self, ledger: &Ledger) {
        for status in ledger.accounts() {
            let block = status.limit.map_or(1_000, |limit| std::cmp::min(limit.get() / 20, 1_000));
            let used = status.spent.get() + status.reserved.get();
            let most = std::cmp::max(status.leased.get(), used + block);
            let seen = self.leased.entry((status.account, status.window)).or_default();
            *seen = std::cmp::max(*seen, most);
        }
    }
}

/// Requests of three developers over two months; the calls it returns are still out.
async fn workload(ledger: &Ledger, hand: &ManualClock, log: &mut Log) -> Vec<Sent> {
    let mut out = Vec::new();
    for number in 0..90_u64 {
        if number == 60 {
            hand.advance(Duration::from_secs(15 * 86_400));
        }
        if number == 20
            && ledger.set_limit(developer(&path("bob")), Some(micro(9_999))).await.is_ok()
        {
            log.limit = Some(9_999);
        }
        let path =
            path(["ada", "bob/core", "cy/core/apollo"][usize::try_from(number % 3).unwrap()]);
        let amount = 150 + number * 37 % 500;
        let window = ledger.window();
        let sent = send(ledger, &path, amount, amount / 3).await;
        log.see(ledger);
        let Ok(sent) = sent else { continue };
        match number % 5 {
            0 => {
                add(&mut log.billed, &path, window, amount);
                out.push(sent);
            }
            1 => {
                add(&mut log.billed, &path, window, amount / 3);
                drop(sent);
            }
            rest => {
                // One of three costs more than was reserved.
                let cost = if rest == 2 && number % 7 == 0 { amount * 2 } else { amount / 2 };
                let settled = sent.settle(settlement(cost)).await.is_ok();
                if settled {
                    add(&mut log.acknowledged, &path, window, cost);
                }
                let billed = if settled { cost } else { std::cmp::min(cost, amount) };
                add(&mut log.billed, &path, window, billed);
            }
        }
        log.see(ledger);
    }
    out
}

/// Runs the workload until the power goes at sync `k`, or to its end; tells whether it went.
fn run_until_sync(vfs: &FaultyVfs, name: &'static str, k: u64, log: &mut Log) -> bool {
    let disk = folder();
    vfs.freeze_at_sync(k);
    let hand = ManualClock::new(NOW);
    let opened = open_file(disk.path(), Some(name)).ok().and_then(|database| {
        let ledger = open_ledger(&database, settings(Some(LIMIT)), "boot-1", hand.clock()).ok()?;
        Some((database, ledger))
    });
    if let Some((database, ledger)) = opened {
        run(async {
            // What is still out when the power goes is not dropped, or it would be charged.
            let out = workload(&ledger, &hand, log).await;
            std::mem::forget(out);
        });
        drop((ledger, database));
    }
    vfs.is_frozen()
}

fn check_after(vfs: &FaultyVfs, unsynced: Unsynced, log: &Log, context: &str) {
    let disk = folder();
    vfs.image(disk.path(), unsynced).unwrap();
    let hand = ManualClock::new(NOW);
    let database = open_file(disk.path(), None).unwrap();
    let ledger = open_ledger(&database, settings(Some(LIMIT)), "boot-2", hand.clock()).unwrap();
    check_sums(&database);
    for ((account, window), billed) in &log.billed {
        let (spent, leased) = stored(&database, account, &window.to_string());
        let key = (account.clone(), *window);
        let acknowledged = log.acknowledged.get(&key).copied().unwrap_or(0);
        assert!(spent >= acknowledged, "{context}: {account} {spent} < {acknowledged} settled");
        assert!(spent >= *billed, "{context}: {account} {spent} < {billed} billed");
        assert!(spent <= log.leased[&key], "{context}: {account} {spent} > {}", log.leased[&key]);
        assert_eq!(spent, leased, "{context}: {account}");
    }
    if let Some(limit) = log.limit {
        let status = ledger.account(developer(&path("bob")));
        assert_eq!(status.limit, Some(micro(limit)), "{context}");
    }
}

fn seeds() -> u64 {
    if testkit::is_long() { 50 } else { 1 }
}

#[test]
fn power_lost_at_any_sync_never_counts_too_little_nor_more_than_the_leases() {
    let name = "budget-power";
    let vfs = FaultyVfs::register(name);
    let mut syncs = 0;
    for k in 1.. {
        vfs.reset();
        let mut log = Log::default();
        let was_cut = run_until_sync(&vfs, name, k, &mut log);
        check_after(&vfs, Unsynced::Lost, &log, &format!("sync {k}"));
        for seed in 0..seeds() {
            let context = format!("sync {k}, seed {seed}");
            check_after(&vfs, Unsynced::Torn { seed: k * 100 + seed }, &log, &context);
        }
        if !was_cut {
            break;
        }
        syncs = k;
    }
    // Far fewer than requests, or the leases are none; and enough to mean something.
    assert!((15..90).contains(&syncs), "{syncs} syncs");
}

fn open_faulty(
    name: &'static str,
    disk: &std::path::Path,
    hand: &ManualClock,
) -> (Database, Ledger) {
    let database = open_file(disk, Some(name)).unwrap();
    let ledger = open_ledger(&database, settings(Some(LIMIT)), "boot-1", hand.clock()).unwrap();
    (database, ledger)
}

#[test]
fn a_full_disk_refuses_new_calls_and_loses_no_charge() {
    let name = "budget-full";
    let vfs: Arc<FaultyVfs> = FaultyVfs::register(name);
    let (disk, hand) = (folder(), ManualClock::new(NOW));
    let (database, ledger) = open_faulty(name, disk.path(), &hand);
    let path = path("ada/core");
    run(async {
        let settled = send(&ledger, &path, 500, 100).await.unwrap();
        let cancelled = send(&ledger, &path, 500, 100).await.unwrap();
        vfs.fill_disk(true);
        let leased = ledger.account(developer(&path)).leased;
        let refused = ledger.reserve(&path, &RequestId::new("r").unwrap(), micro(30_000)).await;
        assert_eq!(ledger.account(developer(&path)).leased, leased, "nothing was granted");
        assert!(matches!(refused, Err(Error::Journal { .. })), "{refused:?}");
        let kept = settled.settle(settlement(300)).await;
        assert!(matches!(kept, Err(Error::Journal { .. })), "{kept:?}");
        drop(cancelled);
        // The writer has met the full disk before there is space again.
        drop(database.write(Durability::Written, |_| Ok(())).wait());
        assert_eq!(ledger.account(developer(&path)).spent, micro(400));
        assert_eq!(ledger.account(developer(&path)).reserved, micro(0));
        vfs.fill_disk(false);
        // The next requests bring what is owed to the disk.
        for _ in 0..4 {
            hand.advance(Duration::from_secs(2));
            let sent = send(&ledger, &path, 100, 0).await.unwrap();
            sent.settle(settlement(50)).await.unwrap();
        }
        ledger.close().await.unwrap();
    });
    check_sums(&database);
    assert_eq!(count(&database, "charges"), 6);
    let month = ledger.window().to_string();
    assert_eq!(stored(&database, developer(&path), &month), (600, 600));
    assert!(ledger.statistics().journal_failures >= 2);
}

#[test]
fn a_cost_above_its_reservation_is_on_the_disk_when_it_is_acknowledged() {
    let name = "budget-overage";
    let vfs = FaultyVfs::register(name);
    // The storage may fold its log, which syncs, at any moment: then the end is not reached.
    assert!((0..50).any(|_| outgrow_a_lease(&vfs, name)));
}

/// Tells whether a call went out without a sync after another one had outgrown the lease of both.
fn outgrow_a_lease(vfs: &FaultyVfs, name: &'static str) -> bool {
    vfs.reset();
    let (disk, hand) = (folder(), ManualClock::new(NOW));
    let (_database, ledger) = open_faulty(name, disk.path(), &hand);
    let path = path("ada/core");
    run(async {
        let held = ledger.reserve(&path, &RequestId::new("r").unwrap(), micro(900)).await.unwrap();
        let sent = send(&ledger, &path, 50, 0).await.unwrap();
        let settled = sent.settle(settlement(20_000)).await;
        vfs.freeze_at_sync(vfs.syncs() + 1);
        settled.unwrap();
        let sent = held.dispatched(crate::rig::call(0));
        // The call of the other is out, and nothing of it is synced.
        check_left(vfs, &path, if sent.is_ok() { 20_900 } else { 20_000 });
        sent.is_ok()
    })
}

/// At least `spent` counts if the power goes now.
#[track_caller]
fn check_left(vfs: &FaultyVfs, path: &AccountPath, spent: u64) {
    let disk = folder();
    vfs.image(disk.path(), Unsynced::Lost).unwrap();
    let database = open_file(disk.path(), None).unwrap();
    let clock = ManualClock::new(NOW).clock();
    let ledger = open_ledger(&database, settings(Some(LIMIT)), "boot-2", clock).unwrap();
    for account in path.accounts() {
        let status = ledger.account(account);
        assert!(status.spent >= micro(spent), "{status:?}");
    }
}
