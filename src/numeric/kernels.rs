//! Exponential and logarithm for whole columns: branch-free, so that loops over them become vector code on
//! stable Rust, and plain `f64` arithmetic, so that every platform gives the same bits.
//!
//! Errors against `libm`, over the stated ranges, are bounded by tests: 4 ulp for [`exp`] and [`ln`], 6 ulp for
//! [`expm1`], [`ln_1p`] and [`ln_growth`].

#![expect(
    clippy::inline_always,
    reason = "a kernel that is not inlined is not vectorised"
)]

/// 1.5·2⁵²: adding it rounds to an integer and leaves that integer in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// 2⁵².
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// The bits of 2⁵².
const TWO_52_BITS: u64 = 0x4330_0000_0000_0000;
/// The largest size for which [`floor`] and [`whole`] hold.
pub(crate) const WHOLE_MOST: f64 = 2_251_799_813_685_248.0;
/// Arguments of exponentials are held within this of 0.
const EXPONENT_MOST: f64 = 708.0;
/// ln 2, its first 32 bits and the rest.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 1/k! for k from 2: the series of (e^r − 1)/r − 1 over r.
const FACTORIALS: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// `(2^k, e^r − 1)` with `x = k·ln 2 + r`; `x` is held within ±708.
#[inline(always)]
#[expect(
    clippy::manual_clamp,
    reason = "a minimum and a maximum are one vector instruction each"
)]
fn exp_parts(x: f64) -> (f64, f64) {
    let x = x.max(-EXPONENT_MOST).min(EXPONENT_MOST);
    let shifted = x * core::f64::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (scale, expm1_small(r))
}

/// `e^r − 1` for `|r| ≤ ln(2)/2`.
#[inline(always)]
pub(crate) fn expm1_small(r: f64) -> f64 {
    let [c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13] = FACTORIALS;
    // Estrin's order: short chains for the pipeline.
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (c2 + c3 * r) + (c4 + c5 * r) * r2;
    let middle = (c6 + c7 * r) + (c8 + c9 * r) * r2;
    let high = (c10 + c11 * r) + (c12 + c13 * r) * r2;
    r + r2 * (low + r4 * (middle + r4 * high))
}

/// `e^x`, `x` held within ±708.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (scale, rest) = exp_parts(x);
    scale + scale * rest
}

/// `e^x − 1`, `x` held within ±708.
#[inline(always)]
pub(crate) fn expm1(x: f64) -> f64 {
    let (scale, rest) = exp_parts(x);
    scale * rest + (scale - 1.0)
}

/// `2·atanh(s)/s − 2` as a function of `s²`, for `s²` up to 0.0295.
#[inline(always)]
fn atanh_series(z: f64) -> f64 {
    let z2 = z * z;
    let z4 = z2 * z2;
    let low = (2.0 / 3.0 + 2.0 / 5.0 * z) + (2.0 / 7.0 + 2.0 / 9.0 * z) * z2;
    let middle = (2.0 / 11.0 + 2.0 / 13.0 * z) + (2.0 / 15.0 + 2.0 / 17.0 * z) * z2;
    let high = (2.0 / 19.0 + 2.0 / 21.0 * z) + 2.0 / 23.0 * z2;
    z * (low + z4 * (middle + z4 * high))
}

/// `ln(1 + 1/x)` for `x ≥ 2.42`, and `1/(2x + 1)`.
#[inline(always)]
pub(crate) fn ln_growth(x: f64) -> (f64, f64) {
    let s = 1.0 / (2.0 * x + 1.0);
    (2.0 * s + s * atanh_series(s * s), s)
}

/// The natural logarithm of a positive normal number.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    // Halfway in logarithms between 1/2 and 1 … so that the mantissa lies in [√½, √2).
    const HALF_ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
    let offset = x.to_bits().wrapping_sub(HALF_ROOT);
    // The exponent, biased to be positive, as a float by way of the bits of 2⁵².
    let biased = offset.wrapping_add(2048 << 52) >> 52;
    let k = f64::from_bits((biased & 0xfff) | TWO_52_BITS) - TWO_52 - 2048.0;
    let mantissa = f64::from_bits(x.to_bits().wrapping_sub(offset & (0xfff << 52)));
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let series = atanh_series(s * s);
    // ln(1+f) = f − f²/2 + s·(f²/2 + series), which keeps the leading term exact.
    let half = 0.5 * f * f;
    k * LN_2_HIGH - ((half - (s * (half + series) + k * LN_2_LOW)) - f)
}

/// `ln(1 + x)` for `x > −1/2`.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    // What the addition lost, carried through the derivative. Nothing is lost that counts beyond 2⁵².
    let lost = if x < TWO_52 {
        (x - (sum - 1.0)) / sum
    } else {
        0.0
    };
    ln(sum) + lost
}

/// The largest integer not above `x`, for `|x|` up to [`WHOLE_MOST`].
#[inline(always)]
pub(crate) fn floor(x: f64) -> f64 {
    let nearest = (x + ROUNDER) - ROUNDER;
    nearest - if nearest > x { 1.0 } else { 0.0 }
}

/// A whole number from 0 to [`WHOLE_MOST`] as an integer.
#[inline(always)]
pub(crate) fn whole(x: f64) -> i64 {
    let bits = (x + TWO_52).to_bits() ^ TWO_52_BITS;
    i64::from_ne_bytes(bits.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ulps(found: f64, right: f64) -> f64 {
        (found - right).abs() / (right.abs() * f64::EPSILON).max(f64::MIN_POSITIVE)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn exponentials_are_those_of_libm(x in -700.0..700.0_f64, small in -40.0..1.0_f64) {
            prop_assert!(ulps(exp(x), libm::exp(x)) <= 4.0, "{}", x);
            prop_assert!(ulps(expm1(x), libm::expm1(x)) <= 6.0, "{}", x);
            let tiny = libm::exp(small);
            for x in [tiny, -tiny] {
                prop_assert!(ulps(expm1(x), libm::expm1(x)) <= 6.0, "{} {}", x, ulps(expm1(x), libm::expm1(x)));
            }
        }

        #[test]
        fn logarithms_are_those_of_libm(e in -700.0..700.0_f64, near in -0.4..0.6_f64) {
            let x = libm::exp(e);
            prop_assert!(ulps(ln(x), libm::log(x)) <= 4.0, "{}", x);
            prop_assert!(ulps(ln(1.0 + near), libm::log(1.0 + near)) <= 4.0, "{}", near);
            prop_assert!(ulps(ln_1p(x), libm::log1p(x)) <= 6.0, "{}", x);
            prop_assert!(ulps(ln_1p(near), libm::log1p(near)) <= 6.0, "{}", near);
        }

        #[test]
        fn small_exponentials_and_growths_are_those_of_libm(r in -0.3465..0.3465_f64, e in 0.884..36.0_f64) {
            prop_assert!(ulps(expm1_small(r), libm::expm1(r)) <= 4.0, "{}", r);
            let x = libm::exp(e);
            let (growth, s) = ln_growth(x);
            prop_assert!(ulps(growth, libm::log1p(1.0 / x)) <= 6.0, "{}", x);
            prop_assert!(ulps(s, 1.0 / (2.0 * x + 1.0)) <= 2.0, "{}", x);
        }

        #[test]
        fn whole_numbers_are_exact(x in 0.0..2e15_f64, n in 0..2_000_000_000_000_000_i64) {
            prop_assert!((floor(x) - libm::floor(x)).abs() < 0.5);
            prop_assert!((floor(-x) - libm::floor(-x)).abs() < 0.5);
            prop_assert_eq!(whole(crate::numeric::cast::f64_of_i64(n)), n);
        }
    }
}
