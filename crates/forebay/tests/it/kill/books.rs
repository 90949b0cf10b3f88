//! What the commands tell of the ledger, and what must be true of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::spender::{Account, LEAST_OUTPUT, Spending};
use crate::place::Place;
use crate::settings::OUTPUT_PRICE;

const GROUPINGS: [&str; 5] = ["developer", "team", "project", "model", "day"];

/// The ledger at one moment, in micro-dollars.
#[derive(Clone, Debug)]
pub(super) struct Books {
    spent: BTreeMap<Account, u64>,
    reserved: u64,
    /// Charges that were made at their worst case.
    pub(super) unreconciled: Vec<u64>,
}

/// Requests and cost by group, as `usage` reports them.
struct Report(Vec<(Option<String>, u64, u64)>);

impl Books {
    pub(super) async fn of(place: &Place) -> Self {
        let (show, unreconciled) = (["budget", "show"], ["budget", "unreconciled"]);
        let (shown, listed) = tokio::join!(place.json(&show), place.json(&unreconciled));
        let mut books = Self { spent: BTreeMap::new(), reserved: 0, unreconciled: Vec::new() };
        for status in shown["accounts"].as_array().unwrap() {
            let account = &status["account"];
            let account = (text(&account["kind"]), text(&account["name"]));
            books.spent.insert(account, number(&status["spent"]));
            books.reserved += number(&status["reserved"]);
        }
        let charges = listed["unreconciled"].as_array().unwrap();
        books.unreconciled = charges.iter().map(|charge| number(&charge["cost"])).collect();
        books
    }

    /// Holds this against what the clients know they spent since `before`.
    pub(super) fn check_against(&self, before: &Self, spendings: &[Spending], round: usize) {
        assert_eq!(self.reserved, 0, "round {round}");
        let new = self.unreconciled.len() - before.unreconciled.len();
        assert!(new <= spendings.len(), "round {round}: {new} were in flight");
        // Nobody knows how they ended, so they cost all that they could.
        let least = LEAST_OUTPUT * OUTPUT_PRICE;
        assert!(self.unreconciled.iter().all(|cost| *cost >= least), "{:?}", self.unreconciled);
        for account in spendings.iter().flat_map(|spending| &spending.accounts) {
            let spent = self.spent_by(account) - before.spent_by(account);
            let mut concerned = spendings.to_vec();
            concerned.retain(|spending| spending.accounts.contains(account));
            let least: u64 = concerned.iter().map(|spending| spending.acknowledged).sum();
            let excess: u64 = concerned.iter().map(|spending| spending.worst_case).sum();
            assert!(spent >= least, "round {round}: {account:?} lost {}", least - spent);
            assert!(spent <= least + excess, "round {round}: {account:?} {spent} {concerned:?}");
        }
        let answered: u64 = spendings.iter().map(|spending| spending.answered).sum();
        let sent: u64 = spendings.iter().map(|spending| spending.sent).sum();
        println!("round {round}: {answered} of {sent} answered, {new} were in flight");
    }

    /// The charges of every group add up to what its account has spent; one grouping a round.
    pub(super) async fn check_charges(&self, place: &Place, round: usize) {
        self.check_grouping(place, GROUPINGS[round % GROUPINGS.len()]).await;
    }

    pub(super) async fn check_all_charges(&self, place: &Place) {
        for grouping in GROUPINGS {
            self.check_grouping(place, grouping).await;
        }
    }

    async fn check_grouping(&self, place: &Place, grouping: &str) {
        let report = Report::of(place, grouping).await;
        let total: u64 = report.0.iter().map(|(_, _, cost)| cost).sum();
        assert_eq!(total, self.spent_by(&("tenant".to_owned(), "default".to_owned())));
        let accounts = self.spent.iter().filter(|((kind, _), _)| kind == grouping);
        for ((_, name), spent) in accounts {
            let line = report.0.iter().find(|(group, _, _)| group.as_ref() == Some(name));
            assert_eq!(line.map_or(0, |(_, _, cost)| *cost), *spent, "{grouping} {name}");
        }
    }

    fn spent_by(&self, account: &Account) -> u64 {
        self.spent.get(account).copied().unwrap_or(0)
    }
}

impl Report {
    async fn of(place: &Place, grouping: &str) -> Self {
        let report = place.json(&["usage", "--by", grouping]).await;
        let line = |line: &Value| {
            let group = line["group"].as_str().map(str::to_owned);
            (group, number(&line["requests"]), number(&line["cost"]))
        };
        Self(report["usage"].as_array().unwrap().iter().map(line).collect())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}
