//! Money for the worst that an answer can cost, before anything is sent.

use std::sync::Arc;

use budget::{AccountPath, Hold, Price, TokensReserved};
use inference::{Candidate, Route, bound_input, estimate_input};
use metrics::counter;
use telemetry::names;
use types::{Class, Microdollars, TokenCount};
use wire::{Protocol, ProviderProtocol, Request};

use super::admit::Call;
use super::record;
use crate::{Error, Parts};

/// How many reservations there must be room for before a loose one will do.
const AMPLE: u64 = 100;
/// Bytes that a token has on average, at the least: with it input and answer are estimated where a
/// provider never said how many tokens it billed.
pub(super) const BYTES_PER_TOKEN: u64 = 3;
/// Output tokens of a long answer with its reasoning.
const LONG_OUTPUT: u64 = 32_000;
/// Bodies up to this are counted on the task that serves the request.
const COUNTED_INLINE_BYTES: usize = 8 * 1_024;

/// A reservation and what it was made for.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) hold: Hold,
    /// What it may use of its tenant's tokens a minute.
    pub(crate) tokens: TokensReserved,
    /// The candidates that it covers, in the order in which they are tried.
    pub(crate) route: Route,
    /// Input tokens at most, by bytes.
    pub(crate) input_bound: TokenCount,
    /// The maximum of output for a request that has none.
    pub(crate) output_limit: Option<u64>,
    /// What one attempt may cost at most.
    pub(crate) worst_case: Microdollars,
}

/// Reserves the worst case of the dearest candidate on every account of the caller.
///
/// Bytes bound tokens at no cost, counting takes a tenth of a millisecond for each KiB
/// (`docs/design/inference.md`). So tokens are counted only where it matters: where the bytes would
/// more than double what the output reserves and an account has less left than a hundred times
/// that, or where there is no room for so much.
pub(crate) async fn reserve(parts: &Parts, call: &Call) -> Result<Reserved, Error> {
    let began = parts.clock.monotonic();
    let reserved = try_reserve(parts, call).await;
    parts.meters.budget_check().record(parts.clock.monotonic().saturating_sub(began));
    if let Err(Error::Budget(error)) = &reserved
        && !matches!(error, budget::Error::RateLimited { .. })
    {
        counter!(names::BUDGET_REFUSALS, "reason" => reason(error)).increment(1);
    }
    reserved
}

async fn try_reserve(parts: &Parts, call: &Call) -> Result<Reserved, Error> {
    let path = AccountPath::of(&call.principal);
    let route = covered(parts, &path, &call.route)?;
    let input_bound = bound_input(&call.request);
    let mut output_limit = output_limit(parts, &route, &call.request);
    let mut output = output_bound(&call.request, output_limit);
    let mut money = reserve_money(parts, call, (&path, &route), (input_bound, output)).await;
    // A long answer that there is no money for may still be a short one.
    let default = parts.settings.output_tokens_default;
    if output_limit.is_some_and(|limit| limit > default)
        && matches!(&money, Err(error) if is_short(error))
    {
        output_limit = Some(default);
        output = output_bound(&call.request, output_limit);
        money = reserve_money(parts, call, (&path, &route), (input_bound, output)).await;
    }
    let (hold, worst_case) = money?;
    let most = input_tokens(input_bound).saturating_add(output);
    let tokens = parts.rates.reserve(&call.principal.tenant, most);
    let tokens = tokens.inspect_err(record::rate_limited)?;
    Ok(Reserved { hold, tokens, route, input_bound, output_limit, worst_case })
}

/// A reservation of the worst case within bounds of input and output, and that.
async fn reserve_money(
    parts: &Parts,
    call: &Call,
    (path, route): (&AccountPath, &Route),
    (input, output): (TokenCount, TokenCount),
) -> Result<(Hold, Microdollars), Error> {
    let loose = dearest(parts, route, input, output)?;
    let output_alone = dearest(parts, route, TokenCount::ZERO, output)?;
    let is_close = loose <= output_alone.saturating_add(output_alone);
    let ample = Microdollars::new(loose.get().saturating_mul(AMPLE));
    if is_close || parts.ledger.has_room(path, ample) {
        match parts.ledger.reserve(path, &call.request_id, loose).await.map_err(Error::from) {
            Ok(hold) => return Ok((hold, loose)),
            Err(error) if is_short(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let counted = count_input(&call.request).await?;
    let tight = dearest(parts, route, counted, output)?;
    Ok((parts.ledger.reserve(path, &call.request_id, tight).await?, tight))
}

/// Whether less money might do.
fn is_short(error: &Error) -> bool {
    let Error::Budget(error) = error else { return false };
    matches!(error, budget::Error::Exhausted { .. } | budget::Error::Reserved { .. })
}

/// Output tokens at most. Whoever is asked in Responses is never asked for fewer than that takes.
fn output_bound(request: &Request, limit: Option<u64>) -> TokenCount {
    let per_choice = limit.or(request.max_output_tokens()).unwrap_or_default();
    let asked = per_choice.saturating_mul(request.choices());
    let is_translated = request.protocol() != Protocol::OpenAiResponses && asked > 0;
    let least =
        if is_translated { ProviderProtocol::OpenAiResponses.output_limit_min() } else { 0 };
    TokenCount::new(asked.max(least))
}

/// Input tokens, as estimated from what bounds them.
pub(super) fn input_tokens(bound: TokenCount) -> TokenCount {
    TokenCount::new(bound.get().div_ceil(BYTES_PER_TOKEN))
}

/// What a request without a maximum of output gets: no more than any candidate can write, because
/// providers refuse that.
fn output_limit(parts: &Parts, route: &Route, request: &Request) -> Option<u64> {
    if request.max_output_tokens().is_some() {
        return None;
    }
    let default = parts.settings.output_tokens_default;
    let limit = |candidate: &Candidate| {
        candidate.max_output.map_or(default, |most| most.min(default.max(LONG_OUTPUT)))
    };
    Some(route.candidates.iter().map(limit).min().unwrap_or(default))
}

/// Counts the input's tokens, a large one where it holds nobody up.
async fn count_input(request: &Arc<Request>) -> Result<TokenCount, Error> {
    if request.body().len() <= COUNTED_INLINE_BYTES {
        return Ok(estimate_input(request));
    }
    let request = Arc::clone(request);
    let counted = tokio::task::spawn_blocking(move || estimate_input(&request)).await;
    // It fails only where counting panicked or the runtime ends.
    counted.map_err(|_| Error::GivenUp)
}

/// The route with what the price list says of its models, without candidates whose price is unknown,
/// unless no account of the path has a limit: what they cost could not be held to it.
fn covered(parts: &Parts, path: &AccountPath, route: &Route) -> Result<Route, Error> {
    let mut covered = Route { resolved: route.resolved.clone(), candidates: Vec::new() };
    let mut refusal = None;
    for candidate in &route.candidates {
        let (provider, model) = (&candidate.provider, &candidate.model);
        let price = parts.prices.price(provider, model);
        if price.is_none()
            && let Err(error) = parts.ledger.admit_unpriced(path, provider, model)
        {
            refusal.get_or_insert(error);
            continue;
        }
        let max_output = price.and_then(Price::max_output).map(TokenCount::get);
        covered.candidates.push(Candidate { max_output, ..candidate.clone() });
    }
    match refusal {
        Some(error) if covered.candidates.is_empty() => Err(error.into()),
        _ => Ok(covered),
    }
}

fn dearest(
    parts: &Parts,
    route: &Route,
    input: TokenCount,
    output: TokenCount,
) -> Result<Microdollars, Error> {
    let mut dearest = Microdollars::ZERO;
    for candidate in &route.candidates {
        if let Some(price) = parts.prices.price(&candidate.provider, &candidate.model) {
            let worst_case = price.worst_case(input, output).ok_or(Error::Uncountable)?;
            dearest = std::cmp::max(dearest, worst_case);
        }
    }
    Ok(dearest)
}

fn reason(error: &budget::Error) -> &'static str {
    match (error, error.class()) {
        (budget::Error::Exhausted { .. }, _) => "exhausted",
        (budget::Error::Reserved { .. }, _) => "reserved",
        (_, Class::Caller) => "unpriced",
        (_, Class::Busy | Class::Upstream | Class::Fault) => "ledger",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(protocol: Protocol, body: &'static str, limit: Option<u64>, expected: u64) {
        let request = Request::decode(protocol, body.as_bytes().into()).unwrap();
        assert_eq!(output_bound(&request, limit).get(), expected, "{body} {limit:?}");
    }

    #[test]
    fn a_bound_covers_whatever_a_provider_may_be_asked_for() {
        let chat =
            r#"{"model":"m","max_tokens":9,"n":3,"messages":[{"role":"user","content":"Hi"}]}"#;
        check(Protocol::OpenAiChat, chat, None, 27);
        let message = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
        check(Protocol::AnthropicMessages, message, None, 16);
        let fills_a_cache =
            r#"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"Hi"}]}"#;
        check(Protocol::AnthropicMessages, fills_a_cache, None, 0);
        let response = r#"{"model":"m","max_output_tokens":9,"input":"hi"}"#;
        check(Protocol::OpenAiResponses, response, None, 9);
        check(
            Protocol::OpenAiChat,
            r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#,
            Some(9),
            16,
        );
        check(
            Protocol::OpenAiChat,
            r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#,
            Some(8_192),
            8_192,
        );
    }
}
