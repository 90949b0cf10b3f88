//! Random lives of a ledger against a model of maps.

use std::collections::BTreeMap;
use std::time::Duration;

use forebay_budget::{AccountId, AccountPath, Error, Hold, Sent, Window};
use proptest::prelude::*;
use types::{Timestamp, TokenUsage};

use crate::rig::{
    Rig, Stored, call, check_sums, micro, path, request, run, settings, settlement, windows,
};

const DEVELOPER_LIMIT: u64 = 6_000;
const PATHS: [&str; 4] = ["ada", "ada/core", "bob/core/apollo", "cy//apollo"];
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Clone, Debug)]
enum Step {
    Reserve { path: usize, amount: u64 },
    Dispatch { which: usize, floor: u64 },
    Meter { which: usize, cost: u64 },
    Extend { which: usize, extra: u64 },
    Settle { which: usize, cost: u64 },
    DropHold(usize),
    DropSent(usize),
    Limit { account: usize, limit: Option<u64> },
    Clock { days: i64 },
    Kill,
    PowerLoss,
    Close,
    Reconcile { which: usize, actual: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>;
    prop_oneof![
        8 => (0..PATHS.len(), 0..3_000_u64).prop_map(|(path, amount)| Step::Reserve { path, amount }),
        6 => (which(), 0..300_u64).prop_map(|(which, floor)| Step::Dispatch { which, floor }),
        2 => (which(), 0..2_000_u64).prop_map(|(which, cost)| Step::Meter { which, cost }),
        2 => (which(), 0..2_000_u64).prop_map(|(which, extra)| Step::Extend { which, extra }),
        4 => (which(), 0..4_000_u64).prop_map(|(which, cost)| Step::Settle { which, cost }),
        1 => which().prop_map(Step::DropHold),
        2 => which().prop_map(Step::DropSent),
        1 => (0..8_usize, proptest::option::of(0..20_000_u64))
            .prop_map(|(account, limit)| Step::Limit { account, limit }),
        1 => (-40..40_i64).prop_map(|days| Step::Clock { days }),
        1 => Just(Step::Kill),
        1 => Just(Step::PowerLoss),
        1 => Just(Step::Close),
        1 => (which(), 0..3_000_u64).prop_map(|(which, actual)| Step::Reconcile { which, actual }),
    ]
}

/// What the ledger should think, by the words of its documentation.
#[derive(Default)]
struct Model {
    spent: BTreeMap<(AccountId, Window), u64>,
    reserved: BTreeMap<(AccountId, Window), u64>,
    limits: BTreeMap<AccountId, Option<u64>>,
    month: Option<Window>,
}

/// One reservation as the model sees it.
struct Open {
    path: AccountPath,
    window: Window,
    amount: u64,
    floor: u64,
    metered: u64,
    carried: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fits,
    Reserved,
    Exhausted,
}

impl Model {
    fn window(&mut self, now: Timestamp) -> Window {
        let window = self.month.map_or(Window::of(now), |month| month.max(Window::of(now)));
        self.month = Some(window);
        window
    }

    fn limit(&self, account: &AccountId) -> Option<u64> {
        let default = (account.kind().as_str() == "developer").then_some(DEVELOPER_LIMIT);
        self.limits.get(account).copied().unwrap_or(default)
    }

    fn verdict(&self, path: &AccountPath, window: Window, amount: u64) -> Verdict {
        let mut verdict = Verdict::Fits;
        for account in path.accounts() {
            let key = (account.clone(), window);
            let spent = self.spent.get(&key).copied().unwrap_or(0);
            let reserved = self.reserved.get(&key).copied().unwrap_or(0);
            match self.limit(account) {
                Some(limit) if spent + amount > limit => return Verdict::Exhausted,
                Some(limit) if spent + reserved + amount > limit => verdict = Verdict::Reserved,
                _ => {}
            }
        }
        verdict
    }

    fn hold(&mut self, open: &Open, amount: u64) {
        for account in open.path.accounts() {
            *self.reserved.entry((account.clone(), open.window)).or_default() += amount;
        }
    }

    fn end(&mut self, open: &Open, cost: u64) {
        for account in open.path.accounts() {
            let key = (account.clone(), open.window);
            *self.reserved.get_mut(&key).unwrap() -= open.amount;
            *self.spent.entry(key).or_default() += cost;
        }
    }
}

impl Open {
    fn estimate(&self) -> u64 {
        self.carried + self.metered.max(self.floor)
    }
}

/// The ledger, the model, and what is in flight in both.
struct World {
    rig: Rig,
    model: Model,
    holds: Vec<(Hold, Open)>,
    sents: Vec<(Sent, Open)>,
    boots: u32,
}

fn take<T>(things: &mut Vec<T>, which: usize) -> Option<T> {
    (!things.is_empty()).then(|| things.swap_remove(which % things.len()))
}

impl World {
    fn new() -> Self {
        let rig = Rig::new(settings(Some(DEVELOPER_LIMIT)));
        let (holds, sents) = (Vec::new(), Vec::new());
        let mut model = Model::default();
        model.window(rig.hand.clock().now());
        Self { rig, model, holds, sents, boots: 1 }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Reserve { path: index, amount } => self.reserve(PATHS[index], amount).await,
            Step::Dispatch { which, floor } => self.dispatch(which, floor),
            Step::Extend { which, extra } => self.extend(which, extra).await,
            Step::Meter { which, cost } => {
                let count = self.sents.len();
                if let Some((sent, open)) = self.sents.get_mut(which % count.max(1)) {
                    sent.meter(micro(cost), TokenUsage::default());
                    open.metered = open.metered.max(cost);
                }
            }
            Step::Settle { which, cost } => {
                if let Some((sent, open)) = take(&mut self.sents, which) {
                    self.model.end(&open, open.carried + cost);
                    drop(sent.settle(settlement(cost)));
                }
            }
            Step::DropHold(which) => {
                if let Some((_, open)) = take(&mut self.holds, which) {
                    self.model.end(&open, 0);
                }
            }
            Step::DropSent(which) => {
                if let Some((_, open)) = take(&mut self.sents, which) {
                    self.model.end(&open, open.estimate());
                }
            }
            Step::Limit { account, limit } => self.limit(account, limit).await,
            Step::Clock { days } => {
                let span = DAY * u32::try_from(days.unsigned_abs()).unwrap();
                let now = self.rig.hand.clock().now();
                let earlier = Timestamp::from_millis(
                    now.as_millis() - u64::try_from(span.as_millis()).unwrap(),
                );
                self.rig.hand.set_wall(if days < 0 { earlier } else { now.saturating_add(span) });
            }
            Step::Kill => self.crash(false),
            Step::PowerLoss => self.crash(true),
            Step::Close => {
                self.rig.ledger.close().await.unwrap();
                for Stored { spent, leased, name, .. } in windows(&self.rig.database) {
                    // What is in flight stays granted, and nothing else.
                    let in_flight = !self.holds.is_empty() || !self.sents.is_empty();
                    assert!(in_flight || leased == spent, "{name}: {leased} {spent}");
                }
            }
            Step::Reconcile { which, actual } => self.reconcile(which, actual).await,
        }
    }

    async fn reserve(&mut self, text: &str, amount: u64) {
        let path = if let Some((developer, project)) = text.split_once("//") {
            project_path(developer, project)
        } else {
            path(text)
        };
        let window = self.model.window(self.rig.hand.clock().now());
        let verdict = self.model.verdict(&path, window, amount);
        match self.rig.ledger.reserve(&path, &request(1), micro(amount)).await {
            Ok(hold) => {
                assert_eq!(verdict, Verdict::Fits);
                let (floor, metered, carried) = (0, 0, 0);
                let open = Open { path, window, amount, floor, metered, carried };
                self.model.hold(&open, amount);
                self.holds.push((hold, open));
            }
            Err(Error::Reserved { .. }) => assert_eq!(verdict, Verdict::Reserved),
            Err(Error::Exhausted { .. }) => assert_eq!(verdict, Verdict::Exhausted),
            Err(other) => panic!("{other}"),
        }
    }

    fn dispatch(&mut self, which: usize, floor: u64) {
        if let Some((hold, open)) = take(&mut self.holds, which) {
            let sent = hold.dispatched(call(floor)).unwrap();
            self.sents.push((sent, Open { floor, ..open }));
        }
    }

    async fn extend(&mut self, which: usize, extra: u64) {
        let Some((mut sent, mut open)) = take(&mut self.sents, which) else { return };
        let verdict = self.model.verdict(&open.path, open.window, extra);
        match sent.extend(micro(extra)).await {
            Ok(()) => {
                assert_eq!(verdict, Verdict::Fits);
                self.model.hold(&open, extra);
                open.amount += extra;
                open.carried = open.estimate();
                open.metered = 0;
            }
            Err(Error::Reserved { .. }) => assert_eq!(verdict, Verdict::Reserved),
            Err(Error::Exhausted { .. }) => assert_eq!(verdict, Verdict::Exhausted),
            Err(other) => panic!("{other}"),
        }
        self.sents.push((sent, open));
    }

    async fn limit(&mut self, which: usize, limit: Option<u64>) {
        let all: Vec<_> =
            PATHS[..3].iter().flat_map(|text| path(text).accounts().to_vec()).collect();
        let account = &all[which % all.len()];
        self.rig.ledger.set_limit(account, limit.map(micro)).await.unwrap();
        self.model.limits.insert(account.clone(), limit);
    }

    /// Goes on with what a dead process, or a machine without power, left on the disk.
    fn crash(&mut self, power: bool) {
        self.rig.drain();
        let before = windows(&self.rig.database);
        self.boots += u32::from(power);
        let boot = format!("boot-{}", self.boots);
        let next = self.rig.after_kill(settings(Some(DEVELOPER_LIMIT)), &boot);
        for (_, open) in self.sents.drain(..) {
            self.model.end(&open, open.amount);
        }
        for (_, open) in self.holds.drain(..) {
            self.model.end(&open, 0);
        }
        if power {
            for (key, leased) in by_account(&before, |window| window.leased) {
                let spent = self.model.spent.entry(key).or_default();
                *spent = (*spent).max(leased);
            }
        }
        for Stored { name, spent, leased, .. } in windows(&next.database) {
            assert_eq!(spent, leased, "{name}: no lease outlives a recovery");
        }
        // The charges of the forgotten reservations go to the file of the dead process.
        self.rig = next;
        let now = self.rig.hand.clock().now();
        let used = before.iter().map(|window| window.month.parse::<Window>().unwrap()).max();
        self.model.month = used;
        self.model.window(now);
    }

    async fn reconcile(&mut self, which: usize, actual: u64) {
        let all = self.rig.ledger.unreconciled().unwrap();
        let Some(charge) = all.get(which % all.len().max(1)) else { return };
        self.rig.ledger.reconcile(charge.id, micro(actual)).await.unwrap();
        let again = self.rig.ledger.reconcile(charge.id, micro(actual)).await;
        assert!(matches!(again, Err(Error::NotFound { .. })));
        for account in &charge.accounts {
            let spent = self.model.spent.get_mut(&(account.clone(), charge.window)).unwrap();
            *spent = *spent - charge.cost.get() + actual;
        }
    }

    fn check(&mut self) {
        let window = self.model.window(self.rig.hand.clock().now());
        for status in self.rig.ledger.accounts() {
            let key = (status.account.clone(), window);
            let spent = self.model.spent.get(&key).copied().unwrap_or(0);
            let reserved = self.model.reserved.get(&key).copied().unwrap_or(0);
            assert_eq!(status.window, window);
            assert_eq!((status.spent.get(), status.reserved.get()), (spent, reserved));
            assert_eq!(status.limit.map(|limit| limit.get()), self.model.limit(&status.account));
        }
        self.rig.drain();
        check_sums(&self.rig.database);
        let stored = by_account(&windows(&self.rig.database), |window| window.spent);
        for (key, spent) in &self.model.spent {
            assert_eq!(stored.get(key).copied().unwrap_or(0), *spent, "{key:?}");
        }
    }
}

fn by_account(
    windows: &[Stored],
    value: impl Fn(&Stored) -> u64,
) -> BTreeMap<(AccountId, Window), u64> {
    let accounts = PATHS.iter().flat_map(|text| match text.split_once("//") {
        Some((developer, project)) => project_path(developer, project).accounts().to_vec(),
        None => path(text).accounts().to_vec(),
    });
    let accounts: Vec<_> = accounts.collect();
    let find = |window: &Stored| {
        let same = |account: &&AccountId| {
            account.kind().as_str() == window.kind && account.name() == window.name
        };
        let account = accounts.iter().find(same).unwrap().clone();
        ((account, window.month.parse().unwrap()), value(window))
    };
    windows.iter().map(find).collect()
}

fn project_path(developer: &str, project: &str) -> AccountPath {
    let with_team = path(&format!("{developer}/none/{project}"));
    AccountPath::of(&types::Principal { team: None, ..with_team.principal().clone() })
}

fn cases() -> u32 {
    if testkit::is_long() { 2_000 } else { 40 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_ledger_is_its_model_through_crashes_and_clock_steps(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        live(steps);
    }
}

fn live(steps: Vec<Step>) {
    run(async {
        let mut world = World::new();
        for step in steps {
            world.step(step).await;
            world.check();
        }
        while let Some((sent, open)) = world.sents.pop() {
            drop(sent);
            world.model.end(&open, open.estimate());
        }
        while let Some((hold, open)) = world.holds.pop() {
            drop(hold);
            world.model.end(&open, 0);
        }
        world.check();
        world.rig.check_nothing_reserved();
    });
}

/// Lives that chance found and that must not wait for chance to come again.
#[test]
fn remembered_lives() {
    use Step::*;
    let reserve = |path, amount| Reserve { path, amount };
    let dispatch = || Dispatch { which: 0, floor: 0 };
    let reconcile = |which, actual| Reconcile { which, actual };
    live(vec![Clock { days: -20 }, reserve(0, 0)]);
    // A charge of nothing leaves no balance behind, and then it turns out to cost something.
    live(vec![reserve(0, 0), dispatch(), Kill, reconcile(0, 1), reserve(0, 0)]);
    // The rest of a lease in an ended month is written off.
    live(vec![
        reserve(0, 252),
        Clock { days: 11 },
        dispatch(),
        reserve(0, 36),
        Kill,
        reconcile(0, 251),
        Close,
    ]);
    for which in 0..2 {
        live(vec![reserve(0, 1), PowerLoss, Clock { days: 11 }, reconcile(which, 0), Close]);
    }
    // A cost above its reservation outgrows a lease that others use too.
    live(vec![
        reserve(2, 0),
        dispatch(),
        reserve(0, 1),
        Settle { which: 0, cost: 1001 },
        DropHold(0),
        Close,
    ]);
    // A limit is lowered below what is in flight; even nothing more fits.
    let lowered = Limit { account: 4, limit: Some(0) };
    live(vec![reserve(0, 709), reserve(0, 1601), lowered, reserve(0, 0)]);
}
