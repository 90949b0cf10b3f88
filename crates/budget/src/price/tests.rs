use proptest::prelude::*;

use super::*;

/// Whole numbers as decimal digits, the smallest first: slow, and nothing like the code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Digits(Vec<u32>);

impl Digits {
    fn of(number: u64) -> Self {
        Self(number.to_string().bytes().rev().map(|digit| u32::from(digit - b'0')).collect())
    }

    fn carried(mut digits: Vec<u32>) -> Self {
        let mut index = 0;
        while index < digits.len() {
            let carry = digits[index] / 10;
            digits[index] %= 10;
            if carry > 0 {
                if index + 1 == digits.len() {
                    digits.push(0);
                }
                digits[index + 1] += carry;
            }
            index += 1;
        }
        while digits.len() > 1 && digits.last() == Some(&0) {
            digits.pop();
        }
        Self(digits)
    }

    fn plus(&self, other: &Self) -> Self {
        let length = self.0.len().max(other.0.len());
        let digit = |digits: &[u32], index| digits.get(index).copied().unwrap_or(0);
        Self::carried((0..length).map(|i| digit(&self.0, i) + digit(&other.0, i)).collect())
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = vec![0; self.0.len() + other.0.len()];
        for (i, left) in self.0.iter().enumerate() {
            for (j, right) in other.0.iter().enumerate() {
                product[i + j] += left * right;
            }
        }
        Self::carried(product)
    }

    /// Division by a million is leaving six digits away; anything left away rounds up.
    fn millionth_rounded_up(&self) -> Self {
        let (rest, whole) = self.0.split_at(self.0.len().min(6));
        let whole = Self::carried(if whole.is_empty() { vec![0] } else { whole.to_vec() });
        if rest.iter().any(|digit| *digit > 0) { whole.plus(&Self::of(1)) } else { whole }
    }

    fn fits(&self) -> Option<u64> {
        let text: String =
            self.0.iter().rev().map(|digit| char::from_digit(*digit, 10).unwrap()).collect();
        text.parse().ok()
    }
}

fn usage() -> impl Strategy<Value = TokenUsage> {
    let count = || prop_oneof![0..5_u64, 0..400_000_u64, any::<u64>()].prop_map(TokenCount::new);
    (count(), count(), count(), count(), count(), count()).prop_map(
        |(input, cache_read, cache_write_5m, cache_write_1h, output, reasoning)| TokenUsage {
            input,
            cache_read,
            cache_write_5m,
            cache_write_1h,
            output,
            reasoning,
        },
    )
}

fn listed() -> impl Strategy<Value = Listed> {
    let rate = || prop_oneof![Just(0), 1..100_u64, 0..100_000_000_u64, any::<u64>()];
    let perhaps = || proptest::option::of(prop_oneof![0..100_000_000_u64, any::<u64>()]);
    (rate(), rate(), perhaps(), perhaps(), perhaps(), perhaps()).prop_map(
        |(input, output, cached_input, cache_write_5m, cache_write_1h, reasoning)| Listed {
            input,
            output,
            cached_input,
            cache_write_5m,
            cache_write_1h,
            reasoning,
        },
    )
}

/// A price of which every component and the tier are known to the test.
fn price() -> impl Strategy<Value = (Price, Listed, Option<(u64, Listed)>)> {
    let tier = proptest::option::of((1..300_000_u64, listed()));
    (listed(), tier).prop_map(|(base, tier)| {
        let plain = Price::listed(base);
        let tiered = tier.and_then(|(above, rates)| {
            Some((plain.clone().with_tier(above, rates)?, base, Some((above, rates))))
        });
        tiered.unwrap_or((plain, base, None))
    })
}

/// What the documentation of [`Price`] says, in digits.
fn oracle(base: &Listed, tier: Option<&(u64, Listed)>, usage: &TokenUsage) -> Option<u64> {
    let total = [usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h];
    let total = total.into_iter().map(|tokens| Digits::of(tokens.get()));
    let total = total.reduce(|left, right| left.plus(&right))?.fits().unwrap_or(u64::MAX);
    let tier = tier.filter(|(above, _)| total > *above).map(|(_, rates)| rates);
    let rates = tier.unwrap_or(base);
    let twice = Digits::of(2).times(&Digits::of(rates.input)).fits().unwrap_or(u64::MAX);
    let write = |own: Option<u64>, other: Option<u64>| {
        own.unwrap_or_else(|| std::cmp::max(twice, other.unwrap_or(0)))
    };
    let base_reasoning = base.reasoning.unwrap_or(base.output);
    let reasoning_rate = rates.reasoning.unwrap_or(rates.output);
    let reasoning_rate = std::cmp::max(reasoning_rate, base_reasoning);
    let reasoning = usage.reasoning.get().min(usage.output.get());
    let parts = [
        (usage.input.get(), rates.input),
        (usage.cache_read.get(), rates.cached_input.unwrap_or(rates.input)),
        (usage.cache_write_5m.get(), write(rates.cache_write_5m, rates.cache_write_1h)),
        (usage.cache_write_1h.get(), write(rates.cache_write_1h, rates.cache_write_5m)),
        (usage.output.get() - reasoning, rates.output),
        (reasoning, if tier.is_some() { reasoning_rate } else { base_reasoning }),
    ];
    let parts = parts.map(|(tokens, rate)| Digits::of(tokens).times(&Digits::of(rate)));
    let sum = parts.into_iter().reduce(|left, right| left.plus(&right))?;
    // The code's sum is one of 128 bits; what does not fit there fits no amount either.
    sum.millionth_rounded_up().fits()
}

/// What `PROPTEST_CASES` says, else many where `FOREBAY_LONG` is set.
fn cases() -> u32 {
    testkit::cases(if testkit::is_long() { 1_000_000 } else { 400 })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_cost_is_that_of_the_oracle((price, base, tier) in price(), usage in usage()) {
        let cost = price.cost(&usage).map(Microdollars::get);
        prop_assert_eq!(cost, oracle(&base, tier.as_ref(), &usage));
    }

    #[test]
    fn no_usage_within_the_bounds_costs_more_than_the_worst_case(
        (price, ..) in price(),
        usage in usage(),
        more in (0..1000_u64, 0..1000_u64),
    ) {
        // A count that was cut off is no bound.
        if usage.total_input() == TokenCount::new(u64::MAX) {
            return Ok(());
        }
        let input = usage.total_input().saturating_add(TokenCount::new(more.0));
        let output = usage.output.saturating_add(TokenCount::new(more.1));
        if let Some(worst) = price.worst_case(input, output) {
            let cost = price.cost(&usage);
            prop_assert!(cost.is_some_and(|cost| cost <= worst), "{:?} > {:?}", cost, worst);
        }
    }

    #[test]
    fn more_tokens_never_cost_less(
        (price, ..) in price(), usage in usage(), more in 0..500_000_u64, class in 0..5_usize,
    ) {
        let mut larger = usage;
        let classes = [
            &mut larger.input,
            &mut larger.cache_read,
            &mut larger.cache_write_5m,
            &mut larger.cache_write_1h,
            &mut larger.output,
        ];
        for (index, count) in classes.into_iter().enumerate() {
            if index == class {
                *count = count.saturating_add(TokenCount::new(more));
            }
        }
        // Where output stays, so does the split of it.
        if let (Some(less), Some(more)) = (price.cost(&usage), price.cost(&larger))
            && (class != 4 || usage.reasoning <= usage.output)
        {
            prop_assert!(less <= more);
        }
        let worst = |usage: &TokenUsage| price.worst_case(usage.total_input(), usage.output);
        if let Some(more) = worst(&larger) {
            prop_assert!(worst(&usage).is_some_and(|less| less <= more));
        }
    }
}

#[track_caller]
fn check_cost(price: &Price, usage: TokenUsage, expected: Option<u64>) {
    assert_eq!(price.cost(&usage), expected.map(Microdollars::new));
}

fn micro(amount: u64) -> Microdollars {
    Microdollars::new(amount)
}

fn input(tokens: u64) -> TokenUsage {
    TokenUsage { input: TokenCount::new(tokens), ..TokenUsage::default() }
}

#[test]
fn a_fraction_of_a_microdollar_costs_a_whole_one() {
    let price = Price::new(micro(75_000), micro(300_000));
    check_cost(&price, input(0), Some(0));
    check_cost(&price, input(1), Some(1));
    check_cost(&price, input(13), Some(1));
    check_cost(&price, input(14), Some(2));
}

#[test]
fn what_is_too_large_has_no_cost() {
    let price = Price::new(micro(u64::MAX), micro(u64::MAX));
    check_cost(&price, input(1_000_000), Some(u64::MAX));
    check_cost(&price, input(1_000_001), None);
    let hostile = TokenCount::new(u64::MAX);
    assert_eq!(price.worst_case(hostile, hostile), None);
    assert_eq!(Price::free().worst_case(hostile, hostile), Some(Microdollars::ZERO));
}

#[test]
fn a_stated_component_takes_the_place_of_its_bound() {
    let million = TokenCount::new(1_000_000);
    let cached = TokenUsage { cache_read: million, ..TokenUsage::default() };
    let stored = TokenUsage { cache_write_5m: million, ..TokenUsage::default() };
    let hour = TokenUsage { cache_write_1h: million, ..TokenUsage::default() };
    let price = Price::new(micro(3), micro(15));
    check_cost(&price, cached, Some(3));
    check_cost(&price, stored, Some(6));
    check_cost(&price, hour, Some(6));
    let price = price.with_cached_input(micro(1)).with_cache_writes(micro(4), micro(9));
    check_cost(&price, cached, Some(1));
    check_cost(&price, stored, Some(4));
    check_cost(&price, hour, Some(9));
    assert_eq!(price.worst_case(million, million), Some(micro(24)));
}

#[test]
fn a_tier_that_is_cheaper_or_lower_is_refused() {
    let rates = |input, output| Listed { input, output, ..Listed::default() };
    let price = Price::listed(rates(10, 20)).with_tier(100, rates(10, 30)).unwrap();
    assert_eq!(price.clone().with_tier(100, rates(10, 30)), None);
    assert_eq!(price.clone().with_tier(200, rates(9, 30)), None);
    assert_eq!(price.clone().with_tier(200, rates(10, 29)), None);
    assert!(price.with_tier(200, rates(10, 30)).is_some());
}
