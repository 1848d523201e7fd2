//! Numbers of about 31 decimal digits, as unevaluated sums of two `f64`.
//!
//! Slow and rarely needed: they settle comparisons that lie within the rounding of `f64`, so that an order of
//! gains is the order of the exact gains. Products split by Dekker, sums by Knuth; no fused operations, so the
//! same bits everywhere. Arguments stay far from overflow by the contract of the callers.

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::cast::{f64_of_i64, i64_of_f64};

/// `high + low`, with `low` at most half an ulp of `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DoubleDouble {
    high: f64,
    low: f64,
}

/// Terms of the series of `expm1` on the reduced range: the first left out is below 2⁻¹⁰⁶ of the sum.
const TERMS: i32 = 10;
/// The reduced argument is divided by two this often.
const HALVINGS: i32 = 9;
/// ln 2 in two parts.
const LN_2: DoubleDouble = DoubleDouble {
    high: core::f64::consts::LN_2,
    low: 2.319_046_813_846_299_6e-17,
};

impl DoubleDouble {
    pub(crate) const ONE: Self = Self {
        high: 1.0,
        low: 0.0,
    };

    /// The same number.
    pub(crate) const fn of(value: f64) -> Self {
        Self {
            high: value,
            low: 0.0,
        }
    }

    /// The same number, exactly, also beyond 2⁵³.
    pub(crate) fn of_integer(value: i64) -> Self {
        let high = f64_of_i64(value);
        // The nearest float of a value near 2⁶³ is 2⁶³ itself, which no i64 holds.
        let low = match i64_of_f64(high) {
            Some(whole) => f64_of_i64(value.wrapping_sub(whole)),
            None => f64_of_i64(value.wrapping_sub(i64::MAX)) - 1.0,
        };
        Self::sum(high, low)
    }

    /// The nearest `f64`.
    pub(crate) const fn rounded(self) -> f64 {
        self.high
    }

    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let part = high - a;
        let low = (a - (high - part)) + (b - part);
        Self { high, low }
    }

    fn quick_sum(a: f64, b: f64) -> Self {
        let high = a + b;
        Self {
            high,
            low: b - (high - a),
        }
    }

    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        let (a1, a2) = split(a);
        let (b1, b2) = split(b);
        let low = ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2;
        Self { high, low }
    }

    fn scaled(self, exponent: i32) -> Self {
        Self {
            high: libm::scalbn(self.high, exponent),
            low: libm::scalbn(self.low, exponent),
        }
    }

    /// `e^self − 1`, relative accuracy kept near 0.
    pub(crate) fn expm1(self) -> Self {
        let (rest, power) = self.reduced();
        if power == 0 {
            rest
        } else {
            (rest + Self::ONE).scaled(power) - Self::ONE
        }
    }

    /// `e^self`.
    pub(crate) fn exp(self) -> Self {
        let (rest, power) = self.reduced();
        (rest + Self::ONE).scaled(power)
    }

    /// `(expm1(r), k)` with `self = k·ln 2 + r`.
    fn reduced(self) -> (Self, i32) {
        let count = libm::round(self.high / core::f64::consts::LN_2).clamp(-3000.0, 3000.0);
        let power = i64_of_f64(count).and_then(|k| i32::try_from(k).ok());
        let rest = (self - LN_2 * Self::of(count)).scaled(-HALVINGS);
        let mut term = rest;
        let mut total = rest;
        for divisor in 2..=TERMS {
            term = term * rest / Self::of(f64::from(divisor));
            total = total + term;
        }
        // e^(2r) − 1 = 2(e^r − 1) + (e^r − 1)².
        for _ in 0..HALVINGS {
            total = total.scaled(1) + total * total;
        }
        (total, power.unwrap_or(0))
    }

    /// The natural logarithm of a positive number.
    pub(crate) fn ln(self) -> Self {
        let first = Self::of(libm::log(self.high));
        // One Newton step squares the error of the libm's.
        let rest = self * (-first).exp() - Self::ONE;
        first + rest - (rest * rest).scaled(-1)
    }

    /// `ln(1 + self)`, relative accuracy kept near 0.
    pub(crate) fn ln_1p(self) -> Self {
        let first = Self::of(libm::log1p(self.high));
        let back = (-first).expm1();
        let rest = self + back + self * back;
        first + rest - (rest * rest).scaled(-1)
    }
}

/// Halves of 26 bits each.
fn split(a: f64) -> (f64, f64) {
    // 2²⁷ + 1
    let t = 134_217_729.0 * a;
    let high = t - (t - a);
    (high, a - high)
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let s = Self::sum(self.high, other.high);
        let t = Self::sum(self.low, other.low);
        let s = Self::quick_sum(s.high, s.low + t.high);
        Self::quick_sum(s.high, s.low + t.low)
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            high: -self.high,
            low: -self.low,
        }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let p = Self::product(self.high, other.high);
        let cross = self.high * other.low + self.low * other.high;
        Self::quick_sum(p.high, p.low + cross)
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - other * Self::of(first);
        let second = rest.high / other.high;
        let rest = rest - other * Self::of(second);
        let third = rest.high / other.high;
        Self::quick_sum(first, second) + Self::of(third)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: DoubleDouble, high: f64, low: f64) {
        let error = (found - DoubleDouble { high, low }).high;
        assert!(error.abs() <= 2e-30 * high.abs(), "{found:?}: {error:e}");
    }

    #[test]
    fn constants_come_out_to_thirty_digits() {
        // e and ln 10 as two f64 each.
        close(
            DoubleDouble::ONE.exp(),
            core::f64::consts::E,
            1.445_646_891_729_250_2e-16,
        );
        close(
            DoubleDouble::of(10.0).ln(),
            core::f64::consts::LN_10,
            -2.170_756_223_382_249_4e-16,
        );
    }

    #[test]
    fn inverses_return() {
        for x in [1e-20, 3e-9, 0.1, 0.7, 3.0, 41.5, 300.0] {
            let there = DoubleDouble::of(x).expm1().ln_1p();
            close(there, x, 0.0);
            if x > 0.1 {
                close((-DoubleDouble::of(x)).exp().ln(), -x, 0.0);
            }
        }
        let third = DoubleDouble::ONE / DoubleDouble::of(3.0);
        close(third * DoubleDouble::of(3.0), 1.0, 0.0);
    }

    #[test]
    fn integers_beyond_two_to_the_53_are_exact() {
        for n in [
            i64::MAX,
            i64::MAX - 1,
            (1 << 53) + 1,
            -7,
            4_611_686_018_427_387_905,
        ] {
            let x = DoubleDouble::of_integer(n);
            let back = i128::from(i64_of_f64(x.high / 2.0).unwrap()) * 2
                + i128::from(
                    i64_of_f64(x.low + (x.high - 2.0 * libm::trunc(x.high / 2.0))).unwrap(),
                );
            assert_eq!(back, i128::from(n), "{x:?}");
        }
    }
}
