//! Early warnings \[B3\]: who is falling silent, in order of what is at stake, each with its evidence.

use thiserror::Error;

use super::backtest::Thresholds;
use super::models::Record;
use super::models::lapse::LapseModel;
use crate::calendar::Date;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::cast;

/// Why warnings are refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WarningError {
    /// A record that has met uses after the date of the warnings.
    #[error(
        "customer {customer}: last use on day {last} is after the as-of date {as_of}; build the record from uses up to that date"
    )]
    LooksAhead {
        /// The customer.
        customer: Id,
        /// The day of its last use, since 1970-01-01.
        last: i32,
        /// The date of the warnings.
        as_of: Date,
    },
    /// A value below zero.
    #[error(
        "customer {customer}: value {value} is negative; give what is lost if it leaves, at least 0"
    )]
    NegativeValue {
        /// The customer.
        customer: Id,
        /// What was given.
        value: Money,
    },
    /// Values in two currencies, which cannot be put in one order.
    #[error(
        "customer {customer}: value is in {found}, others are in {expected}; convert before ranking"
    )]
    Currency {
        /// The customer.
        customer: Id,
        /// Its currency.
        found: Currency,
        /// That of the first customer.
        expected: Currency,
    },
    /// Too few days to confirm a departure.
    #[error("confirm_days is {days}; it must be from 1 to 36500")]
    Confirm {
        /// What was given.
        days: i32,
    },
}

/// A customer on the watch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched<'a> {
    /// Who.
    pub customer: &'a Id,
    /// Its uses up to the as-of date.
    pub record: &'a Record,
    /// What it brings over the model's horizon while it stays: what is lost if it falls silent.
    pub value: Money,
}

/// How urgent a warning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// The alarm has reached its threshold, the own window has not yet passed.
    Early,
    /// The own window has passed in silence.
    Overdue,
}

/// A warning and all that it rests on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Warning {
    /// Who.
    pub customer: Id,
    /// P(silent in the horizon) × value, to the nearest minor unit.
    pub at_stake: Money,
    /// How urgent.
    pub urgency: Urgency,
    /// Days left until the silence will have confirmed a departure, if it goes on: the time there is to act.
    pub lead_days: i32,
    /// Days of use so far, at least two.
    pub uses: u32,
    /// The last day of use, since 1970-01-01.
    pub last: i32,
    /// Days since the last use.
    pub silent_days: i32,
    /// Own mean interval in days, shrunk to the book's.
    pub interval_days: f64,
    /// Own window in days: a silence as long as this is out of its character.
    pub window_days: f64,
    /// Probability of no use in the horizon.
    pub p_silent: f64,
    /// Probability of no use in the own window.
    pub p_silent_own: f64,
    /// Probability of having left for good already.
    pub p_gone: f64,
    /// The alarm score.
    pub alarm: f64,
    /// The threshold that it reached.
    pub threshold: f64,
}

/// A customer with one use. It has no rhythm, so nothing can be called late; what is known is what became of others
/// like it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FirstUseOnly {
    /// Who.
    pub customer: Id,
    /// Days since that use.
    pub silent_days: i32,
    /// Share of customers with one use and this silence that the book's fit expects to stay silent for the horizon.
    pub p_silent: f64,
}

/// The warnings of a date.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Warnings {
    ranked: Vec<Warning>,
    first_use_only: Vec<FirstUseOnly>,
    lapsed: usize,
    quiet: usize,
}

impl Warnings {
    /// The warnings: most at stake first, then the higher alarm, then by id.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.ranked
    }

    /// Customers with one use, by id. They are no warnings.
    #[must_use]
    pub fn first_use_only(&self) -> &[FirstUseOnly] {
        &self.first_use_only
    }

    /// Customers whose silence has already confirmed that they left: too late for an early warning.
    #[must_use]
    pub const fn lapsed(&self) -> usize {
        self.lapsed
    }

    /// Customers below their threshold.
    #[must_use]
    pub const fn quiet(&self) -> usize {
        self.quiet
    }
}

/// When the watch speaks.
///
/// ```
/// use sortie::{calendar::Date, id::Id, money::{Currency, Money}};
/// use sortie::evidence::backtest::Thresholds;
/// use sortie::evidence::models::{Record, lapse::LapseModel};
/// use sortie::evidence::warning::{Urgency, Watch, Watched};
///
/// let weekly: Vec<i32> = (0..20).map(|week| 7 * week).collect();
/// let model = LapseModel::fit(&[&weekly, &weekly[..10]], 140, 28)?;
/// let watch = Watch::new(&model, Thresholds::same(0.8), 56)?;
/// let (faithful, silent) = (Id::new("faithful")?, Id::new("silent")?);
/// let (on, off) = (Record::of_days(&weekly)?, Record::of_days(&weekly[..15])?);
/// let value = Money::parse("120.00", Currency::from_code("EUR")?)?;
/// let found = watch.warn(
///     [
///         Watched { customer: &faithful, record: &on, value },
///         Watched { customer: &silent, record: &off, value },
///     ],
///     Date::from_day_number(140)?,
/// )?;
/// let [warning] = found.warnings() else { return Err("one warning".into()) };
/// assert_eq!((&warning.customer, warning.urgency), (&silent, Urgency::Overdue));
/// assert_eq!((warning.silent_days, warning.lead_days, found.quiet()), (42, 14, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Watch<'m> {
    model: &'m LapseModel,
    thresholds: Thresholds,
    confirm: i32,
}

impl<'m> Watch<'m> {
    /// A watch by a model, with thresholds for its alarm ([`Report::thresholds`](super::backtest::Report::thresholds)
    /// finds them for a share of false alarms) and the days of silence that confirm a departure.
    ///
    /// # Errors
    /// [`WarningError::Confirm`] unless `confirm_days` is in 1..=36500.
    pub fn new(
        model: &'m LapseModel,
        thresholds: Thresholds,
        confirm_days: i32,
    ) -> Result<Self, WarningError> {
        if !(1..=36_500).contains(&confirm_days) {
            return Err(WarningError::Confirm { days: confirm_days });
        }
        Ok(Self {
            model,
            thresholds,
            confirm: confirm_days,
        })
    }

    /// The warnings of a date. The order of the customers does not matter. O(n log n).
    ///
    /// # Errors
    /// [`WarningError`] for the first customer that has a use after the date, a negative value or another currency than
    /// the first.
    pub fn warn<'a>(
        &self,
        watched: impl IntoIterator<Item = Watched<'a>>,
        as_of: Date,
    ) -> Result<Warnings, WarningError> {
        let today = as_of.day_number();
        let mut found = Warnings::default();
        let mut currency = None;
        for one in watched {
            admit(&one, as_of, *currency.get_or_insert(one.value.currency()))?;
            let silent_days = today - one.record.last();
            if silent_days >= self.confirm {
                found.lapsed += 1;
            } else if one.record.uses() < 2 {
                found.first_use_only.push(FirstUseOnly {
                    customer: one.customer.clone(),
                    silent_days,
                    p_silent: self.model.assess(one.record, today).p_silent,
                });
            } else if let Some(warning) = self.judge(&one, today, silent_days) {
                found.ranked.push(warning);
            } else {
                found.quiet += 1;
            }
        }
        found.ranked.sort_unstable_by(|a, b| {
            (b.at_stake.minor().cmp(&a.at_stake.minor()))
                .then_with(|| b.alarm.total_cmp(&a.alarm))
                .then_with(|| a.customer.cmp(&b.customer))
        });
        found
            .first_use_only
            .sort_unstable_by(|a, b| a.customer.cmp(&b.customer));
        Ok(found)
    }

    fn judge(&self, one: &Watched<'_>, today: i32, silent_days: i32) -> Option<Warning> {
        let mut threshold = f64::INFINITY;
        let seen = self
            .model
            .assess_if_alarming(one.record, today, |interval| {
                threshold = self.thresholds.at(interval);
                threshold
            })?;
        Some(Warning {
            customer: one.customer.clone(),
            at_stake: stake(seen.p_silent, one.value),
            urgency: if seen.overdue {
                Urgency::Overdue
            } else {
                Urgency::Early
            },
            lead_days: self.confirm - silent_days,
            uses: one.record.uses(),
            last: one.record.last(),
            silent_days,
            interval_days: seen.interval,
            window_days: seen.window,
            p_silent: seen.p_silent,
            p_silent_own: seen.p_silent_own,
            p_gone: seen.p_gone,
            alarm: seen.alarm,
            threshold,
        })
    }
}

fn admit(one: &Watched<'_>, as_of: Date, expected: Currency) -> Result<(), WarningError> {
    let customer = || one.customer.clone();
    if one.record.last() > as_of.day_number() {
        return Err(WarningError::LooksAhead {
            customer: customer(),
            last: one.record.last(),
            as_of,
        });
    }
    if one.value.is_negative() {
        return Err(WarningError::NegativeValue {
            customer: customer(),
            value: one.value,
        });
    }
    if one.value.currency() != expected {
        return Err(WarningError::Currency {
            customer: customer(),
            found: one.value.currency(),
            expected,
        });
    }
    Ok(())
}

/// A probability of an amount, to the nearest minor unit.
fn stake(p: f64, value: Money) -> Money {
    let minor = (p * cast::f64_of_i64(value.minor())).round();
    Money::from_minor(cast::i64_clamped(minor, 0, value.minor()), value.currency())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        id: Id,
        record: Record,
        value: Money,
    }

    fn case(id: &str, days: &[i32], minor: i64, currency: &str) -> Case {
        Case {
            id: Id::new(id).unwrap(),
            record: Record::of_days(days).unwrap(),
            value: Money::from_minor(minor, Currency::from_code(currency).unwrap()),
        }
    }

    fn watched(cases: &[Case]) -> impl Iterator<Item = Watched<'_>> + Clone {
        cases.iter().map(|case| Watched {
            customer: &case.id,
            record: &case.record,
            value: case.value,
        })
    }

    fn model() -> LapseModel {
        let histories: Vec<Vec<i32>> = (0..12)
            .map(|who| (0..6 + who).map(|week| 7 * week + who).collect())
            .collect();
        LapseModel::fit(&histories, 140, 28).unwrap()
    }

    fn on(number: i32) -> Date {
        Date::from_day_number(number).unwrap()
    }

    #[test]
    fn most_at_stake_comes_first_whatever_the_order_given() {
        let model = model();
        let watch = Watch::new(&model, Thresholds::same(0.0), 70).unwrap();
        let late = [70, 77, 84, 91, 98];
        let cases = [
            case("small", &late, 1_000, "USD"),
            case("large", &late, 9_000, "USD"),
            case("also large", &late, 9_000, "USD"),
            case("once", &[120], 9_000, "USD"),
            case("long gone", &[1, 8, 15], 9_000, "USD"),
        ];
        let found = watch.warn(watched(&cases), on(140)).unwrap();
        let order: Vec<&str> = found
            .warnings()
            .iter()
            .map(|w| w.customer.as_str())
            .collect();
        assert_eq!(order, ["also large", "large", "small"]);
        assert_eq!((found.lapsed(), found.quiet()), (1, 0));
        let once = &found.first_use_only()[0];
        assert_eq!((once.customer.as_str(), once.silent_days), ("once", 20));
        let reversed: Vec<Watched<'_>> = watched(&cases).collect();
        assert_eq!(
            found,
            watch.warn(reversed.into_iter().rev(), on(140)).unwrap()
        );
        for warning in found.warnings() {
            assert_eq!(
                (warning.silent_days, warning.lead_days, warning.uses),
                (42, 28, 5)
            );
            assert!(warning.alarm >= warning.threshold && warning.p_silent <= 1.0);
            assert!(warning.at_stake.minor() > 0 && warning.at_stake.minor() <= 9_000);
        }
    }

    #[test]
    fn below_the_threshold_all_is_quiet() {
        let model = model();
        let watch = Watch::new(&model, Thresholds::same(3.0), 70).unwrap();
        let cases = [case("a", &[70, 77, 84], 5, "USD")];
        let found = watch.warn(watched(&cases), on(140)).unwrap();
        assert_eq!((found.warnings().len(), found.quiet()), (0, 1));
        assert_eq!(watch.warn([], on(140)), Ok(Warnings::default()));
    }

    #[test]
    fn who_is_warned_of_and_what_is_said_is_what_the_model_assesses() {
        let model = model();
        let cases: Vec<Case> = (2..40)
            .map(|days| {
                let own: Vec<i32> = (0..days).map(|use_| 3 + 3 * use_).collect();
                case(&format!("{days}"), &own, 500, "USD")
            })
            .collect();
        for threshold in [0.0, 0.3, 0.6, 0.9] {
            let watch = Watch::new(&model, Thresholds::same(threshold), 200).unwrap();
            let found = watch.warn(watched(&cases), on(140)).unwrap();
            let mut warned = 0;
            for case in &cases {
                let said = model.assess(&case.record, 140);
                let warning = found.warnings().iter().find(|w| w.customer == case.id);
                assert_eq!(warning.is_some(), said.alarm >= threshold, "{said:?}");
                let Some(warning) = warning else { continue };
                warned += 1;
                let of = [
                    (warning.alarm, said.alarm),
                    (warning.p_silent, said.p_silent),
                    (warning.p_silent_own, said.p_silent_own),
                    (warning.p_gone, said.p_gone),
                    (warning.interval_days, said.interval),
                    (warning.window_days, said.window),
                    (warning.threshold, threshold),
                ];
                assert!(of.iter().all(|(a, b)| a.to_bits() == b.to_bits()), "{of:?}");
                assert_eq!(warning.urgency == Urgency::Overdue, said.overdue);
            }
            assert_eq!(found.quiet(), cases.len() - warned);
        }
    }

    #[test]
    fn what_cannot_be_ranked_is_refused_by_name() {
        let model = model();
        let watch = Watch::new(&model, Thresholds::same(1.0), 70).unwrap();
        let refusal = |cases: &[Case]| watch.warn(watched(cases), on(140)).unwrap_err().to_string();
        assert_eq!(
            refusal(&[case("a", &[10, 141], 5, "USD")]),
            "customer a: last use on day 141 is after the as-of date 1970-05-21; build the record from uses up to that date"
        );
        assert_eq!(
            refusal(&[case("a", &[10], -5, "USD")]),
            "customer a: value -0.05 USD is negative; give what is lost if it leaves, at least 0"
        );
        assert_eq!(
            refusal(&[case("a", &[10], 5, "USD"), case("b", &[10], 5, "EUR")]),
            "customer b: value is in EUR, others are in USD; convert before ranking"
        );
        assert_eq!(
            Watch::new(&model, Thresholds::same(1.0), 0).map(|_| ()),
            Err(WarningError::Confirm { days: 0 })
        );
    }
}
