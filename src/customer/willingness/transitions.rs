//! How prospects move on the ladder in one period: as judged, or as counted.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Stage, Willingness};
use crate::{calendar::Date, fraction::Fraction, numeric::cast};

/// Chances of being on each rung one period after each rung: a Markov chain on the ladder.
///
/// Rows are stages held at the start of a period, columns stages held at its end; each row sums to 1.
///
/// ```
/// use sortie::{customer::willingness::{Stage, Transitions}, fraction::Fraction};
/// let tenth = Fraction::new(0.1)?;
/// let judged = Transitions::ladder([tenth; 4], [Fraction::ZERO; 4])?;
/// let reached = judged.reach(Stage::Unaware, Stage::Aware, 2).get();
/// assert!((reached - 0.19).abs() < 1e-15); // 1 − .9²
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[[f64; 5]; 5]", into = "[[f64; 5]; 5]")]
pub struct Transitions {
    rows: [[f64; Stage::COUNT]; Stage::COUNT],
}

/// Chances that are refused.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TransitionError {
    /// A chance that is none.
    #[error(
        "chance of moving from {from} to {to} is {value}; it must be a finite number from 0 to 1"
    )]
    NotAChance {
        /// From this rung.
        from: Stage,
        /// To this one.
        to: Stage,
        /// What was given.
        value: f64,
    },
    /// A row that does not add up.
    #[error("chances of leaving or keeping {from} sum to {sum}; they must sum to 1 within 1e-9")]
    RowSum {
        /// The rung.
        from: Stage,
        /// The sum.
        sum: f64,
    },
    /// A period without days.
    #[error("period of 0 days; it must have at least 1 day")]
    EmptyPeriod,
    /// A weight below 0 or not finite.
    #[error("weight of the judged row is {weight}; it must be finite and not negative")]
    Weight {
        /// What was given.
        weight: f64,
    },
    /// A half-width below 0 or not finite.
    #[error(
        "interval half-width is {z} standard errors; it must be finite and above 0 (1.96 for 95 %)"
    )]
    HalfWidth {
        /// What was given.
        z: f64,
    },
}

impl Transitions {
    /// Admits a whole matrix, `rows[from][to]`.
    ///
    /// # Errors
    /// [`TransitionError::NotAChance`], [`TransitionError::RowSum`].
    pub fn new(rows: [[f64; Stage::COUNT]; Stage::COUNT]) -> Result<Self, TransitionError> {
        for (from, row) in Stage::ALL.into_iter().zip(&rows) {
            for (to, &value) in Stage::ALL.into_iter().zip(row) {
                if !(0.0..=1.0).contains(&value) {
                    return Err(TransitionError::NotAChance { from, to, value });
                }
            }
            let sum: f64 = row.iter().sum();
            if (sum - 1.0).abs() > 1e-9 {
                return Err(TransitionError::RowSum { from, sum });
            }
        }
        Ok(Self { rows })
    }

    /// The plain ladder: in a period one rung up (from each but the last) or one rung back (from each but
    /// the first), else none.
    ///
    /// # Errors
    /// [`TransitionError`] where up and back together pass 1.
    pub fn ladder(up: [Fraction; 4], back: [Fraction; 4]) -> Result<Self, TransitionError> {
        let mut rows = [[0.0; Stage::COUNT]; Stage::COUNT];
        for (place, row) in rows.iter_mut().enumerate() {
            let rise = up.get(place).map_or(0.0, |chance| chance.get());
            let fall = place.checked_sub(1).and_then(|below| back.get(below));
            let fall = fall.map_or(0.0, |chance| chance.get());
            for (to, chance) in row.iter_mut().enumerate() {
                *chance = match to {
                    _ if to == place => 1.0 - (rise + fall),
                    _ if to == place + 1 => rise,
                    _ if to + 1 == place => fall,
                    _ => 0.0,
                };
            }
        }
        Self::new(rows)
    }

    /// The chance of one move in one period.
    #[must_use]
    pub fn chance(&self, from: Stage, to: Stage) -> Fraction {
        let row = self.rows.get(from.place());
        Fraction::clamped(
            row.and_then(|row| row.get(to.place()))
                .copied()
                .unwrap_or(0.0),
        )
    }

    /// The chance of having stood on `target` or above at the end of some period up to `periods`, starting
    /// from `from` (1 if it stands there already). The rungs from `target` up are made absorbing. O(periods),
    /// or until nothing moves any more.
    #[must_use]
    pub fn reach(&self, from: Stage, target: Stage, periods: u32) -> Fraction {
        let mut held = [0.0; Stage::COUNT];
        let mut reached = 0.0_f64;
        if from >= target {
            return Fraction::ONE;
        }
        if let Some(start) = held.get_mut(from.place()) {
            *start = 1.0;
        }
        for _ in 0..periods {
            let reached_before = reached.to_bits();
            let mut after = [0.0; Stage::COUNT];
            for (row, share) in self.rows.iter().zip(held) {
                for ((to, next), chance) in Stage::ALL.into_iter().zip(&mut after).zip(row) {
                    if to >= target {
                        reached += share * chance;
                    } else {
                        *next += share * chance;
                    }
                }
            }
            let before = core::mem::replace(&mut held, after);
            if before.map(f64::to_bits) == held.map(f64::to_bits)
                && reached.to_bits() == reached_before
            {
                // Nothing moves any more, however many periods are left.
                break;
            }
        }
        Fraction::clamped(reached)
    }
}

impl TryFrom<[[f64; 5]; 5]> for Transitions {
    type Error = TransitionError;

    fn try_from(rows: [[f64; 5]; 5]) -> Result<Self, TransitionError> {
        Self::new(rows)
    }
}

impl From<Transitions> for [[f64; 5]; 5] {
    fn from(transitions: Transitions) -> Self {
        transitions.rows
    }
}

/// Moves counted over whole periods of stage histories.
///
/// ```
/// use sortie::{calendar::Date, customer::{decision::Statement, willingness::{Stage, StageCounts, Willingness}}};
/// let mut w = Willingness::new(Date::new(2026, 1, 1)?);
/// w.advance(Date::new(2026, 2, 10)?, Statement::new("asked for the price")?)?;
/// let mut counts = StageCounts::new();
/// counts.observe(&w, 30, Date::new(2026, 4, 30)?)?; // three whole periods
/// let up = counts.estimate(Stage::Unaware, Stage::Aware, 1.96)?.ok_or("nothing seen")?;
/// assert_eq!((up.moves, up.out_of), (1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageCounts {
    moves: [[u64; Stage::COUNT]; Stage::COUNT],
}

/// A transition chance as counted, with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransitionEstimate {
    /// Periods that began on the rung left and ended on the rung reached.
    pub moves: u64,
    /// Periods that began on the rung left.
    pub out_of: u64,
    /// Their ratio.
    pub share: Fraction,
    /// Lower end of the score interval (Wilson 1927), which stays within [0, 1] at any count.
    pub low: Fraction,
    /// Upper end of the score interval.
    pub high: Fraction,
}

impl StageCounts {
    /// No moves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts the moves of one prospect over the whole periods between its first day and `until`; a period
    /// that is not over is left out. O(periods × log steps).
    ///
    /// # Errors
    /// [`TransitionError::EmptyPeriod`] for a period of 0 days.
    pub fn observe(
        &mut self,
        willingness: &Willingness,
        period_days: u16,
        until: Date,
    ) -> Result<(), TransitionError> {
        if period_days == 0 {
            return Err(TransitionError::EmptyPeriod);
        }
        let first = willingness.since();
        let mut from = Stage::Unaware;
        // The stage at the start of the first period is that at the end of the first day.
        if let Some(stage) = willingness.stage_on(first) {
            from = stage;
        }
        let periods = until.days_since(first).max(0) / i32::from(period_days);
        for period in 1..=periods {
            let end = first.day_number() + period * i32::from(period_days);
            let Ok(day) = Date::from_day_number(end) else {
                break;
            };
            let to = willingness.stage_on(day).unwrap_or(from);
            self.add(from, to, 1);
            from = to;
        }
        Ok(())
    }

    /// Adds moves counted elsewhere; saturates.
    pub fn add(&mut self, from: Stage, to: Stage, moves: u64) {
        let row = self.moves.get_mut(from.place());
        if let Some(cell) = row.and_then(|row| row.get_mut(to.place())) {
            *cell = cell.saturating_add(moves);
        }
    }

    /// Periods that began on `from` and ended on `to`.
    #[must_use]
    pub fn moves(&self, from: Stage, to: Stage) -> u64 {
        let row = self.moves.get(from.place());
        row.and_then(|row| row.get(to.place()))
            .copied()
            .unwrap_or(0)
    }

    /// Periods that began on `from`.
    #[must_use]
    pub fn out_of(&self, from: Stage) -> u64 {
        let cells = Stage::ALL.into_iter().map(|to| self.moves(from, to));
        cells.fold(0, u64::saturating_add)
    }

    /// The chance of a move with its score interval at `z` standard errors; `None` if no period began on
    /// `from`: nothing was seen, so nothing is claimed.
    ///
    /// # Errors
    /// [`TransitionError::HalfWidth`] for z ≤ 0 or not finite.
    pub fn estimate(
        &self,
        from: Stage,
        to: Stage,
        z: f64,
    ) -> Result<Option<TransitionEstimate>, TransitionError> {
        if !z.is_finite() || z <= 0.0 {
            return Err(TransitionError::HalfWidth { z });
        }
        let (moves, out_of) = (self.moves(from, to), self.out_of(from));
        if out_of == 0 {
            return Ok(None);
        }
        let (n, share) = (
            cast::f64_of_u64(out_of),
            cast::f64_of_u64(moves) / cast::f64_of_u64(out_of),
        );
        let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        let (centre, scale) = (share + z * z / (2.0 * n), 1.0 + z * z / n);
        Ok(Some(TransitionEstimate {
            moves,
            out_of,
            share: Fraction::clamped(share),
            low: Fraction::clamped(if moves == 0 {
                0.0
            } else {
                (centre - spread) / scale
            }),
            high: Fraction::clamped(if moves == out_of {
                1.0
            } else {
                (centre + spread) / scale
            }),
        }))
    }

    /// The counts drawn towards a judged chain: each row is (counts + `weight` × judged row) over its sum, so
    /// a rung never seen keeps its judgement, and `weight` is the number of periods that the judgement is
    /// worth.
    ///
    /// # Errors
    /// [`TransitionError::Weight`] for a weight below 0 or not finite.
    pub fn transitions(
        &self,
        judged: &Transitions,
        weight: f64,
    ) -> Result<Transitions, TransitionError> {
        if !weight.is_finite() || weight < 0.0 {
            return Err(TransitionError::Weight { weight });
        }
        let mut rows = judged.rows;
        for (from, row) in Stage::ALL.into_iter().zip(&mut rows) {
            let total = cast::f64_of_u64(self.out_of(from)) + weight;
            if self.out_of(from) == 0 {
                continue;
            }
            for (to, chance) in Stage::ALL.into_iter().zip(row) {
                *chance = (cast::f64_of_u64(self.moves(from, to)) + weight * *chance) / total;
            }
        }
        Transitions::new(rows)
    }
}

#[cfg(test)]
mod tests;
