//! What becomes of a habit that nobody moves \[H4\].

use serde::{Deserialize, Serialize};

use super::{Depth, HabitError};
use crate::fraction::Fraction;

/// How habits erode: a parameter set, by default a judgement, to be calibrated by the caller.
///
/// In each period a habit of depth `h` is lost of itself with probability `e·s^rank(h)`, and to a
/// rival who attacks it with pull `a` with probability `a·s^rank(h)`, independently. What is left is
/// its retention
///
/// ```text
/// ρ(h) = (1 − e·s^rank(h))·(1 − a·s^rank(h))
/// ```
///
/// with `e` the erosion of the shallowest habit and `s` the share of it that each step down the
/// lattice leaves. Retention rises strictly with depth wherever there is anything to lose, and falls
/// as the rival pulls harder: *every habit can change, the shallow ones first*.
///
/// ```
/// use sortie::customer::habit::{Depth, Erosion};
/// use sortie::fraction::Fraction;
///
/// let erosion = Erosion::default();
/// let quiet = Fraction::ZERO;
/// assert_eq!(erosion.retention(Depth::SHALLOWEST, quiet).get(), 0.9);
/// assert!(erosion.retention(Depth::DEEPEST, quiet) > erosion.retention(Depth::SHALLOWEST, quiet));
/// # Ok::<(), sortie::fraction::FractionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ErosionFields", into = "ErosionFields")]
pub struct Erosion {
    shallowest: Fraction,
    softening: f64,
}

impl Erosion {
    /// Erosion from the loss of the shallowest habit a period, below 1, and the share of the loss
    /// that is left one step deeper, in `(0, 1)`.
    ///
    /// # Errors
    /// [`HabitError::Parameter`] for a loss of 1, which would leave no habit to speak of, and for a
    /// share outside `(0, 1)`, which would not make deep habits last longer.
    pub fn new(shallowest: Fraction, softening: f64) -> Result<Self, HabitError> {
        if shallowest == Fraction::ONE {
            return Err(HabitError::Parameter {
                name: "shallowest",
                value: shallowest.get(),
                rule: "at least 0 and below 1",
            });
        }
        if !(softening > 0.0 && softening < 1.0) {
            return Err(HabitError::Parameter {
                name: "softening",
                value: softening,
                rule: "above 0 and below 1",
            });
        }
        Ok(Self {
            shallowest,
            softening,
        })
    }

    /// The chance that the shallowest habit is lost in a period when no rival attacks.
    #[must_use]
    pub const fn shallowest(&self) -> Fraction {
        self.shallowest
    }

    /// The share of a loss that is left one step deeper.
    #[must_use]
    pub const fn softening(&self) -> f64 {
        self.softening
    }

    /// ρ(h): the chance that a habit of this depth lasts through a period in which a rival pulls at
    /// it with the given force, 0 for no rival.
    #[must_use]
    pub fn retention(&self, depth: Depth, rival: Fraction) -> Fraction {
        let exposed = (0..depth.rank()).fold(1.0, |left, _| left * self.softening);
        let of_itself = 1.0 - self.shallowest.get() * exposed;
        let to_a_rival = 1.0 - rival.get() * exposed;
        Fraction::clamped(of_itself * to_a_rival)
    }

    /// 1 − ρ(h): the chance that the habit is lost in a period.
    #[must_use]
    pub fn loss(&self, depth: Depth, rival: Fraction) -> Fraction {
        self.retention(depth, rival).complement()
    }
}

impl Default for Erosion {
    /// One shallow habit in ten is lost a period; each step of depth takes three tenths off the loss.
    fn default() -> Self {
        Self {
            shallowest: Fraction::clamped(0.1),
            softening: 0.7,
        }
    }
}

/// The parameters as they stand in a document, before they are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErosionFields {
    shallowest: Fraction,
    softening: f64,
}

impl TryFrom<ErosionFields> for Erosion {
    type Error = HabitError;

    fn try_from(fields: ErosionFields) -> Result<Self, HabitError> {
        Self::new(fields.shallowest, fields.softening)
    }
}

impl From<Erosion> for ErosionFields {
    fn from(erosion: Erosion) -> Self {
        Self {
            shallowest: erosion.shallowest,
            softening: erosion.softening,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fraction(value: f64) -> Fraction {
        Fraction::new(value).unwrap()
    }

    proptest! {
        #[test]
        fn deeper_habits_last_longer_and_rivals_shorten_them(
            shallowest in 0.001..0.999,
            softening in 0.05..0.95,
            rival in 0.0..=1.0,
            harder in 0.0..=1.0,
        ) {
            let erosion = Erosion::new(fraction(shallowest), softening).unwrap();
            let rival = fraction(rival);
            let harder = fraction(rival.get() + (1.0 - rival.get()) * harder);
            for a in Depth::all() {
                prop_assert!(erosion.retention(a, harder) <= erosion.retention(a, rival));
                for b in Depth::all() {
                    if a < b {
                        prop_assert!(erosion.retention(a, rival) < erosion.retention(b, rival));
                    }
                }
            }
        }

        #[test]
        fn documents_round_trip(shallowest in 0.0..0.999, softening in 0.001..0.999) {
            let erosion = Erosion::new(fraction(shallowest), softening).unwrap();
            let text = serde_json::to_string(&erosion).unwrap();
            prop_assert_eq!(serde_json::from_str::<Erosion>(&text).unwrap(), erosion);
        }
    }

    #[test]
    fn retention_is_the_product_of_two_escapes() {
        let erosion = Erosion::new(fraction(0.5), 0.5).unwrap();
        // Rank 0: .5 × .6; rank 1: .75 × .8.
        let first = Depth::SHALLOWEST;
        let second = first.next_steps()[0].to();
        let rival = fraction(0.4);
        assert!((erosion.retention(first, rival).get() - 0.3).abs() < 1e-15);
        assert!((erosion.retention(second, rival).get() - 0.6).abs() < 1e-15);
        assert!((erosion.loss(second, rival).get() - 0.4).abs() < 1e-15);
    }

    #[test]
    fn parameters_that_would_break_the_order_are_refused() {
        for softening in [0.0, 1.0, -0.5, 1.5, f64::NAN, f64::INFINITY] {
            let refused = Erosion::new(fraction(0.1), softening).unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!(
                    "erosion parameter softening is {softening}: it must be above 0 and below 1"
                )
            );
        }
        assert!(Erosion::new(Fraction::ONE, 0.5).is_err());
        assert!(serde_json::from_str::<Erosion>(r#"{"shallowest":0.1,"softening":1.0}"#).is_err());
    }
}
