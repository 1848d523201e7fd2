//! What can be put to the test: anything that says from a customer's past how alarming its silence is.

use crate::evidence::models::lapse::LapseModel;
use crate::evidence::models::rules::{FixedHiatus, OwnMultiple};
use crate::evidence::models::{BetaGeometric, ParetoNbd, Record};

/// A customer on a date, as far as the date can see.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'r> {
    /// The uses up to the date. There is no way from here to later ones.
    pub record: &'r Record,
    /// The date, a day number since 1970-01-01.
    pub as_of: i32,
    /// The horizon H in days.
    pub horizon: f64,
    /// The own window W in days: three shrunk own intervals, from H/2 to the days that confirm a departure.
    pub own_window: f64,
}

/// What a foresight says of a customer on a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// Higher is more alarming; any finite scale.
    pub alarm: f64,
    /// Rank for silence in the horizon: a probability, or the alarm itself where there is none.
    pub silence: f64,
    /// Whether `silence` is a probability, to be judged for calibration too.
    pub probable: bool,
}

/// Judges customers by their past.
pub trait Foresight {
    /// What can be said of this customer on this date.
    fn say(&self, sight: &Sight<'_>) -> Said;

    /// Takes note of a new date of the walk and of all histories cut there, before anything is said on it. By default
    /// nothing: what was fitted stands.
    fn follow(&mut self, past: &[&[i32]], as_of: i32) {
        let _ = (past, as_of);
    }
}

impl<F: Foresight + ?Sized> Foresight for &F {
    fn say(&self, sight: &Sight<'_>) -> Said {
        (**self).say(sight)
    }
}

impl<F: Foresight + ?Sized> Foresight for Box<F> {
    fn say(&self, sight: &Sight<'_>) -> Said {
        (**self).say(sight)
    }

    fn follow(&mut self, past: &[&[i32]], as_of: i32) {
        (**self).follow(past, as_of);
    }
}

const fn rule(alarm: f64) -> Said {
    Said {
        alarm,
        silence: alarm,
        probable: false,
    }
}

impl Foresight for FixedHiatus {
    fn say(&self, sight: &Sight<'_>) -> Said {
        rule(self.alarm(sight.record, sight.as_of))
    }
}

impl Foresight for OwnMultiple {
    fn say(&self, sight: &Sight<'_>) -> Said {
        rule(self.alarm(sight.record, sight.as_of))
    }
}

impl Foresight for LapseModel {
    fn say(&self, sight: &Sight<'_>) -> Said {
        let found = self.assess(sight.record, sight.as_of);
        Said {
            alarm: found.alarm,
            silence: found.p_silent,
            probable: true,
        }
    }

    /// Reads the book's level anew, where it drifts.
    fn follow(&mut self, past: &[&[i32]], as_of: i32) {
        if self.level_drifts() {
            // Histories of a walk are increasing, so that this cannot be refused.
            if let Ok(model) = self.on(past, as_of) {
                *self = model;
            }
        }
    }
}

/// A closed form of the beta-geometric family as an alarm: 1 − P(alive).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gone {
    /// The model, fitted in units of `unit_days`.
    pub model: BetaGeometric,
    /// Days in its unit of time.
    pub unit_days: f64,
}

impl Foresight for Gone {
    fn say(&self, sight: &Sight<'_>) -> Said {
        let summary = sight.record.summary(sight.as_of, self.unit_days);
        rule(1.0 - self.model.p_alive(&summary))
    }
}

/// The same closed form, ranking by the probability of silence in the window asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Silent {
    /// The model, fitted in units of `unit_days`.
    pub model: BetaGeometric,
    /// Days in its unit of time.
    pub unit_days: f64,
}

impl Foresight for Silent {
    fn say(&self, sight: &Sight<'_>) -> Said {
        let summary = sight.record.summary(sight.as_of, self.unit_days);
        Said {
            alarm: self
                .model
                .p_silent(&summary, sight.own_window / self.unit_days),
            silence: self
                .model
                .p_silent(&summary, sight.horizon / self.unit_days),
            probable: true,
        }
    }
}

/// Pareto/NBD as an alarm: 1 − P(alive).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParetoGone {
    /// The model, fitted in units of `unit_days`.
    pub model: ParetoNbd,
    /// Days in its unit of time.
    pub unit_days: f64,
}

impl Foresight for ParetoGone {
    fn say(&self, sight: &Sight<'_>) -> Said {
        let summary = sight.record.summary(sight.as_of, self.unit_days);
        rule(1.0 - self.model.p_alive(&summary))
    }
}
