//! A client that remembers what it was told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::client::{Ask, Protocol};
use crate::settings::{INPUT_PRICE, OUTPUT_PRICE};

/// Output tokens that each request may have at least; its answer has fewer.
pub(super) const LEAST_OUTPUT: u64 = 40;

/// A client that sends one request after the other, each of them another.
#[derive(Clone, Debug)]
pub(super) struct Spender {
    number: usize,
    key: String,
    accounts: Vec<Account>,
    asked: Arc<AtomicU64>,
}

/// Kind and name.
pub(super) type Account = (String, String);

/// What one client knows of the money it spent until it was cut off.
#[derive(Clone, Debug)]
pub(super) struct Spending {
    /// What its requests are charged to.
    pub(super) accounts: Vec<Account>,
    /// Requests sent.
    pub(super) sent: u64,
    /// Of these, whole answers.
    pub(super) answered: u64,
    /// What they cost, in micro-dollars.
    pub(super) acknowledged: u64,
    /// The most that any one of its requests can have been reserved for.
    pub(super) worst_case: u64,
}

impl Spender {
    /// `arguments` are those that its key was made with.
    pub(super) fn new(number: usize, key: &str, arguments: &[&str]) -> Self {
        let named =
            |pair: &[&str]| (pair[0].trim_start_matches('-').to_owned(), pair[1].to_owned());
        let mut accounts: Vec<Account> = arguments.chunks(2).map(named).collect();
        accounts.push(("tenant".to_owned(), "default".to_owned()));
        Self { number, key: key.to_owned(), accounts, asked: Arc::default() }
    }

    /// Spends until the gateway is gone.
    pub(super) async fn spend(self, gateway: SocketAddr) -> Spending {
        let accounts = self.accounts.clone();
        let mut spending =
            Spending { accounts, sent: 0, answered: 0, acknowledged: 0, worst_case: 0 };
        loop {
            let ask = self.next();
            spending.sent += 1;
            spending.worst_case = spending.worst_case.max(worst_case(&ask));
            let Some(cost) = cost(&ask, gateway).await else { return spending };
            spending.answered += 1;
            spending.acknowledged += cost;
        }
    }

    fn next(&self) -> Ask {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        Ask {
            protocol: if asked % 3 == 2 { Protocol::Anthropic } else { Protocol::OpenAi },
            stream: asked.is_multiple_of(2),
            text: format!("client {} asks question {asked}", self.number),
            max_tokens: LEAST_OUTPUT + asked % 25,
            key: Some(self.key.clone()),
        }
    }
}

/// What an answer cost, where all of it came.
async fn cost(ask: &Ask, gateway: SocketAddr) -> Option<u64> {
    let response = ask.open(gateway).await.ok()?.finish().await.ok()?;
    assert_eq!(response.status, 200, "{response:?}");
    let (input, output) = response.usage(ask)?;
    assert!(input > 0 && output > 0, "{response:?}");
    Some(input * INPUT_PRICE + output * OUTPUT_PRICE)
}

/// No byte is more than one token; 64 tokens may be around a request and 8 around its message;
/// input that a provider stores may cost twice as much.
fn worst_case(ask: &Ask) -> u64 {
    let input = u64::try_from(ask.body().len()).unwrap() + 64 + 8;
    2 * input * INPUT_PRICE + ask.max_tokens * OUTPUT_PRICE
}
