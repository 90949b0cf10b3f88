//! The period that a limit counts over.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::Timestamp;

/// A calendar month in UTC, written `2026-11` where people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// Months since January of year 0.
    months: u32,
}

/// A month is not written as `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month must be written as 2026-11")]
pub struct WindowError;

impl Window {
    /// The month that `moment` lies in.
    pub fn of(moment: Timestamp) -> Self {
        let date = date_of(moment);
        let year = u32::from(date.year().unsigned_abs());
        Self { months: year * 12 + u32::from(date.month().unsigned_abs()) - 1 }
    }

    /// The number that the ledger stores; months are in the order of their numbers.
    pub(crate) fn number(self) -> u32 {
        self.months
    }

    /// The month with the stored number.
    pub(crate) fn from_number(months: u32) -> Self {
        Self { months }
    }
}

/// The date in UTC; the last one there is for a clock beyond year 9999.
pub(crate) fn date_of(moment: Timestamp) -> Date {
    i64::try_from(moment.as_millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or(Date::MAX, |moment| moment.to_zoned(TimeZone::UTC).date())
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.months / 12, self.months % 12 + 1)
    }
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let (year, month) = text.split_once('-').ok_or(WindowError)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(WindowError);
        }
        let year: u32 = year.parse().map_err(|_| WindowError)?;
        let month: u32 = month.parse().map_err(|_| WindowError)?;
        if !(1..=12).contains(&month) {
            return Err(WindowError);
        }
        Ok(Self { months: year * 12 + month - 1 })
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.months.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            u32::deserialize(deserializer).map(Self::from_number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_month(millis: u64, expected: &str) {
        let window = Window::of(Timestamp::from_millis(millis));
        assert_eq!(window.to_string(), expected);
        assert_eq!(expected.parse(), Ok(window));
        assert_eq!(Window::from_number(window.number()), window);
    }

    #[test]
    fn a_month_begins_at_midnight_utc() {
        // Seconds from `date -u -d … +%s`.
        check_month(0, "1970-01");
        check_month(1_709_251_199_999, "2024-02");
        check_month(1_709_251_200_000, "2024-03");
        check_month(1_798_761_599_999, "2026-12");
        check_month(1_798_761_600_000, "2027-01");
    }

    #[test]
    fn a_clock_without_end_still_has_a_month() {
        check_month(u64::MAX, "9999-12");
    }

    #[test]
    fn refuses_what_is_not_a_month() {
        for text in ["", "2026", "2026-00", "2026-13", "2026-1", "+026-01", "2026-11-01", "26-11"] {
            assert_eq!(text.parse::<Window>(), Err(WindowError), "{text}");
        }
    }
}
