//! A ledger in a folder of its own, and what every test asks of it.

use std::path::Path;

use forebay_budget::{
    AccountId, AccountPath, Dispatch, Ledger, LedgerSettings, SCHEMA, Sent, Settlement,
};
use rusqlite::Connection;
use storage::{BootId, Database, Durability, Settings};
use tempfile::TempDir;
use types::{
    Clock, DeveloperId, ManualClock, Microdollars, ModelId, Principal, ProjectId, ProviderId,
    RequestId, TeamId, TenantId, Timestamp, TokenUsage,
};

/// The 20th of November 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_132_800_000);

pub(crate) struct Rig {
    pub(crate) ledger: Ledger,
    pub(crate) database: Database,
    pub(crate) hand: ManualClock,
    pub(crate) folder: TempDir,
    boot: String,
}

/// `developer_limit` in micro-dollars, leases of $0.001.
pub(crate) fn settings(developer_limit: Option<u64>) -> LedgerSettings {
    LedgerSettings { developer_limit: developer_limit.map(micro), lease: micro(1_000) }
}

impl Rig {
    pub(crate) fn new(settings: LedgerSettings) -> Self {
        let folder = folder();
        let hand = ManualClock::new(NOW);
        Self::open(folder, hand, settings, "boot-1")
    }

    pub(crate) fn open(
        folder: TempDir,
        hand: ManualClock,
        settings: LedgerSettings,
        boot: &str,
    ) -> Self {
        let database = open_file(folder.path(), None).unwrap();
        let ledger = open_ledger(&database, settings, boot, hand.clock()).unwrap();
        Self { ledger, database, hand, folder, boot: boot.to_owned() }
    }

    /// What a killed process leaves: all that was written, none of what was in memory.
    pub(crate) fn after_kill(&self, settings: LedgerSettings, boot: &str) -> Self {
        self.drain();
        let folder = folder();
        for file in ["ledger.db", "ledger.db-wal", "ledger.open"] {
            let from = self.folder.path().join(file);
            if from.exists() {
                fs_err::copy(from, folder.path().join(file)).unwrap();
            }
        }
        Self::open(folder, self.hand.clone(), settings, boot)
    }

    /// Waits until all that was queued is written.
    pub(crate) fn drain(&self) {
        self.database.write(Durability::Written, |_| Ok(())).wait().unwrap();
    }

    pub(crate) fn spent(&self, account: &AccountId) -> u64 {
        self.ledger.account(account).spent.get()
    }

    /// The charges of every account and month add up to what is spent there, and what is spent
    /// is in memory too.
    #[track_caller]
    pub(crate) fn check_sums(&self) {
        self.drain();
        check_sums(&self.database);
        for status in self.ledger.accounts() {
            let stored = stored(&self.database, &status.account, &status.window.to_string());
            assert_eq!(stored.0, status.spent.get(), "{status:?}");
        }
    }

    #[track_caller]
    pub(crate) fn check_nothing_reserved(&self) {
        for status in self.ledger.accounts() {
            assert_eq!(status.reserved, Microdollars::ZERO, "{status:?}");
        }
        // Nor would a start find anything that is out.
        let next = self.after_kill(settings(None), &self.boot);
        let unreconciled = |rig: &Self| rig.ledger.unreconciled().unwrap().len();
        assert_eq!(unreconciled(&next), unreconciled(self));
    }
}

/// In memory where the system has such a place: a sync there costs nothing, and what it is good
/// for is tested with a file layer that loses what was not synced.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn open_file(
    folder: &Path,
    vfs: Option<&'static str>,
) -> Result<Database, storage::Error> {
    let settings = Settings { vfs, readers: 2, ..Settings::default() };
    Database::open(&folder.join("ledger.db"), &SCHEMA, &settings)
}

pub(crate) fn open_ledger(
    database: &Database,
    settings: LedgerSettings,
    boot: &str,
    clock: Clock,
) -> Result<Ledger, forebay_budget::Error> {
    Ledger::open(database.clone(), settings, BootId::new(boot), clock)
}

/// Spent and leased as stored; zero where nothing is.
pub(crate) fn stored(database: &Database, account: &AccountId, month: &str) -> (u64, u64) {
    let mut found = windows(database).into_iter().filter(|window| {
        window.tenant == account.tenant_id().as_str()
            && window.kind == account.kind().as_str()
            && window.name == account.name()
            && window.month == month
    });
    found.next().map_or((0, 0), |window| (window.spent, window.leased))
}

pub(crate) struct Stored {
    pub(crate) tenant: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) month: String,
    pub(crate) spent: u64,
    pub(crate) leased: u64,
    pub(crate) charged: u64,
}

/// Every account and month in the file, with the sum of its charges.
pub(crate) fn windows(database: &Database) -> Vec<Stored> {
    let read = |connection: &Connection| {
        let sql = "SELECT tenant, kind, name, month, spent, leased, (
            SELECT coalesce(sum(cost), 0) FROM charges
            WHERE charges.month = windows.month AND charges.tenant = windows.tenant
                AND (scope IS NULL OR scope = windows.kind)
                AND windows.name = CASE windows.kind WHEN 'developer' THEN developer
                    WHEN 'project' THEN project WHEN 'team' THEN team ELSE tenant END
            ) FROM windows";
        let mut select = connection.prepare(sql)?;
        let rows = select.query_map([], |row| {
            let month: u32 = row.get(3)?;
            Ok(Stored {
                tenant: row.get(0)?,
                kind: row.get(1)?,
                name: row.get(2)?,
                month: format!("{:04}-{:02}", month / 12, month % 12 + 1),
                spent: number(row, 4)?,
                leased: number(row, 5)?,
                charged: number(row, 6)?,
            })
        })?;
        rows.collect()
    };
    database.read(read).unwrap()
}

fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    Ok(u64::try_from(number).unwrap())
}

#[track_caller]
pub(crate) fn check_sums(database: &Database) {
    for Stored { kind, name, month, spent, leased, charged, .. } in windows(database) {
        assert_eq!(charged, spent, "charges of {kind} {name} in {month}");
        assert!(leased >= spent, "{kind} {name} in {month}: {leased} leased, {spent} spent");
    }
}

pub(crate) fn count(database: &Database, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    database.read(|connection| connection.query_row(&sql, [], |row| number(row, 0))).unwrap()
}

pub(crate) fn micro(amount: u64) -> Microdollars {
    Microdollars::new(amount)
}

/// `developer` or `developer/team` or `developer/team/project` of tenant `acme`.
pub(crate) fn path(text: &str) -> AccountPath {
    let mut parts = text.split('/');
    let developer = DeveloperId::new(parts.next().unwrap()).unwrap();
    AccountPath::of(&Principal {
        tenant: TenantId::new("acme").unwrap(),
        team: parts.next().map(|team| TeamId::new(team).unwrap()),
        project: parts.next().map(|project| ProjectId::new(project).unwrap()),
        developer,
        key: None,
    })
}

pub(crate) fn developer(path: &AccountPath) -> &AccountId {
    &path.accounts()[0]
}

pub(crate) fn request(number: u64) -> RequestId {
    RequestId::new(&format!("r-{number}")).unwrap()
}

pub(crate) fn provider() -> ProviderId {
    ProviderId::new("openai").unwrap()
}

pub(crate) fn model() -> ModelId {
    ModelId::new("gpt-5-mini").unwrap()
}

pub(crate) fn call(floor: u64) -> Dispatch {
    Dispatch { provider: provider(), model: model(), floor: micro(floor) }
}

pub(crate) fn settlement(cost: u64) -> Settlement {
    let usage = TokenUsage::default();
    Settlement { cost: micro(cost), usage, provider: provider(), model: model() }
}

/// Reserves and sends.
pub(crate) async fn send(
    ledger: &Ledger,
    path: &AccountPath,
    amount: u64,
    floor: u64,
) -> Result<Sent, forebay_budget::Error> {
    ledger.reserve(path, &request(0), micro(amount)).await?.dispatched(call(floor))
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
