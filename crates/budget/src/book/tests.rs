use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;
use proptest::prelude::*;
use types::{DeveloperId, Principal, TeamId, TenantId};

use super::*;
use crate::AccountPath;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const NEXT_MONTH: Timestamp = Timestamp::from_millis(1_797_000_000_000);

fn micro(amount: u64) -> Microdollars {
    Microdollars::new(amount)
}

fn path(developer: &str, team: Option<&str>) -> AccountPath {
    AccountPath::of(&Principal {
        tenant: TenantId::new("acme").unwrap(),
        team: team.map(|team| TeamId::new(team).unwrap()),
        project: None,
        developer: DeveloperId::new(developer).unwrap(),
        key: None,
    })
}

fn book(developer_limit: u64, lease: u64) -> Book {
    let settings =
        LedgerSettings { developer_limit: Some(micro(developer_limit)), lease: micro(lease) };
    Book::new(settings, Window::of(NOW))
}

/// Spent and reserved of the first account of a path.
fn used(book: &mut Book, path: &AccountPath) -> (u64, u64) {
    let status = book.status(&path.accounts()[0], NOW);
    (status.spent.get(), status.reserved.get())
}

#[track_caller]
fn check_limits(book: &mut Book) {
    for status in book.statuses(NOW) {
        let used = status.spent.checked_add(status.reserved).unwrap();
        assert!(status.limit.is_none_or(|limit| used <= limit), "{status:?}");
    }
}

#[test]
fn admits_exactly_what_fits_from_64_threads() {
    let rounds = if testkit::is_long() { 100 } else { 5 };
    for round in 1..=rounds {
        let cost = round * 7 + 1;
        let fitting = 333 + round;
        // Not a whole multiple: the rest must stay unused.
        let book = Mutex::new(book(fitting * cost + cost - 1, 1_000));
        let (admitted, path) = (AtomicU64::new(0), path("ada", None));
        thread::scope(|scope| {
            for thread in 0..64_u64 {
                let (book, admitted, path) = (&book, &admitted, &path);
                let attempts = 10_000 / 64 + u64::from(thread < 10_000 % 64);
                scope.spawn(move || {
                    for _ in 0..attempts {
                        let mut book = book.lock();
                        if let Ok(mut booked) = book.reserve(path.accounts(), micro(cost), NOW) {
                            admitted.fetch_add(1, Ordering::Relaxed);
                            check_limits(&mut book);
                            book.settle(&mut booked, micro(cost));
                        }
                        check_limits(&mut book);
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), fitting);
        assert_eq!(used(&mut book.into_inner(), &path), (fitting * cost, 0));
    }
}

#[test]
fn random_costs_releases_and_settlements_never_pass_a_limit() {
    let book = Mutex::new(book(50_000, 500));
    book.lock().set_limit(&path("ada", Some("core")).accounts()[1], Some(micro(80_000)));
    let (refused, seed) = (AtomicUsize::new(0), AtomicU64::new(7));
    thread::scope(|scope| {
        for thread in 0..16 {
            let (book, refused, seed) = (&book, &refused, &seed);
            scope.spawn(move || {
                let path = path(["ada", "bob", "cy"][thread % 3], Some("core"));
                let mut held = Vec::new();
                for _ in 0..400 {
                    let random = scramble(seed.fetch_add(1, Ordering::Relaxed));
                    let mut book = book.lock();
                    match book.reserve(path.accounts(), micro(random % 700), NOW) {
                        Ok(booked) => held.push(booked),
                        Err(_) => _ = refused.fetch_add(1, Ordering::Relaxed),
                    }
                    check_limits(&mut book);
                    if held.len() > usize::try_from(random >> 32 & 7).unwrap() {
                        let mut booked = held.swap_remove(0);
                        if random >> 40 & 1 == 0 {
                            book.release(&mut booked);
                        } else {
                            let part = booked.amount().get() * (random >> 48 & 255) / 255;
                            book.settle(&mut booked, micro(part));
                        }
                        check_limits(&mut book);
                    }
                }
                held.iter_mut().for_each(|booked| book.lock().release(booked));
            });
        }
    });
    assert!(refused.into_inner() > 0, "the limits were never reached");
    for status in book.into_inner().statuses(NOW) {
        assert_eq!(status.reserved, Microdollars::ZERO);
    }
}

/// A step of splitmix64.
fn scramble(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn what_is_only_reserved_is_refused_otherwise_than_what_is_spent() {
    let mut book = book(100, 10);
    let path = path("ada", None);
    let mut first = book.reserve(path.accounts(), micro(60), NOW).unwrap();
    let refusal = book.reserve(path.accounts(), micro(41), NOW).unwrap_err();
    assert_eq!((refusal.account.name(), refusal.lack), ("ada", Lack::Reserved));
    let refusal = book.reserve(path.accounts(), micro(101), NOW).unwrap_err();
    assert_eq!(refusal.lack, Lack::Exhausted { left: micro(100) });
    book.settle(&mut first, micro(60));
    let refusal = book.reserve(path.accounts(), micro(41), NOW).unwrap_err();
    assert_eq!(refusal.lack, Lack::Exhausted { left: micro(40) });
    assert!(book.reserve(path.accounts(), micro(40), NOW).is_ok());
}

#[test]
fn a_path_is_reserved_whole_or_not_at_all_and_the_final_refusal_wins() {
    let mut book = book(100, 10);
    let path = path("ada", Some("core"));
    book.set_limit(&path.accounts()[1], Some(micro(50)));
    let _held = book.reserve(path.accounts(), micro(45), NOW).unwrap();
    let refusal = book.reserve(path.accounts(), micro(10), NOW).unwrap_err();
    assert_eq!((refusal.account.name(), refusal.lack), ("core", Lack::Reserved));
    let refusal = book.reserve(path.accounts(), micro(70), NOW).unwrap_err();
    assert_eq!(refusal.account.name(), "core");
    assert_eq!(refusal.lack, Lack::Exhausted { left: micro(50) });
    for status in book.statuses(NOW) {
        assert_eq!(status.reserved, micro(45), "{status:?}");
    }
}

#[test]
fn a_cost_above_the_reservation_is_charged_in_full() {
    let mut book = book(100, 10);
    let path = path("ada", None);
    let mut booked = book.reserve(path.accounts(), micro(90), NOW).unwrap();
    let charged = book.settle(&mut booked, micro(130));
    assert_eq!((charged.cost, charged.overage), (micro(130), micro(40)));
    assert_eq!(charged.outgrown.len(), path.accounts().len());
    assert_eq!(used(&mut book, &path), (130, 0));
    let refusal = book.reserve(path.accounts(), micro(0), NOW).unwrap_err();
    assert_eq!(refusal.lack, Lack::Exhausted { left: micro(0) });
}

#[test]
fn hostile_amounts_are_capped_and_stay_exact() {
    let mut book = book(u64::MAX, 10);
    let path = path("ada", None);
    let refusal = book.reserve(path.accounts(), micro(u64::MAX), NOW).unwrap_err();
    assert_eq!(refusal.lack, Lack::Exhausted { left: CEILING });
    let mut booked = book.reserve(path.accounts(), micro(1), NOW).unwrap();
    let charged = book.settle(&mut booked, micro(u64::MAX));
    assert_eq!(charged.cost, CEILING);
    assert!(book.reserve(path.accounts(), micro(1), NOW).is_err());
    let mut booked = book.reserve(path.accounts(), micro(0), NOW).unwrap();
    assert_eq!(book.settle(&mut booked, micro(u64::MAX)).cost, Microdollars::ZERO);
    assert_eq!(used(&mut book, &path), (CEILING.get(), 0));
}

#[test]
fn a_charge_goes_to_the_month_of_its_reservation_and_a_month_never_reopens() {
    let mut book = book(100, 10);
    let path = path("ada", None);
    let mut old = book.reserve(path.accounts(), micro(100), NOW).unwrap();
    let mut new = book.reserve(path.accounts(), micro(30), NEXT_MONTH).unwrap();
    // The clock steps back, the month does not.
    let late = book.reserve(path.accounts(), micro(71), NOW).unwrap_err();
    assert_eq!(late.lack, Lack::Reserved);
    book.settle(&mut old, micro(80));
    book.settle(&mut new, micro(10));
    assert_eq!(used(&mut book, &path), (10, 0));
    assert_eq!(old.window(), Window::of(NOW));
    assert_eq!(new.window(), Window::of(NEXT_MONTH));
    let account = &path.accounts()[0];
    assert_eq!(book.status(account, NOW).window, Window::of(NEXT_MONTH));
}

#[test]
fn a_month_that_ended_is_forgotten_when_nothing_is_open_in_it() {
    let mut book = book(100, 10);
    let path = path("ada", None);
    let mut booked = book.reserve(path.accounts(), micro(10), NOW).unwrap();
    book.window(NEXT_MONTH);
    assert_eq!(book.accounts[0].months.len(), 1);
    let (_, grants) = book.grants_due(&booked);
    book.release(&mut booked);
    // A grant on its way still has to be given back.
    assert_eq!(book.accounts[0].months.len(), 1);
    book.landed(&grants, true);
    assert!(book.accounts[0].months.is_empty());
    let back = book.take_returns();
    assert!(back.iter().all(|lease| lease.total == Microdollars::ZERO), "{back:?}");
    assert_eq!(back.len(), 2);
}

#[test]
fn lowering_a_limit_below_what_is_spent_refuses_and_raising_it_admits() {
    let mut book = book(100, 10);
    let path = path("ada", None);
    let mut booked = book.reserve(path.accounts(), micro(50), NOW).unwrap();
    book.settle(&mut booked, micro(50));
    let account = &path.accounts()[0];
    assert_eq!(book.set_limit(account, Some(micro(40))), Some(micro(100)));
    assert!(book.reserve(path.accounts(), micro(1), NOW).is_err());
    book.set_limit(account, None);
    assert!(book.reserve(path.accounts(), micro(1_000), NOW).is_ok());
}

/// What a test does with one account of a book.
#[derive(Clone, Copy, Debug)]
enum Step {
    Reserve(u64),
    /// The oldest grants on their way arrive, or fail.
    Land(bool),
    Release(usize),
    Settle(usize, u64),
    Limit(Option<u64>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..400_u64).prop_map(Step::Reserve),
        4 => any::<bool>().prop_map(Step::Land),
        2 => any::<usize>().prop_map(Step::Release),
        4 => (any::<usize>(), 0..400_u64).prop_map(|(which, cost)| Step::Settle(which, cost)),
        1 => proptest::option::of(0..2_000_u64).prop_map(Step::Limit),
    ]
}

/// What is on its way to the disk or there, in the order in which it was queued.
#[derive(Debug)]
enum Write {
    Grant(u64),
    Return(u64),
    /// A grant that failed.
    Nothing,
}

/// The disk under one account: a loss of power keeps everything up to the last grant that is
/// known to have landed, and of the rest any beginning.
#[derive(Default)]
struct Disk {
    writes: Vec<Write>,
    landed: usize,
}

impl Disk {
    fn granted(&mut self, grants: &[Lease], account: &AccountId) -> usize {
        let total = grants.iter().find(|grant| grant.account == *account);
        self.writes.push(total.map_or(Write::Nothing, |grant| Write::Grant(grant.total.get())));
        self.writes.len()
    }

    fn ended(&mut self, number: usize, durable: bool) {
        if durable {
            self.landed = self.landed.max(number);
        } else {
            self.writes[number - 1] = Write::Nothing;
        }
    }

    /// The least that a loss of power can leave granted.
    fn least(&self) -> u64 {
        let mut value = 0;
        let mut least = u64::MAX;
        for (index, write) in self.writes.iter().enumerate() {
            if index >= self.landed {
                least = least.min(value);
            }
            match write {
                Write::Grant(total) => value = value.max(*total),
                Write::Return(total) => value = *total,
                Write::Nothing => {}
            }
        }
        least.min(value)
    }
}

/// A reservation with the number of the grant that must land before it may be used.
struct Waiting {
    booked: Booked,
    needs: Option<usize>,
}

/// A book with one developer, the disk under it, and what is between them.
struct Desk {
    book: Book,
    path: AccountPath,
    disk: Disk,
    open: Vec<Waiting>,
    sent: VecDeque<(usize, Vec<Lease>)>,
    overage: u64,
}

impl Desk {
    fn new() -> Self {
        let (book, path, disk) = (book(1_000, 60), path("ada", None), Disk::default());
        Self { book, path, disk, open: Vec::new(), sent: VecDeque::new(), overage: 0 }
    }

    fn account(&self) -> &AccountId {
        &self.path.accounts()[0]
    }

    fn is_covered(&self, waiting: &Waiting) -> bool {
        waiting.needs.is_none_or(|number| {
            let is_on_its_way = self.sent.iter().any(|(sent, _)| *sent == number);
            !is_on_its_way && !matches!(self.disk.writes[number - 1], Write::Nothing)
        })
    }

    fn ask(&mut self, booked: &Booked) -> Option<usize> {
        let (is_covered, grants) = self.book.grants_due(booked);
        if grants.is_empty() {
            return None;
        }
        let number = self.disk.granted(&grants, &self.path.accounts()[0]);
        let needs = grants.iter().any(|grant| grant.account == *self.account());
        self.sent.push_back((number, grants));
        (!is_covered && needs).then_some(number)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Reserve(amount) => {
                if let Ok(booked) = self.book.reserve(self.path.accounts(), micro(amount), NOW) {
                    let needs = self.ask(&booked);
                    self.open.push(Waiting { booked, needs });
                }
            }
            Step::Land(durable) => {
                if let Some((number, grants)) = self.sent.pop_front() {
                    self.disk.ended(number, durable);
                    self.book.landed(&grants, durable);
                }
            }
            Step::Release(which) if !self.open.is_empty() => {
                let mut waiting = self.open.swap_remove(which % self.open.len());
                self.book.release(&mut waiting.booked);
            }
            Step::Settle(which, cost) if !self.open.is_empty() => {
                let mut waiting = self.open.swap_remove(which % self.open.len());
                // Who has not got the lease has not sent anything.
                if self.is_covered(&waiting) {
                    let charged = self.book.settle(&mut waiting.booked, micro(cost));
                    self.overage += charged.overage.get();
                } else {
                    self.book.release(&mut waiting.booked);
                }
            }
            Step::Limit(limit) => {
                let account = self.account().clone();
                self.book.set_limit(&account, limit.map(micro));
            }
            Step::Release(_) | Step::Settle(..) => {}
        }
        for lease in self.book.take_returns() {
            if lease.account == *self.account() {
                self.disk.writes.push(Write::Return(lease.total.get()));
            }
        }
    }

    fn check(&mut self) {
        let covered = self.open.iter().filter(|waiting| self.is_covered(waiting));
        let handed_out: u64 = covered.map(|waiting| waiting.booked.amount().get()).sum();
        let account = self.account().clone();
        let spent = self.book.status(&account, NOW).spent.get();
        let least = self.disk.least();
        assert!(
            spent + handed_out <= least + self.overage,
            "spent {spent} + handed out {handed_out} > {least} on the disk: {:?}",
            self.disk.writes
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_handed_out_is_always_inside_the_durable_lease(
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let mut desk = Desk::new();
        for step in steps {
            desk.step(step);
            desk.check();
        }
        for waiting in &mut desk.open {
            desk.book.release(&mut waiting.booked);
        }
        let account = desk.account().clone();
        prop_assert_eq!(desk.book.status(&account, NOW).reserved, Microdollars::ZERO);
    }
}

#[test]
fn room_is_what_the_tightest_account_has_left() {
    let mut book = book(3_000, 1_000);
    let path = path("ada", Some("search"));
    book.set_limit(&path.accounts()[1], Some(micro(10_000)));
    let _held = book.reserve(path.accounts(), micro(1_000), NOW).unwrap();
    assert!(book.has_room(path.accounts(), micro(2_000)));
    assert!(!book.has_room(path.accounts(), micro(2_001)));
    assert_eq!(used(&mut book, &path), (0, 1_000), "asking holds nothing");
}
