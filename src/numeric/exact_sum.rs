//! A sum of floats that is exact inside and rounded once, so that order and partition cannot matter.

use serde::{Deserialize, Serialize};

use super::cast;

/// Bits carried in each limb; the rest of the `i64` is room for carries.
const LIMB_BITS: u32 = 32;
/// Every finite `f64` is a multiple of 2⁻¹⁰⁷⁴ below 2¹⁰²⁴: 2,098 bits, 66 limbs, and two for carries.
const LIMBS: usize = 68;
/// Additions before the limbs are normalised. Each adds less than 2³² in size to a limb.
const SLACK: u32 = 1 << 29;

/// An exact, order-free, mergeable sum of `f64` values.
///
/// The sum is held as one large fixed-point integer that spans the whole range of `f64` (a
/// superaccumulator, Kulisch 1971), so addition is associative and commutative; [`ExactSum::value`] rounds
/// once, to nearest, ties to even. Non-finite values are not numbers that can be summed: they are refused.
///
/// ```
/// use sortie::numeric::ExactSum;
/// let forwards: ExactSum = [1e16, 1.0, -1e16].into_iter().collect();
/// let backwards: ExactSum = [-1e16, 1.0, 1e16].into_iter().collect();
/// assert_eq!(forwards.value(), 1.0);
/// assert_eq!(forwards.value(), backwards.value());
/// ```
///
/// `O(1)` a value, 560 bytes a sum.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct ExactSum {
    limbs: [i64; LIMBS],
    pending: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self {
            limbs: [0; LIMBS],
            pending: 0,
        }
    }
}

impl ExactSum {
    /// The sum of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value. NaN and infinities are ignored: every value that our types hold is finite, and the
    /// sum must stay a number.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() || value == 0.0 {
            return;
        }
        let bits = value.to_bits();
        let exponent = u32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
        let fraction = bits & ((1 << 52) - 1);
        // A subnormal has the exponent of the smallest normal and no hidden bit.
        let (mantissa, shift) = if exponent == 0 {
            (fraction, 0)
        } else {
            (fraction | (1 << 52), exponent - 1)
        };
        let first = cast::usize_of_u32(shift / LIMB_BITS);
        let wide = u128::from(mantissa) << (shift % LIMB_BITS);
        let negative = value.is_sign_negative();
        for (limb, step) in self
            .limbs
            .iter_mut()
            .skip(first)
            .zip([0, LIMB_BITS, 2 * LIMB_BITS])
        {
            let piece = i64::try_from((wide >> step) & 0xffff_ffff).unwrap_or(0);
            *limb += if negative { -piece } else { piece };
        }
        self.pending += 1;
        if self.pending >= SLACK {
            self.normalise();
        }
    }

    /// Adds the whole of another sum: `merge` is associative and commutative.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.normalise();
        self.normalise();
        for (mine, theirs) in self.limbs.iter_mut().zip(other.limbs) {
            *mine += theirs;
        }
        self.pending = 2;
    }

    /// The sum, rounded once to the nearest `f64`; infinite only where the true sum is beyond `f64`.
    #[must_use]
    pub fn value(&self) -> f64 {
        let mut sum = self.clone();
        sum.normalise();
        let negative = sum.limbs.last().is_some_and(|top| *top < 0);
        if negative {
            for limb in &mut sum.limbs {
                *limb = -*limb;
            }
            sum.normalise();
        }
        let size = sum.rounded_size();
        if negative { -size } else { size }
    }

    /// Carries so that every limb but the top one lies in `0..2³²`; the top limb has the sign.
    fn normalise(&mut self) {
        let mut carry = 0_i64;
        let top = LIMBS - 1;
        for (place, limb) in self.limbs.iter_mut().enumerate() {
            let total = *limb + carry;
            if place == top {
                *limb = total;
            } else {
                *limb = total & 0xffff_ffff;
                carry = total >> LIMB_BITS;
            }
        }
        self.pending = 1;
    }

    /// The nearest float to a normalised, non-negative sum.
    fn rounded_size(&self) -> f64 {
        let Some(top) = self.limbs.iter().rposition(|limb| *limb != 0) else {
            return 0.0;
        };
        // The 96 bits from the top limb down, with a sticky bit for all below: enough to round 53 once.
        let low = top.saturating_sub(2);
        let window = self
            .limbs
            .iter()
            .skip(low)
            .take(top + 1 - low)
            .rev()
            .fold(0_u128, |high, limb| {
                (high << LIMB_BITS) | u128::from(limb.unsigned_abs())
            });
        let sticky = self.limbs.iter().take(low).any(|limb| *limb != 0);
        let scaled = (window << 1) | u128::from(sticky);
        // 2⁻¹⁰⁷⁵ is the weight of the window's lowest bit when `low` is 0 (one below, for the sticky bit).
        let exponent = i64::from(LIMB_BITS) * cast::i64_of_usize(low) - 1075;
        round_to_f64(scaled, exponent)
    }
}

/// `size · 2^exponent`, rounded once to nearest, ties to even.
fn round_to_f64(size: u128, exponent: i64) -> f64 {
    if size == 0 {
        return 0.0;
    }
    let width = i64::from(128 - size.leading_zeros());
    // The weight of the lowest bit that the result can hold: 53 bits, but never below 2⁻¹⁰⁷⁴.
    let lowest = (exponent + width - 53).max(-1074);
    let drop = lowest - exponent;
    let (mut kept, exact) = if drop <= 0 {
        (size << u32::try_from(-drop).unwrap_or(0).min(127), true)
    } else {
        let cut = u32::try_from(drop).unwrap_or(127).min(127);
        (size >> cut, false)
    };
    if !exact {
        let cut = u32::try_from(drop).unwrap_or(127).min(127);
        let rest = size & ((1_u128 << cut) - 1);
        let half = 1_u128 << (cut - 1);
        if rest > half || (rest == half && kept & 1 == 1) {
            kept += 1;
        }
    }
    let mantissa = u64::try_from(kept).unwrap_or(u64::MAX);
    let power = i32::try_from(lowest).unwrap_or(i32::MAX);
    // At most 2⁵³, so the conversion is exact; `ldexp` then only moves the exponent.
    libm::ldexp(cast::f64_of_u64(mantissa), power)
}

impl PartialEq for ExactSum {
    /// Equal sums, however they were reached.
    fn eq(&self, other: &Self) -> bool {
        let (mut left, mut right) = (self.clone(), other.clone());
        left.normalise();
        right.normalise();
        left.limbs == right.limbs
    }
}

impl Extend<f64> for ExactSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.add(value);
        }
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::new();
        sum.extend(values);
        sum
    }
}

impl From<ExactSum> for Vec<i64> {
    fn from(mut sum: ExactSum) -> Self {
        sum.normalise();
        sum.limbs.to_vec()
    }
}

impl TryFrom<Vec<i64>> for ExactSum {
    type Error = String;

    fn try_from(limbs: Vec<i64>) -> Result<Self, String> {
        let given = limbs.len();
        let limbs: [i64; LIMBS] = limbs.try_into().map_err(|_| {
            format!("exact sum has {given} limbs; it must have {LIMBS}, as written by this crate")
        })?;
        let lower = limbs.iter().take(LIMBS - 1);
        if let Some(bad) = lower
            .into_iter()
            .find(|limb| !(0..=0xffff_ffff).contains(*limb))
        {
            return Err(format!(
                "exact sum has a limb of {bad}; it must lie in 0..2^32"
            ));
        }
        // Far above any sum of floats, far below where a merge could overflow.
        if limbs.last().is_some_and(|top| top.unsigned_abs() > 1 << 40) {
            return Err("exact sum is out of range; its top limb must lie within 2^40".to_owned());
        }
        Ok(Self { limbs, pending: 1 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_finite() -> impl Strategy<Value = f64> {
        any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |x| x.is_finite())
    }

    #[test]
    fn one_value_comes_back_unchanged() {
        for value in [
            5e-324,
            -5e-324,
            f64::MIN_POSITIVE,
            0.1,
            -1e300,
            f64::MAX,
            f64::MIN,
            1.5,
        ] {
            let sum: ExactSum = [value].into_iter().collect();
            assert_eq!(sum.value().to_bits(), value.to_bits(), "{value:e}");
        }
    }

    #[test]
    fn ties_round_to_even_and_a_sticky_bit_breaks_them() {
        let tie: ExactSum = [9_007_199_254_740_992.0, 1.0].into_iter().collect();
        assert!((tie.value() - 9_007_199_254_740_992.0).abs() < 0.5);
        let above: ExactSum = [9_007_199_254_740_992.0, 1.0, 5e-324].into_iter().collect();
        assert!((above.value() - 9_007_199_254_740_994.0).abs() < 0.5);
    }

    #[test]
    fn overflow_is_infinite_and_recovers() {
        let mut sum: ExactSum = [f64::MAX, f64::MAX].into_iter().collect();
        assert!(sum.value().is_infinite());
        sum.add(-f64::MAX);
        assert_eq!(sum.value().to_bits(), f64::MAX.to_bits());
    }

    #[test]
    fn agrees_with_integers() {
        let sum: ExactSum = (1..=100_000).map(|n| cast::f64_of_i64(n) * 0.25).collect();
        assert!((sum.value() - 1_250_012_500.0).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn order_and_partition_do_not_matter(
            values in prop::collection::vec(any_finite(), 0..40),
            cut in 0_usize..40,
        ) {
            let whole: ExactSum = values.iter().copied().collect();
            let reversed: ExactSum = values.iter().rev().copied().collect();
            let cut = cut.min(values.len());
            let mut merged: ExactSum = values[cut..].iter().copied().collect();
            merged.merge(&values[..cut].iter().copied().collect());
            prop_assert_eq!(whole.value().to_bits(), reversed.value().to_bits());
            prop_assert_eq!(whole.value().to_bits(), merged.value().to_bits());
            prop_assert_eq!(&whole, &merged);
        }

        #[test]
        fn two_values_round_as_the_hardware_does(a in any_finite(), b in any_finite()) {
            let sum: ExactSum = [a, b].into_iter().collect();
            let hardware = a + b;
            prop_assert!(sum.value().to_bits() == hardware.to_bits() || hardware == 0.0);
        }

        #[test]
        fn serde_round_trips(values in prop::collection::vec(any_finite(), 0..20)) {
            let sum: ExactSum = values.into_iter().collect();
            let text = serde_json::to_string(&sum).unwrap();
            let back: ExactSum = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(sum, back);
        }
    }
}
