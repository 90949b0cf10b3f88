//! The money and the tokens of one fetch: opened before the call, closed once, whatever happens in between.

use budget::{Dispatch, Price, Sent, Settlement, TokensReserved};
use inference::{Candidate, GateQuestion, Route};
use types::{Microdollars, ModelId, ProviderId, TokenCount, TokenUsage};
use wire::AnswerSummary;

use super::reserve::{BYTES_PER_TOKEN, Reserved, input_tokens};
use crate::item::Source;
use crate::{Error, Parts};

/// What a dispatched call has cost so far. Dropped, it charges what was metered, in money and in
/// tokens.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    parts: &'a Parts,
    sent: Sent,
    tokens: TokensReserved,
    route: Route,
    /// Input tokens, as estimated.
    input: TokenCount,
    output_limit: Option<u64>,
    worst_case: Microdollars,
    /// The input's price at who was called last: what a call costs of which nothing is known.
    floor: Microdollars,
    /// Input tokens of the same call that others pay for.
    before: TokenCount,
    /// Input tokens of earlier attempts that may be billed.
    spent: TokenCount,
}

impl<'a> Bill<'a> {
    /// Makes the reservation durable against a killed process; only then may the call go out.
    pub(super) fn open(parts: &'a Parts, reserved: Reserved) -> Result<Self, Error> {
        let Reserved { hold, mut tokens, route, input_bound, output_limit, worst_case } = reserved;
        let input = input_tokens(input_bound);
        let first = route.candidates.first().ok_or(Error::GivenUp)?;
        let (provider, model) = (first.provider.clone(), first.model.clone());
        let sent_in_full = TokenUsage { input, ..TokenUsage::default() };
        let floor = cost(parts, &provider, &model, &sent_in_full);
        let sent = hold.dispatched(Dispatch { provider, model, floor })?;
        tokens.meter(input);
        let (before, spent) = (TokenCount::ZERO, TokenCount::ZERO);
        Ok(Self {
            parts,
            sent,
            tokens,
            route,
            input,
            output_limit,
            worst_case,
            floor,
            before,
            spent,
        })
    }

    /// The candidates that the reservation covers.
    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    /// The maximum of output that was reserved for, where the client gave none.
    pub(super) fn output_limit(&self) -> Option<u64> {
        self.output_limit
    }

    /// Notes what the answer costs as far as it has come, so that a client who leaves pays for it.
    /// Returns its tokens.
    pub(super) fn meter(&mut self, source: &Source, summary: &AnswerSummary) -> TokenUsage {
        let usage = self.usage(summary);
        let cost = cost(self.parts, &source.provider, &source.model, &usage);
        self.sent.meter(cost, usage);
        self.tokens.meter(self.spent.saturating_add(usage.total()));
        usage
    }

    /// Notes that the answer is part of one whose first `before` tokens of input others pay for, so
    /// that all pay together what the whole costs.
    pub(super) fn share_after(&mut self, before: TokenCount) {
        self.before = before;
    }

    /// Notes that nothing is sent as yet.
    pub(super) fn wait_for_a_turn(&mut self) {
        self.sent.spared();
        self.tokens.meter(self.spent);
    }

    /// Reserves for another call after one that may be billed.
    pub(super) async fn again(&mut self) -> Result<(), budget::Error> {
        self.spent = self.spent.saturating_add(self.input);
        self.sent.extend(self.worst_case).await
    }

    /// Charges a whole answer. Returns what it cost.
    pub(super) fn settle(self, source: &Source, summary: &AnswerSummary) -> Microdollars {
        let usage = self.usage(summary);
        let up_to_here = |input| {
            let usage = TokenUsage { input, ..usage };
            cost(self.parts, &source.provider, &source.model, &usage)
        };
        let cost = match self.before {
            TokenCount::ZERO => up_to_here(usage.input),
            before => {
                let others = up_to_here(before);
                up_to_here(before.saturating_add(usage.input)).saturating_sub(others)
            }
        };
        let (provider, model) = (source.provider.clone(), source.model.clone());
        self.tokens.settle(self.spent.saturating_add(usage.total()));
        // Nobody need wait: until it is written, the open reservation stands for the charge.
        drop(self.sent.settle(Settlement { cost, usage, provider, model }));
        cost
    }

    /// Charges what the last attempt may have cost, where there is no answer. Where it is not known
    /// that there was one, as much as if there was.
    pub(super) fn settle_unanswered(self, error: &Error) {
        let error = if let Error::Shared(shared) = error { shared } else { error };
        if let Error::Inference(error) = error {
            self.settle_attempts(error);
        }
    }

    fn settle_attempts(self, error: &inference::Error) {
        let Some(first) = self.route.candidates.first() else { return };
        let last = error.attempts().last();
        let (provider, model) = match last {
            Some(attempt) => (attempt.candidate.provider.clone(), attempt.candidate.model.clone()),
            None => (first.provider.clone(), first.model.clone()),
        };
        let failure = last.and_then(|attempt| attempt.failure.as_ref());
        let may_be_billed = failure.is_some_and(|failure| failure.may_be_billed);
        let cost = if may_be_billed { self.floor } else { Microdollars::ZERO };
        if !may_be_billed {
            self.tokens.settle(self.spent);
        }
        let usage = TokenUsage::default();
        drop(self.sent.settle(Settlement { cost, usage, provider, model }));
    }

    /// Whether the budget covers one more attempt: after one that may be billed it needs a
    /// reservation of its own beside that one's.
    pub(super) async fn allow(&mut self, question: GateQuestion<'_>) -> bool {
        !question.may_be_billed || self.again().await.is_ok()
    }

    /// Notes who may bill from now on: a client who leaves while its request waits for its turn pays
    /// nothing.
    pub(super) fn at_stake(&mut self, with: Option<&Candidate>) {
        let Some(Candidate { provider, model, .. }) = with else { return self.wait_for_a_turn() };
        self.tokens.meter(self.spent.saturating_add(self.input));
        let sent_in_full = TokenUsage { input: self.input, ..TokenUsage::default() };
        self.floor = cost(self.parts, provider, model, &sent_in_full);
        let (provider, model) = (provider.clone(), model.clone());
        self.sent.at_stake(Dispatch { provider, model, floor: self.floor });
    }

    /// What was used: as the provider says, or bounded by what was sent and what came.
    fn usage(&self, summary: &AnswerSummary) -> TokenUsage {
        let seen = TokenCount::new(summary.content_bytes.div_ceil(BYTES_PER_TOKEN));
        match summary.usage {
            Some(usage) if summary.complete => usage,
            // Half an answer: its input is known early, its output only at the end.
            Some(usage) => TokenUsage { output: usage.output.max(seen), ..usage },
            None => TokenUsage { input: self.input, output: seen, ..TokenUsage::default() },
        }
    }
}

/// What `usage` costs; nothing for a model without a price, which only accounts without a limit
/// may call.
fn cost(parts: &Parts, provider: &ProviderId, model: &ModelId, usage: &TokenUsage) -> Microdollars {
    let amount = |price: &Price| {
        // More than money can count is more than any budget has.
        price.cost(usage).unwrap_or(Microdollars::new(u64::MAX))
    };
    parts.prices.price(provider, model).map_or(Microdollars::ZERO, amount)
}
