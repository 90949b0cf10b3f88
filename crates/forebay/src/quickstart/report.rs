//! What the demonstration shows.

use orchestrator::operator::{AccountKind, Command, Operator, Outcome};
use serde::Serialize;
use types::Microdollars;

use super::client::{Answered, AnsweredBy};
use super::latencies::Latencies;
use crate::output::table;

/// The figures of one run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    requests: usize,
    failed: usize,
    failures: Vec<String>,
    hits_memory: usize,
    hits_disk: usize,
    shared_calls: usize,
    provider_calls: u64,
    calls_saved: u64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    developers: Vec<Developer>,
}

#[derive(Debug, Serialize)]
struct Developer {
    name: String,
    spent: Microdollars,
    reserved: Microdollars,
    left: Option<Microdollars>,
}

impl Report {
    pub(super) async fn new(
        answers: &[Answered],
        provider_calls: u64,
        operator: &Operator,
    ) -> anyhow::Result<Self> {
        let Outcome::Accounts(accounts) = operator.execute(Command::ShowBudget).await? else {
            anyhow::bail!("accounts were asked for and something else came");
        };
        let developers = accounts
            .iter()
            .filter(|status| status.account.kind() == AccountKind::Developer)
            .map(|status| Developer {
                name: status.account.name().to_owned(),
                spent: status.spent,
                reserved: status.reserved,
                left: status.left(),
            })
            .collect();
        let count = |by: AnsweredBy| answers.iter().filter(|one| one.by == Ok(by)).count();
        let failures: Vec<String> = answers.iter().filter_map(|one| one.by.clone().err()).collect();
        let latencies = Latencies::new(answers.iter().map(|one| one.took).collect());
        let millis = |percent| {
            latencies.percentile(percent).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
        };
        let answered = answers.len() - failures.len();
        Ok(Self {
            requests: answers.len(),
            failed: failures.len(),
            failures,
            hits_memory: count(AnsweredBy::Memory),
            hits_disk: count(AnsweredBy::Disk),
            shared_calls: count(AnsweredBy::SharedCall),
            provider_calls,
            calls_saved: (answered as u64).saturating_sub(provider_calls),
            p50_ms: millis(50),
            p95_ms: millis(95),
            p99_ms: millis(99),
            developers,
        })
    }

    /// Requests that have no whole answer.
    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    /// The report as tables.
    pub(super) fn text(&self) -> String {
        let figures = [
            ("requests", self.requests.to_string()),
            ("failed", self.failed.to_string()),
            ("answered from memory", self.hits_memory.to_string()),
            ("answered from disk", self.hits_disk.to_string()),
            ("joined a call in flight", self.shared_calls.to_string()),
            ("calls to the provider", self.provider_calls.to_string()),
            ("calls saved", self.calls_saved.to_string()),
            ("p50", format!("{:.1} ms", self.p50_ms)),
            ("p95", format!("{:.1} ms", self.p95_ms)),
            ("p99", format!("{:.1} ms", self.p99_ms)),
        ];
        let figures = figures.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        let developers = self.developers.iter().map(|developer| {
            let left =
                developer.left.map_or_else(|| "no limit".to_owned(), |left| left.to_string());
            vec![developer.name.clone(), developer.spent.to_string(), left]
        });
        let mut text = table(&["ten simulated clients", ">"], figures.collect());
        text.push_str("\n\n");
        text.push_str(&table(&["developer", ">spent", ">budget left"], developers.collect()));
        for failure in self.failures.iter().take(5) {
            text.push_str("\nfailed: ");
            text.push_str(failure);
        }
        text
    }
}
