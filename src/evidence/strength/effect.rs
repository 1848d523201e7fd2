//! What a stretch of time does to the strengths, whatever they were before it.

use super::{RUNGS, StrengthModel, Strengths, missed};

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
pub(in crate::evidence) struct Effects([Effect; RUNGS]);

impl Effects {
    /// A stretch in which nothing happens and no time passes.
    pub(in crate::evidence) const NONE: Self = Self([Effect::NONE; RUNGS]);

    /// This stretch, then a use after a gap of so many days, 0 for the first.
    pub(in crate::evidence) fn push(&mut self, gap_days: u32, model: &StrengthModel) {
        self.silence(gap_days, model);
        let used = Effect::step(1.0 - model.gain, model.gain, model);
        for effect in &mut self.0 {
            *effect = effect.then(&used);
        }
    }

    /// This stretch, then a gap of so many days, then a later stretch.
    pub(in crate::evidence) fn then(
        &self,
        gap_days: u32,
        later: &Self,
        model: &StrengthModel,
    ) -> Self {
        let mut joined = self.clone();
        joined.silence(gap_days, model);
        for (effect, next) in joined.0.iter_mut().zip(&later.0) {
            *effect = effect.then(next);
        }
        joined
    }

    /// The strengths after the stretch, from those after a gap of so many days before it.
    pub(in crate::evidence) fn after(
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
