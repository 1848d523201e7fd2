//! Habit strength: repetition strengthens, silence weakens, one missed chance is immaterial.
//!
//! The recursion of Lally et al. (2010): each use occasion takes the strength `A` to `A + g(1 − A)`,
//! and each expected use that is missed, beyond the first of a silence, to `A·e^(−d)`. Expected uses
//! come at the customer's own rhythm, which is known only in the end and moves with every event. The
//! recursion is therefore run for a ladder of rhythms at once, from daily to once in 1,024 days, each
//! about a third slower than the one before, and the strength is read at the rung nearest to the
//! rhythm. So yesterday's state can be continued without replay although the rhythm has changed.

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
const TABLED: usize = 64;

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

/// The rung nearest to a rhythm, by ratio.
pub(super) fn rung_of(gap_days: f64) -> usize {
    let off = |days: u32| {
        let days = f64::from(days);
        if days > gap_days {
            days / gap_days
        } else {
            gap_days / days
        }
    };
    let mut nearest = 0;
    for (rung, days) in RUNG_DAYS.into_iter().enumerate() {
        if RUNG_DAYS
            .get(nearest)
            .is_none_or(|best| off(days) < off(*best))
        {
            nearest = rung;
        }
    }
    nearest
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
        let mut rose = 0;
        for (rung, strength) in self.strength.iter_mut().enumerate() {
            *strength += model.gain * (1.0 - *strength);
            rose |= u32::from(*strength >= model.habitual_at) << rung;
        }
        self.habitual |= rose;
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
        for (rung, strength) in self.strength.iter_mut().enumerate() {
            let missed = missed(rung, silent_days);
            if missed > 0 {
                *strength *= model.left_after(missed);
                fell |= u32::from(*strength < model.starting_below) << rung;
            }
        }
        self.habitual &= !fell;
    }
}

/// What a stretch of time does to whatever strength it starts from, on one rung.
///
/// The strength goes from `A` to `slope·A + offset`. The tier in the end is a rising step in `A`: a
/// habit if `A` is at least the threshold that belongs to the tier in the beginning. Both shapes are
/// kept when stretches follow one another, which is what makes histories mergeable.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Effect {
    slope: f64,
    offset: f64,
    if_starting: f64,
    if_habitual: f64,
}

impl Effect {
    const NONE: Self = Self {
        slope: 1.0,
        offset: 0.0,
        if_starting: f64::INFINITY,
        if_habitual: f64::NEG_INFINITY,
    };

    /// A change of strength, then the two thresholds.
    fn step(slope: f64, offset: f64, model: &StrengthModel) -> Self {
        let threshold = |at: f64| (at - offset) / slope;
        Self {
            slope,
            offset,
            if_starting: threshold(model.habitual_at),
            if_habitual: threshold(model.starting_below),
        }
    }

    /// This, then the other.
    fn then(&self, next: &Self) -> Self {
        // Where the strength after this one reaches a threshold of the next.
        let reaches = |at: f64| {
            let reached = (at - self.offset) / self.slope;
            // 0/0: the start is forgotten and the threshold just met.
            if reached.is_nan() {
                f64::NEG_INFINITY
            } else {
                reached
            }
        };
        let (rises, stays) = (reaches(next.if_starting), reaches(next.if_habitual));
        // Habitual in the end: lifted from either tier, or habitual in between and not dropped.
        let combined = |before: f64| rises.min(before.max(stays));
        Self {
            slope: next.slope * self.slope,
            offset: next.slope * self.offset + next.offset,
            if_starting: combined(self.if_starting),
            if_habitual: combined(self.if_habitual),
        }
    }
}

/// What a stretch of time does to the strength on every rung.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Effects([Effect; RUNGS]);

impl Effects {
    /// A stretch in which nothing happens and no time passes.
    pub(super) const NONE: Self = Self([Effect::NONE; RUNGS]);

    /// This stretch, then a use after a gap of so many days, 0 for the first.
    pub(super) fn push(&mut self, gap_days: u32, model: &StrengthModel) {
        self.silence(gap_days, model);
        let used = Effect::step(1.0 - model.gain, model.gain, model);
        for effect in &mut self.0 {
            *effect = effect.then(&used);
        }
    }

    /// This stretch, then a gap of so many days, then a later stretch.
    pub(super) fn then(&self, gap_days: u32, later: &Self, model: &StrengthModel) -> Self {
        let mut joined = self.clone();
        joined.silence(gap_days, model);
        for (effect, next) in joined.0.iter_mut().zip(&later.0) {
            *effect = effect.then(next);
        }
        joined
    }

    /// The strengths after the stretch, from those after a gap of so many days before it.
    pub(super) fn after(
        &self,
        before: &Strengths,
        gap_days: u32,
        model: &StrengthModel,
    ) -> Strengths {
        let mut start = before.clone();
        start.decay(gap_days, model);
        let mut end = Strengths::NONE;
        let rungs = start.strength.iter().zip(&self.0).zip(&mut end.strength);
        for (rung, ((before, effect), after)) in rungs.enumerate() {
            let habit = start.habitual >> rung & 1 == 1;
            let threshold = if habit {
                effect.if_habitual
            } else {
                effect.if_starting
            };
            *after = (effect.slope * before + effect.offset).clamp(0.0, 1.0);
            end.habitual |= u32::from(*before >= threshold) << rung;
        }
        end
    }

    /// Lets a silence of so many days follow.
    fn silence(&mut self, silent_days: u32, model: &StrengthModel) {
        for (rung, effect) in self.0.iter_mut().enumerate() {
            let missed = missed(rung, silent_days);
            if missed > 0 {
                *effect = effect.then(&Effect::step(model.left_after(missed), 0.0, model));
            }
        }
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The recursion as it is written, for one rhythm: the slow way.
    fn by_the_book(gaps: &[u32], days: u32, model: &StrengthModel) -> (f64, bool) {
        let (mut strength, mut habit) = (0.0, false);
        for gap in gaps {
            let due = (1..*gap).filter(|day| day % days == 0).count();
            for _ in 1..due {
                strength *= libm::exp(-model.decay);
                habit = habit && strength >= model.starting_below;
            }
            strength += model.gain * (1.0 - strength);
            habit = habit || strength >= model.habitual_at;
        }
        (strength, habit)
    }

    fn any_model() -> impl Strategy<Value = StrengthModel> {
        (0.02..0.6, 0.02..1.0, 0.3..0.9, 0.1..0.95).prop_map(|(gain, decay, hi, share)| {
            StrengthModel::new(gain, decay, hi, hi * share).unwrap()
        })
    }

    fn any_gaps() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec(prop_oneof![1_u32..4, 1_u32..40, 1_u32..900], 0..60).prop_map(
            |mut gaps| {
                gaps.insert(0, 0);
                gaps
            },
        )
    }

    fn read_through(gaps: &[u32], model: &StrengthModel) -> Strengths {
        let mut strengths = Strengths::NONE;
        for gap in gaps {
            strengths.push(*gap, model);
        }
        strengths
    }

    fn stretch(gaps: &[u32], model: &StrengthModel) -> Effects {
        let mut effects = Effects::NONE;
        for (position, gap) in gaps.iter().enumerate() {
            // The gap before the first use of a stretch belongs to the seam.
            effects.push(if position == 0 { 0 } else { *gap }, model);
        }
        effects
    }

    /// Whether a strength is so near a threshold that rounding may decide the tier.
    fn on_the_edge(strengths: &Strengths, model: &StrengthModel) -> bool {
        strengths.strength.iter().any(|strength| {
            (strength - model.habitual_at).abs() < 1e-9
                || (strength - model.starting_below).abs() < 1e-9
        })
    }

    proptest! {
        #[test]
        fn the_ladder_is_the_recursion_on_every_rung(model in any_model(), gaps in any_gaps()) {
            let strengths = read_through(&gaps, &model);
            for (rung, days) in RUNG_DAYS.into_iter().enumerate() {
                let (strength, habit) = by_the_book(&gaps, days, &model);
                prop_assert!((strengths.strength[rung] - strength).abs() < 1e-12);
                let (read, still) = strengths.read(rung, 0, &model);
                prop_assert!((read.get() - strength).abs() < 1e-12);
                if !on_the_edge(&strengths, &model) {
                    prop_assert_eq!(still, habit);
                }
            }
        }

        #[test]
        fn stretches_join_in_any_grouping(
            model in any_model(),
            gaps in any_gaps(),
            cuts in (0.0..1.0, 0.0..1.0),
        ) {
            let at = |share: f64| {
                let cut = share * f64::from(u32::try_from(gaps.len()).unwrap());
                crate::numeric::cast::usize_of_f64(cut).unwrap()
            };
            let (low, high) = (at(cuts.0).min(at(cuts.1)), at(cuts.0).max(at(cuts.1)));
            prop_assume!(low > 0 && low < high && high < gaps.len());
            let whole = read_through(&gaps, &model);
            let start = read_through(&gaps[..low], &model);
            let (middle, end) = (stretch(&gaps[low..high], &model), stretch(&gaps[high..], &model));
            let left = end.after(&middle.after(&start, gaps[low], &model), gaps[high], &model);
            let right = middle.then(gaps[high], &end, &model).after(&start, gaps[low], &model);
            for rung in 0..RUNGS {
                prop_assert!((left.strength[rung] - whole.strength[rung]).abs() < 1e-12);
                prop_assert!((right.strength[rung] - whole.strength[rung]).abs() < 1e-12);
            }
            // The tier depends on the whole path, so a near miss anywhere on it may be decided by
            // rounding; paths without one agree exactly.
            let near = (1..=gaps.len()).any(|end| on_the_edge(&read_through(&gaps[..end], &model), &model));
            if !near {
                prop_assert_eq!(left.habitual, whole.habitual);
                prop_assert_eq!(right.habitual, whole.habitual);
            }
        }

        #[test]
        fn use_strengthens_and_silence_weakens(model in any_model(), gaps in any_gaps(), silent in 0_u32..2_000) {
            let strengths = read_through(&gaps, &model);
            for rung in 0..RUNGS {
                let (now, habit) = strengths.read(rung, silent, &model);
                let (later, still) = strengths.read(rung, silent + 1, &model);
                prop_assert!(later <= now && still <= habit);
                // One more use, on the day of the reading, never weakens, and never ends a habit.
                let mut used = strengths.clone();
                used.push(silent, &model);
                let (more, kept) = used.read(rung, 0, &model);
                prop_assert!(more >= now && kept >= habit);
            }
        }

        #[test]
        fn documents_round_trip(model in any_model(), gaps in any_gaps()) {
            let text = serde_json::to_string(&model).unwrap();
            prop_assert_eq!(&serde_json::from_str::<StrengthModel>(&text).unwrap(), &model);
            let strengths = read_through(&gaps, &model);
            let (strength, habitual) = strengths.parts();
            let again = Strengths::from_parts(*strength, habitual, &model);
            prop_assert_eq!(again, Some(strengths));
        }
    }

    #[test]
    fn sixty_six_repetitions_reach_ninety_five_per_cent() {
        let model = StrengthModel::default();
        assert!((model.gain() - (1.0 - libm::exp(-0.045_389_9))).abs() < 1e-7);
        let daily = [1; 65].to_vec();
        let mut gaps = vec![0];
        gaps.extend(daily);
        let strengths = read_through(&gaps, &model);
        assert!((strengths.strength[0] - 0.95).abs() < 1e-12);
        assert_eq!(model.uses_to_habit(), 16);
        let again = StrengthModel::reaching(66, 0.95, 0.1, 0.5, 0.3).unwrap();
        assert!((again.gain() - model.gain()).abs() < 1e-15);
    }

    #[test]
    fn one_missed_chance_is_immaterial_and_the_second_is_not() {
        // Weekly is between the rungs of 6 and 8 days and nearer to 6 by ratio (7/6 > 8/7: to 8).
        assert_eq!(RUNG_DAYS[rung_of(7.0)], 8);
        let rung = rung_of(8.0);
        assert_eq!(
            [8, 9, 16, 17, 24, 25].map(|silent| missed(rung, silent)),
            [0, 0, 0, 1, 1, 2]
        );
        assert_eq!(RUNG_DAYS[rung_of(0.2)], 1);
        assert_eq!(RUNG_DAYS[rung_of(1e9)], 1024);
        assert_eq!(missed(rung_of(1.0), u32::MAX), u32::MAX - 2);
    }

    #[test]
    fn the_tier_holds_between_the_thresholds() {
        let model = StrengthModel::new(0.2, 0.2, 0.5, 0.3).unwrap();
        let rung = rung_of(1.0);
        let mut strengths = Strengths::NONE;
        let mut tiers = vec![];
        for gap in [0, 1, 1, 1, 3, 4, 4, 1] {
            strengths.push(gap, &model);
            let (strength, habit) = strengths.read(rung, 0, &model);
            tiers.push((libm::round(strength.get() * 1000.0), habit));
        }
        assert_eq!(
            tiers,
            [
                (200.0, false),
                (360.0, false),
                (488.0, false),
                (590.0, true),
                // From here below .5 and above .3: still a habit.
                (587.0, true),
                (515.0, true),
                (476.0, true),
                (581.0, true)
            ]
        );
        let (left, habit) = strengths.read(rung, 8, &model);
        assert!(left.get() < 0.3 && !habit);
    }

    #[test]
    fn bad_parameters_are_refused_by_name() {
        for (gain, decay, hi, lo, name) in [
            (0.0, 0.1, 0.5, 0.3, "gain"),
            (1.0, 0.1, 0.5, 0.3, "gain"),
            (0.1, 0.0, 0.5, 0.3, "decay"),
            (0.1, f64::INFINITY, 0.5, 0.3, "decay"),
            (0.1, 0.1, 1.0, 0.3, "habitual_at"),
            (0.1, 0.1, 0.5, 0.5, "starting_below"),
            (0.1, 0.1, 0.5, 0.0, "starting_below"),
            (f64::NAN, 0.1, 0.5, 0.3, "gain"),
        ] {
            let refused = StrengthModel::new(gain, decay, hi, lo)
                .unwrap_err()
                .to_string();
            assert!(
                refused.starts_with(&format!("parameter {name} is ")),
                "{refused}"
            );
        }
        assert!(StrengthModel::reaching(0, 0.9, 0.1, 0.5, 0.3).is_err());
        assert!(StrengthModel::reaching(9, 1.0, 0.1, 0.5, 0.3).is_err());
        assert!(
            serde_json::from_str::<StrengthModel>(
                r#"{"gain":0.1,"decay":0.1,"habitual_at":0.3,"starting_below":0.5}"#
            )
            .is_err()
        );
        // A strength that says habit against a tier that does not is no state.
        let model = StrengthModel::default();
        assert_eq!(Strengths::from_parts([0.6; RUNGS], 0, &model), None);
        assert_eq!(Strengths::from_parts([0.2; RUNGS], 1, &model), None);
        assert_eq!(
            Strengths::from_parts([0.4; RUNGS], 1 << RUNGS, &model),
            None
        );
        assert!(Strengths::from_parts([0.4; RUNGS], 5, &model).is_some());
    }
}
