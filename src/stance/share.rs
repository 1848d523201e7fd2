//! Exact shares of money: a fraction is read to nine decimals, and nothing after that is rounded unseen.

#![deny(clippy::float_arithmetic)]

use super::StanceError;
use crate::{
    fraction::Fraction,
    money::{self, Money},
    numeric::cast,
};

/// One, in billionths.
const WHOLE: i128 = 1_000_000_000;

/// A fraction in billionths, to the nearest: 0.1 is exactly a tenth here, whatever its binary form.
#[expect(
    clippy::float_arithmetic,
    reason = "the one door from a fraction to exact shares"
)]
fn billionths(fraction: Fraction) -> i128 {
    i128::from(cast::i64_clamped(
        libm::round(fraction.get() * 1e9),
        0,
        1_000_000_000,
    ))
}

/// The part of an amount that is not negative, rounded up to a whole minor unit.
pub(super) fn part_rounded_up(amount: Money, share: Fraction) -> Money {
    let wide = i128::from(amount.minor()) * billionths(share);
    let minor = (wide + WHOLE - 1).div_euclid(WHOLE);
    // A part of an i64 is an i64: the share is at most 1.
    Money::from_minor(i64::try_from(minor).unwrap_or(i64::MAX), amount.currency())
}

/// The most that existing customers may have beside `prospects`, so that these are at least `smallest` of all:
/// prospects·(1−o)/o, rounded down. Without a floor (o = 0) there is no such bound: the largest amount.
pub(super) fn existing_beside(smallest: Fraction, prospects: Money) -> Result<Money, StanceError> {
    let share = billionths(smallest);
    let currency = prospects.currency();
    if share == 0 {
        return Ok(Money::from_minor(i64::MAX, currency));
    }
    let wide = i128::from(prospects.minor()) * (WHOLE - share) / share;
    Ok(money::from_wide(wide.min(i128::from(i64::MAX)), currency)?)
}

/// What `part` is of `part` and `rest` together, both not negative; `None` if both are 0.
#[expect(
    clippy::float_arithmetic,
    reason = "a share that is shown; the law compares money"
)]
pub(super) fn share_of(part: Money, rest: Money) -> Option<Fraction> {
    let whole = i128::from(part.minor()) + i128::from(rest.minor());
    (whole > 0)
        .then(|| Fraction::clamped(cast::f64_of_i64(part.minor()) / cast::f64_of_i128(whole)))
}
