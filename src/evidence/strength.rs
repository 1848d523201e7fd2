//! Habit strength: repetition strengthens, silence weakens, one missed chance is immaterial.
//!
//! The recursion of Lally et al. (2010): each use occasion takes the strength `A` to `A + g(1 − A)`,
//! and each expected use that is missed, beyond the first of a silence, to `A·e^(−d)`. Expected uses
//! come at the customer's own rhythm, which is known only in the end and moves with every event. The
//! recursion is therefore run for a ladder of rhythms at once, from daily to once in 1,024 days, each
//! about a third slower than the one before, and the strength is read at the rung nearest to the
//! rhythm. So yesterday's state can be continued without replay although the rhythm has changed.

mod effect;

pub(super) use effect::Effects;

use serde::{Deserialize, Serialize};

use super::EvidenceError;
use crate::fraction::Fraction;
use crate::numeric::cast::{f64_of_u64, usize_of_u32};

/// Rungs of the ladder.
pub(super) const RUNGS: usize = 20;

/// Rungs whose gap is a power of two; the others are three times a power of two.
const POWERS: usize = 11;

/// Days between expected uses on each rung: 1, 2, 4 … 1,024, then 3, 6 … 768.
const RUNG_DAYS: [u32; RUNGS] = {
    let mut days = [0; RUNGS];
    let mut rung = 0;
    while rung < RUNGS {
        days[rung] = if rung < POWERS {
            1 << rung
        } else {
            3 << (rung - POWERS)
        };
        rung += 1;
    }
    days
};

/// Decays that are tabled; longer silences are computed.
const TABLED: usize = 256;

/// How strength grows and decays, and where a habit begins and ends: a parameter set, by default a
/// judgement, to be calibrated by the caller.
///
/// A customer becomes habitual when its strength reaches `habitual_at`, and is starting again when
/// it falls below `starting_below`, which is less: between the two the tier stays what it was, so
/// that it does not flicker. Tiers are decided at every use, whether or not anybody looks, so they do
/// not depend on how often they are read.
///
/// ```
/// use sortie::evidence::StrengthModel;
///
/// // 66 repetitions reach 95 % of the strength that is ever reached.
/// let daily = StrengthModel::reaching(66, 0.95, 0.2, 0.5, 0.3)?;
/// assert!((daily.gain() - (1.0 - (-0.045_389_9_f64).exp())).abs() < 1e-7);
/// # Ok::<(), sortie::evidence::EvidenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StrengthFields", into = "StrengthFields")]
pub struct StrengthModel {
    gain: f64,
    decay: f64,
    habitual_at: f64,
    starting_below: f64,
    /// e^(−d·n) for small n.
    powers: [f64; TABLED],
}

impl StrengthModel {
    /// A model from the gain `g` a use, in (0, 1), the decay `d` a missed use, above 0, and the
    /// strengths at which a habit begins and below which it ends, 0 < end < begin < 1.
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`], naming the first that is out of its range.
    pub fn new(
        gain: f64,
        decay: f64,
        habitual_at: f64,
        starting_below: f64,
    ) -> Result<Self, EvidenceError> {
        let inside = |value: f64| value > 0.0 && value < 1.0;
        EvidenceError::check("gain", gain, inside(gain), "above 0 and below 1")?;
        EvidenceError::check("decay", decay, decay > 0.0, "finite and above 0")?;
        EvidenceError::check(
            "habitual_at",
            habitual_at,
            inside(habitual_at),
            "above 0 and below 1",
        )?;
        EvidenceError::check(
            "starting_below",
            starting_below,
            starting_below > 0.0 && starting_below < habitual_at,
            "above 0 and below habitual_at",
        )?;
        let mut powers = [1.0; TABLED];
        for (missed, power) in (0_u64..).zip(&mut powers) {
            *power = libm::exp(-decay * f64_of_u64(missed));
        }
        Ok(Self {
            gain,
            decay,
            habitual_at,
            starting_below,
            powers,
        })
    }

    /// A model whose gain is such that so many repetitions take the strength from 0 to the share
    /// given, in (0, 1).
    ///
    /// # Errors
    /// [`EvidenceError::Parameter`], naming the first that is out of its range.
    pub fn reaching(
        repetitions: u32,
        share: f64,
        decay: f64,
        habitual_at: f64,
        starting_below: f64,
    ) -> Result<Self, EvidenceError> {
        let times = f64::from(repetitions);
        EvidenceError::check("repetitions", times, repetitions > 0, "at least 1")?;
        EvidenceError::check(
            "share",
            share,
            share > 0.0 && share < 1.0,
            "above 0 and below 1",
        )?;
        let gain = -libm::expm1(libm::log1p(-share) / times);
        Self::new(gain, decay, habitual_at, starting_below)
    }

    /// `g`: the share of what is left to full strength that a use gains.
    #[must_use]
    pub const fn gain(&self) -> f64 {
        self.gain
    }

    /// `d`: a missed use leaves e^(−d) of the strength.
    #[must_use]
    pub const fn decay(&self) -> f64 {
        self.decay
    }

    /// The strength at which a habit begins.
    #[must_use]
    pub const fn habitual_at(&self) -> f64 {
        self.habitual_at
    }

    /// The strength below which a habit ends.
    #[must_use]
    pub const fn starting_below(&self) -> f64 {
        self.starting_below
    }

    /// The number of unbroken uses that make a habit.
    #[must_use]
    pub fn uses_to_habit(&self) -> u32 {
        let mut strength = 0.0;
        let mut uses = 0;
        while strength < self.habitual_at && uses < u32::MAX {
            let next = self.after_use(strength);
            // A gain too small to be seen would never get there.
            if next <= strength {
                return u32::MAX;
            }
            strength = next;
            uses += 1;
        }
        uses
    }

    /// The strength after a use.
    fn after_use(&self, strength: f64) -> f64 {
        strength + self.gain * (1.0 - strength)
    }

    /// What so many missed uses leave of the strength.
    fn left_after(&self, missed: u32) -> f64 {
        self.powers
            .get(usize_of_u32(missed))
            .copied()
            .unwrap_or_else(|| libm::exp(-self.decay * f64::from(missed)))
    }
}

impl Default for StrengthModel {
    /// 66 repetitions reach 95 % (the median of Lally et al. 2010). A missed use beyond the first
    /// takes a tenth. A habit begins at one half, which is 16 unbroken uses, and ends below three
    /// tenths.
    fn default() -> Self {
        let gain = -libm::expm1(libm::log(0.05) / 66.0);
        let mut model = Self {
            gain,
            decay: 0.1,
            habitual_at: 0.5,
            starting_below: 0.3,
            powers: [1.0; TABLED],
        };
        for (missed, power) in (0_u64..).zip(&mut model.powers) {
            *power = libm::exp(-model.decay * f64_of_u64(missed));
        }
        model
    }
}

/// Expected uses missed beyond the first, on a rung, when a silence has lasted so many days.
///
/// The day of the reading is not over, so an expected use counts as missed from the day after.
fn missed(rung: usize, silent_days: u32) -> u32 {
    let over = silent_days.saturating_sub(1);
    let due = if rung < POWERS {
        over >> rung
    } else {
        (over / 3) >> (rung - POWERS)
    };
    due.saturating_sub(1)
}

/// The rung nearest to a rhythm, by ratio; of two that are equally near, the power of two.
pub(super) fn rung_of(gap_days: f64) -> usize {
    let off = |rung: usize| {
        let days = RUNG_DAYS
            .get(rung)
            .map_or(f64::INFINITY, |days| f64::from(*days));
        if days > gap_days {
            days / gap_days
        } else {
            gap_days / days
        }
    };
    // Only the powers of two on both sides, and the rung between them, can be nearest.
    let powers = RUNG_DAYS.iter().take(POWERS);
    let not_above = powers.filter(|days| f64::from(**days) <= gap_days).count();
    let below = not_above.saturating_sub(1);
    let above = (below + 1).min(POWERS - 1);
    let nearer = |best: usize, rung: usize| if off(rung) < off(best) { rung } else { best };
    let power = nearer(below, above);
    // Between 1 and 2 days, and beyond the last power, there is no such rung.
    if (1..POWERS - 1).contains(&below) {
        nearer(power, POWERS + below - 1)
    } else {
        power
    }
}

/// The strength of one customer on every rung, and whether it is a habit there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Strengths {
    strength: [f64; RUNGS],
    habitual: u32,
}

impl Strengths {
    /// Before the first use.
    pub(super) const NONE: Self = Self {
        strength: [0.0; RUNGS],
        habitual: 0,
    };

    /// Strengths and habits as they stand in a document; none if a strength is no fraction or a habit
    /// contradicts its strength.
    pub(super) fn from_parts(
        strength: [f64; RUNGS],
        habitual: u32,
        model: &StrengthModel,
    ) -> Option<Self> {
        let lawful = strength.iter().enumerate().all(|(rung, value)| {
            let habit = habitual >> rung & 1 == 1;
            (0.0..=1.0).contains(value)
                && !(habit && *value < model.starting_below)
                && (habit || *value < model.habitual_at)
        });
        (lawful && habitual >> RUNGS == 0).then_some(Self { strength, habitual })
    }

    /// The strengths and the habits, one bit a rung.
    pub(super) const fn parts(&self) -> (&[f64; RUNGS], u32) {
        (&self.strength, self.habitual)
    }

    /// Takes in a use after a gap of so many days, 0 for the first.
    pub(super) fn push(&mut self, gap_days: u32, model: &StrengthModel) {
        self.decay(gap_days, model);
        let mut is_any = false;
        for strength in &mut self.strength {
            *strength += model.gain * (1.0 - *strength);
            is_any |= *strength >= model.habitual_at;
        }
        // Most uses of most customers make no habit on any rung; which rungs is asked only where one does.
        if is_any {
            for (rung, strength) in self.strength.iter().enumerate() {
                self.habitual |= u32::from(*strength >= model.habitual_at) << rung;
            }
        }
    }

    /// The strength on a rung after so many silent days, and whether it is still a habit.
    pub(super) fn read(
        &self,
        rung: usize,
        silent_days: u32,
        model: &StrengthModel,
    ) -> (Fraction, bool) {
        let full = self.strength.get(rung).copied().unwrap_or(0.0);
        let left = full * model.left_after(missed(rung, silent_days));
        let habit = self.habitual >> rung & 1 == 1 && left >= model.starting_below;
        (Fraction::clamped(left), habit)
    }

    /// Lets a silence of so many days weaken every rung.
    fn decay(&mut self, silent_days: u32, model: &StrengthModel) {
        let mut fell = 0;
        let (powers, between) = self.strength.split_at_mut(POWERS);
        for (first, strengths) in [(0, powers), (POWERS, between)] {
            for (rung, strength) in (first..).zip(strengths) {
                let missed = missed(rung, silent_days);
                // Slower rungs miss no more than this one.
                if missed == 0 {
                    break;
                }
                *strength *= model.left_after(missed);
                fell |= u32::from(*strength < model.starting_below) << rung;
            }
        }
        self.habitual &= !fell;
    }
}

/// The parameters as they stand in a document, before they are checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StrengthFields {
    gain: f64,
    decay: f64,
    habitual_at: f64,
    starting_below: f64,
}

impl TryFrom<StrengthFields> for StrengthModel {
    type Error = EvidenceError;

    fn try_from(fields: StrengthFields) -> Result<Self, EvidenceError> {
        Self::new(
            fields.gain,
            fields.decay,
            fields.habitual_at,
            fields.starting_below,
        )
    }
}

impl From<StrengthModel> for StrengthFields {
    fn from(model: StrengthModel) -> Self {
        Self {
            gain: model.gain,
            decay: model.decay,
            habitual_at: model.habitual_at,
            starting_below: model.starting_below,
        }
    }
}

#[cfg(test)]
mod tests;
