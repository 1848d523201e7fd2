//! Roots of one variable inside a bracket that is never lost.

use thiserror::Error;

/// Halvings after which a bracket of floats cannot shrink further: 2,100 bits of range, with room.
const STEPS_MOST: u32 = 2_200;

/// Why a root was not sought.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum RootError {
    /// The ends are not finite, or not in order.
    #[error(
        "bracket {low}..{high} is not a finite, increasing interval; give low < high, both finite"
    )]
    Interval {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// The function has the same sign at both ends, or is no number there.
    #[error(
        "function is {at_low} at the lower and {at_high} at the upper end; a root needs opposite signs"
    )]
    NoChangeOfSign {
        /// Value at the lower end.
        at_low: f64,
        /// Value at the upper end.
        at_high: f64,
    },
    /// The function is no number inside the bracket.
    #[error("function is not a number at {at}; it must be defined on the whole bracket")]
    NotANumber {
        /// Where.
        at: f64,
    },
}

/// The last bracket: the root lies between its ends, which are neighbours or within the tolerance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bracket {
    /// The end where the function has the sign it had at the given lower end.
    pub low: f64,
    /// The other end.
    pub high: f64,
}

/// Brackets a root of `function` between `low` and `high`, to `tolerance` (0: to neighbouring floats).
///
/// Regula falsi of the Illinois kind (Dowell & Jarratt 1971), and a halving wherever that shrinks the
/// bracket by less than half, so convergence is superlinear on smooth functions and certain on all.
///
/// # Errors
/// [`RootError`] if the interval is not one, if the signs at its ends agree, or if the function is NaN inside.
///
/// ```
/// use sortie::numeric::find_root;
/// let root = find_root(0.0, 2.0, 0.0, |x| x * x - 2.0)?;
/// assert!((root.low - 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), sortie::numeric::RootError>(())
/// ```
pub fn find_root(
    low: f64,
    high: f64,
    tolerance: f64,
    mut function: impl FnMut(f64) -> f64,
) -> Result<Bracket, RootError> {
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(RootError::Interval { low, high });
    }
    let (mut a, mut b) = (low, high);
    let (mut at_a, mut at_b) = (function(a), function(b));
    if at_a.is_nan() || at_b.is_nan() || (at_a > 0.0 && at_b > 0.0) || (at_a < 0.0 && at_b < 0.0) {
        return Err(RootError::NoChangeOfSign {
            at_low: at_a,
            at_high: at_b,
        });
    }
    if at_a == 0.0 {
        return Ok(Bracket { low: a, high: a });
    }
    let rising = at_a < 0.0;
    let mut halve = false;
    for _ in 0..STEPS_MOST {
        let width = b - a;
        let middle = a + 0.5 * width;
        // Neighbouring floats have no number between them: nothing is left to shrink.
        if width <= tolerance || middle <= a || middle >= b {
            break;
        }
        let chord = a + width * (at_a / (at_a - at_b));
        let next = if halve || !(chord > a && chord < b) {
            middle
        } else {
            chord
        };
        let at_next = function(next);
        if at_next.is_nan() {
            return Err(RootError::NotANumber { at: next });
        }
        if at_next == 0.0 {
            return Ok(Bracket {
                low: next,
                high: next,
            });
        }
        if (at_next < 0.0) == rising {
            (a, at_a) = (next, at_next);
            at_b *= 0.5;
        } else {
            (b, at_b) = (next, at_next);
            at_a *= 0.5;
        }
        halve = b - a > 0.5 * width;
    }
    Ok(Bracket { low: a, high: b })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn faults_are_named() {
        assert!(matches!(
            find_root(1.0, 0.0, 0.0, |x| x),
            Err(RootError::Interval { .. })
        ));
        assert!(matches!(
            find_root(1.0, 2.0, 0.0, |x| x),
            Err(RootError::NoChangeOfSign { .. })
        ));
        assert!(matches!(
            find_root(-1.0, 1.0, 0.0, |x| if x.abs() < 0.9 { f64::NAN } else { x }),
            Err(RootError::NotANumber { .. })
        ));
    }

    #[test]
    fn a_step_is_bracketed_to_neighbours() {
        let step = |x: f64| if x < 0.3 { -1.0 } else { 1e300 };
        let bracket = find_root(-1e9, 1e9, 0.0, step).unwrap();
        assert!(bracket.low < 0.3 && bracket.high >= 0.3);
        assert_eq!(bracket.low.next_up().to_bits(), bracket.high.to_bits());
    }

    proptest! {
        #[test]
        fn cubic_roots_are_found(root in -50.0_f64..50.0, scale in 1e-6_f64..1e6) {
            let cubic = |x: f64| scale * (x - root) * ((x - root) * (x - root) + 1.0);
            let bracket = find_root(-60.0, 70.0, 0.0, cubic).unwrap();
            prop_assert!(bracket.low <= root + 1e-12 && root - 1e-12 <= bracket.high);
            prop_assert!(bracket.high - bracket.low < 1e-12);
        }
    }
}
