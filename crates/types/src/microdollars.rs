//! Exact money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

const PER_DOLLAR: u64 = 1_000_000;

/// An amount of money in millionths of a US dollar.
///
/// Written and read as dollars (`$8.330000`, `8.33`); serialised as the integer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Microdollars(u64);

impl Microdollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `amount` millionths of a dollar.
    pub const fn new(amount: u64) -> Self {
        Self(amount)
    }

    /// The amount in millionths of a dollar.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sum, or `None` where it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` where `other` is larger.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum, at most the largest amount there is.
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at least nothing.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Microdollars {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "${}.{:06}", self.0 / PER_DOLLAR, self.0 % PER_DOLLAR)
    }
}

impl FromStr for Microdollars {
    type Err = Error;

    /// Reads dollars with at most six decimals; a leading `$` is allowed.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('$').unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(Error::Amount);
        }
        let dollars: u64 = whole.parse().map_err(|_| Error::Amount)?;
        let millionths: u64 = format!("{fraction:0<6}").parse().map_err(|_| Error::Amount)?;
        dollars
            .checked_mul(PER_DOLLAR)
            .and_then(|amount| amount.checked_add(millionths))
            .map(Self)
            .ok_or(Error::Amount)
    }
}

impl std::iter::Sum for Microdollars {
    /// Saturates: a report may be capped, a decision never uses it.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_parse(text: &str, expected: Option<u64>) {
        assert_eq!(text.parse::<Microdollars>().ok().map(Microdollars::get), expected, "{text}");
    }

    #[test]
    fn reads_dollars() {
        check_parse("8.33", Some(8_330_000));
        check_parse("$0.000001", Some(1));
        check_parse("12", Some(12_000_000));
        check_parse("12.", Some(12_000_000));
    }

    #[test]
    fn refuses_what_is_not_an_exact_amount() {
        for text in ["", ".5", "-1", "1e3", "1.0000001", "1,5", "NaN", "18446744073710"] {
            check_parse(text, None);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(amount: u64) {
            let money = Microdollars::new(amount);
            prop_assert_eq!(money.to_string().parse::<Microdollars>(), Ok(money));
        }
    }
}
