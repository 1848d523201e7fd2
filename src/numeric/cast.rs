//! The conversions between number types, each with its rounding stated, so that no other file needs `as`.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "this file is the one door through which lossy conversions pass, each with its rule"
)]

/// The nearest `f64`, ties to even; exact up to 2⁵³ in size.
#[must_use]
pub const fn f64_of_i64(value: i64) -> f64 {
    value as f64
}

/// The nearest `f64`, ties to even; exact up to 2⁵³.
#[must_use]
pub const fn f64_of_u64(value: u64) -> f64 {
    value as f64
}

/// The nearest `f64`, ties to even.
#[must_use]
pub const fn f64_of_i128(value: i128) -> f64 {
    value as f64
}

/// The nearest `f64`, ties to even; exact up to 2⁵³.
#[must_use]
pub const fn f64_of_usize(value: usize) -> f64 {
    value as f64
}

/// The integer part, towards zero; `None` for NaN and for values outside `i64`.
///
/// ```
/// use sortie::numeric::cast::i64_of_f64;
/// assert_eq!(i64_of_f64(-2.9), Some(-2));
/// assert_eq!(i64_of_f64(f64::NAN), None);
/// assert_eq!(i64_of_f64(9.3e18), None);
/// ```
#[must_use]
pub fn i64_of_f64(value: f64) -> Option<i64> {
    // −2⁶³ is a float; 2⁶³ is the first float above the range.
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0)
        .contains(&value)
        .then_some(value as i64)
}

/// The integer part of a value in `0..2⁶⁴`; `None` for NaN and for values outside it.
#[must_use]
pub fn u64_of_f64(value: f64) -> Option<u64> {
    (0.0..18_446_744_073_709_551_616.0)
        .contains(&value)
        .then_some(value as u64)
}

/// The integer part, clamped into `i64`; NaN becomes `low`, which the caller states.
#[must_use]
pub fn i64_clamped(value: f64, low: i64, high: i64) -> i64 {
    if value.is_nan() {
        return low;
    }
    // A saturating cast, then the caller's own bounds; `max` before `min` so that `high` wins.
    (value as i64).max(low).min(high)
}

/// The integer part of a non-negative value as an index; `None` for NaN, negatives and values past `u32`.
#[must_use]
pub fn usize_of_f64(value: f64) -> Option<usize> {
    (0.0..4_294_967_296.0)
        .contains(&value)
        .then_some(value as usize)
}

/// An index from a 32-bit count; every platform that we support has at least 32-bit addresses.
#[must_use]
pub const fn usize_of_u32(value: u32) -> usize {
    value as usize
}

/// A 64-bit count from an index; exact on every platform.
#[must_use]
pub const fn u64_of_usize(value: usize) -> u64 {
    value as u64
}

/// A 32-bit count from an index, saturating at `u32::MAX`.
#[must_use]
pub const fn u32_of_usize(value: usize) -> u32 {
    if value > u32::MAX as usize {
        u32::MAX
    } else {
        value as u32
    }
}

/// The signed value with the same size; saturating at `i64::MAX`.
#[must_use]
pub const fn i64_of_usize(value: usize) -> i64 {
    if value as u64 > i64::MAX as u64 {
        i64::MAX
    } else {
        value as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_edges_are_exact() {
        assert_eq!(i64_of_f64(-9_223_372_036_854_775_808.0), Some(i64::MIN));
        assert_eq!(i64_of_f64(9_223_372_036_854_775_808.0), None);
        assert_eq!(i64_of_f64(f64::INFINITY), None);
        assert_eq!(u64_of_f64(-0.5), None);
        assert_eq!(
            u64_of_f64(18_446_744_073_709_549_568.0),
            Some(18_446_744_073_709_549_568)
        );
        assert_eq!(i64_clamped(f64::NAN, 3, 9), 3);
        assert_eq!(i64_clamped(1e300, 3, 9), 9);
        assert_eq!(i64_clamped(-1e300, 3, 9), 3);
        assert_eq!(usize_of_f64(4_294_967_296.0), None);
    }
}
