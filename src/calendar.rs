//! Dates without clocks, and the time value of money.

use core::{fmt, str::FromStr};

use jiff::civil;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// 0001-01-01 as a day number.
const DAY_FIRST: i32 = -719_162;
/// 9999-12-31 as a day number.
const DAY_LAST: i32 = 2_932_896;

/// A calendar day of the proleptic Gregorian calendar, years 1 to 9999, written `yyyy-mm-dd`.
///
/// Held as the number of days since 1970-01-01, so differences are subtractions.
///
/// ```
/// use sortie::calendar::Date;
/// let start: Date = "1997-09-30".parse()?;
/// assert_eq!(start.plus_days(39 * 7)?.to_string(), "1998-06-30");
/// assert!("2026-02-30".parse::<Date>().is_err());
/// # Ok::<(), sortie::calendar::CalendarError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(i32);

/// Why a date, a rate or a horizon is refused.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// Not of the form `yyyy-mm-dd`.
    #[error(
        "date {text:?} is not of the form yyyy-mm-dd; write a four-digit year, and two digits each for month and day"
    )]
    Form {
        /// What was given.
        text: String,
    },
    /// A day that is not in the calendar.
    #[error(
        "date {year:04}-{month:02}-{day:02} does not exist; check month and day (years 1 to 9999)"
    )]
    NoSuchDay {
        /// Year.
        year: i16,
        /// Month.
        month: i8,
        /// Day of the month.
        day: i8,
    },
    /// Before year 1 or after year 9999.
    #[error(
        "day number {day_number} is outside the calendar; it must lie in {DAY_FIRST}..={DAY_LAST}"
    )]
    OutOfRange {
        /// Days since 1970-01-01.
        day_number: i64,
    },
    /// A rate that is no rate.
    #[error(
        "discount rate is {rate} a period; it must be a finite number of at least 0 (write 0.01 for 1 %)"
    )]
    Rate {
        /// What was given.
        rate: f64,
    },
    /// No periods, or too many.
    #[error("horizon is {periods} periods; it must be from 1 to {HORIZON_PERIODS_MOST}")]
    Horizon {
        /// What was given.
        periods: u32,
    },
}

impl Date {
    /// The day of a year, month and day of the month.
    ///
    /// # Errors
    /// [`CalendarError::NoSuchDay`].
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, CalendarError> {
        let no_such_day = || CalendarError::NoSuchDay { year, month, day };
        if year < 1 {
            return Err(no_such_day());
        }
        let date = civil::Date::new(year, month, day).map_err(|_| no_such_day())?;
        Ok(Self(day_number_of(date)))
    }

    /// The day of a day number, counted from 1970-01-01.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn from_day_number(day_number: i32) -> Result<Self, CalendarError> {
        if (DAY_FIRST..=DAY_LAST).contains(&day_number) {
            Ok(Self(day_number))
        } else {
            Err(CalendarError::OutOfRange {
                day_number: i64::from(day_number),
            })
        }
    }

    /// Days since 1970-01-01; negative before.
    #[must_use]
    pub const fn day_number(self) -> i32 {
        self.0
    }

    /// The day some days later (earlier, if negative).
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn plus_days(self, days: i32) -> Result<Self, CalendarError> {
        let day_number = i64::from(self.0) + i64::from(days);
        i32::try_from(day_number)
            .ok()
            .and_then(|day| Self::from_day_number(day).ok())
            .ok_or(CalendarError::OutOfRange { day_number })
    }

    /// Days from `earlier` to this day; negative if it is later.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i32 {
        // Both lie within ±3 million.
        self.0 - earlier.0
    }

    /// Year, month (1–12) and day of the month (1–31).
    #[must_use]
    pub fn year_month_day(self) -> (i16, i8, i8) {
        let date = civil::Date::from(self);
        (date.year(), date.month(), date.day())
    }
}

/// Days since 1970-01-01 (Howard Hinnant's days-from-civil, which `jiff` does not expose as a number).
fn day_number_of(date: civil::Date) -> i32 {
    let (year, month, day) = (
        i32::from(date.year()),
        i32::from(date.month()),
        i32::from(date.day()),
    );
    let shifted_year = year - i32::from(month <= 2);
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl From<Date> for civil::Date {
    fn from(date: Date) -> Self {
        let shifted = date.0 + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
        let (Ok(year), Ok(month), Ok(day)) = parts else {
            return civil::Date::MIN;
        };
        // Within DAY_FIRST..=DAY_LAST every triple made here is a day; the tests walk all of them.
        civil::Date::new(year, month, day).unwrap_or(civil::Date::MIN)
    }
}

impl TryFrom<civil::Date> for Date {
    type Error = CalendarError;

    fn try_from(date: civil::Date) -> Result<Self, CalendarError> {
        Self::new(date.year(), date.month(), date.day())
    }
}

impl FromStr for Date {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let form = || CalendarError::Form {
            text: text.chars().take(40).collect(),
        };
        let bytes: &[u8; 10] = text.as_bytes().try_into().map_err(|_| form())?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else {
            return Err(form());
        };
        let number = |digits: &[&u8]| {
            digits.iter().try_fold(0_i16, |sum, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| sum * 10 + i16::from(**digit - b'0'))
            })
        };
        let parts = (
            number(&[y1, y2, y3, y4]),
            number(&[m1, m2]),
            number(&[d1, d2]),
        );
        let (Some(year), Some(month), Some(day)) = parts else {
            return Err(form());
        };
        let (month, day) = (
            i8::try_from(month).unwrap_or(0),
            i8::try_from(day).unwrap_or(0),
        );
        Self::new(year, month, day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.year_month_day();
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl TryFrom<String> for Date {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, CalendarError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

/// The cost of waiting: a discount rate per period, at least 0.
///
/// ```
/// use sortie::calendar::DiscountRate;
/// let rate = DiscountRate::new(0.25)?;
/// assert_eq!(rate.factor(), 0.8);
/// # Ok::<(), sortie::calendar::CalendarError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct DiscountRate(f64);

impl DiscountRate {
    /// Money later is worth as much as money now.
    pub const NONE: Self = Self(0.0);

    /// Admits a rate per period.
    ///
    /// # Errors
    /// [`CalendarError::Rate`] for NaN, infinities and negative rates.
    pub fn new(rate: f64) -> Result<Self, CalendarError> {
        if rate.is_finite() && rate >= 0.0 {
            Ok(Self(rate + 0.0))
        } else {
            Err(CalendarError::Rate { rate })
        }
    }

    /// The rate per period.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Value today of one unit a period from now: δ = 1/(1+r), in (0, 1].
    #[must_use]
    pub fn factor(self) -> f64 {
        1.0 / (1.0 + self.0)
    }
}

impl TryFrom<f64> for DiscountRate {
    type Error = CalendarError;

    fn try_from(rate: f64) -> Result<Self, CalendarError> {
        Self::new(rate)
    }
}

impl From<DiscountRate> for f64 {
    fn from(rate: DiscountRate) -> Self {
        rate.0
    }
}

/// Most periods of a horizon: a century of days, with room.
pub const HORIZON_PERIODS_MOST: u32 = 40_000;

/// How many periods ahead a plan looks: from 1 to [`HORIZON_PERIODS_MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Horizon(u32);

impl Horizon {
    /// Admits a number of periods.
    ///
    /// # Errors
    /// [`CalendarError::Horizon`].
    pub const fn new(periods: u32) -> Result<Self, CalendarError> {
        if periods >= 1 && periods <= HORIZON_PERIODS_MOST {
            Ok(Self(periods))
        } else {
            Err(CalendarError::Horizon { periods })
        }
    }

    /// Its periods.
    #[must_use]
    pub const fn periods(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Horizon {
    type Error = CalendarError;

    fn try_from(periods: u32) -> Result<Self, CalendarError> {
        Self::new(periods)
    }
}

impl From<Horizon> for u32 {
    fn from(horizon: Horizon) -> Self {
        horizon.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_day_of_the_calendar_is_one_after_the_last() {
        let mut day = civil::date(1, 1, 1);
        for number in DAY_FIRST..=DAY_LAST {
            let date = Date::from_day_number(number).unwrap();
            assert_eq!(civil::Date::from(date), day);
            assert_eq!(Date::try_from(day).unwrap(), date);
            day = day.tomorrow().unwrap_or(day);
        }
        assert_eq!(Date::new(1970, 1, 1).unwrap().day_number(), 0);
        assert!(Date::from_day_number(DAY_FIRST - 1).is_err());
        assert!(Date::from_day_number(DAY_LAST + 1).is_err());
    }

    #[test]
    fn texts_that_are_no_date_are_refused() {
        for bad in [
            "",
            "97-01-01",
            "1997-1-01",
            "1997/01/01",
            "1997-01-01 ",
            "1997-01-011",
            "٢٠٢٦-01-01",
            "+199-01-01",
        ] {
            assert!(
                matches!(bad.parse::<Date>(), Err(CalendarError::Form { .. })),
                "{bad}"
            );
        }
        for bad in [
            "2026-02-30",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "0000-01-01",
            "2025-02-29",
        ] {
            assert!(
                matches!(bad.parse::<Date>(), Err(CalendarError::NoSuchDay { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn rates_and_horizons_are_checked() {
        for bad in [f64::NAN, f64::INFINITY, -0.01] {
            assert!(DiscountRate::new(bad).is_err());
        }
        assert!(Horizon::new(0).is_err());
        assert!(Horizon::new(HORIZON_PERIODS_MOST + 1).is_err());
    }

    proptest! {
        #[test]
        fn text_round_trips_and_sorts(a in DAY_FIRST..=DAY_LAST, b in DAY_FIRST..=DAY_LAST) {
            let (a, b) = (Date::from_day_number(a).unwrap(), Date::from_day_number(b).unwrap());
            prop_assert_eq!(a.to_string().parse::<Date>().unwrap(), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(b.plus_days(a.days_since(b)).unwrap(), a);
        }
    }
}
