//! A problem and its answer that follow small changes in place.

use core::ops::ControlFlow;

use thiserror::Error;

use crate::document::{DocumentError, Fault};
use crate::id::Id;
use crate::money::Money;

use super::activity::Activity;
use super::answer::Columns;
use super::concave::{Kept, Market, solve_kept};
use super::problem::Replaced;
use super::{AllocateError, Allocation, Objective, Options, Problem, admission, discrete};

/// A problem and its answer, which follow small changes together.
///
/// After a change the answer is, bit for bit, the one that [`solve`](super::solve()) gives to the changed problem.
/// For concave activities only the steps between the old and the new price are looked at: with a million activities
/// and one of them changed a solve is repeated in a small part of its time. What cannot be followed (another family of
/// curve, a group that starts or stops to bind, a large part of the budget, menus, S-curves, resources, a target) is
/// solved from the start; [`Resolved`] says which it was, and which activities the change moved.
///
/// To ask what a change *would* do, make it, read the answer, and change back: both ways are quick. The set of
/// activities is fixed; one that may come later is put in with a cap of 0, one that may leave is given such a cap.
///
/// The first change sets up what later ones share, in about the time of one solve. A clone of the problem or of the
/// answer that is still alive makes the next change copy the problem first.
///
/// ```
/// use sortie::allocate::{Activity, Objective, Problem, Solved, solve};
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::response::ModifiedExponential;
///
/// let usd = Currency::from_code("USD")?;
/// let activity = |id, scale, rate| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(Activity::curve(Id::new(id)?, ModifiedExponential::new(scale, rate)?))
/// };
/// let problem = Problem::new(
///     usd,
///     Objective::Budget(Money::parse("100.00", usd)?),
///     vec![],
///     vec![activity("a", 100.0, 0.02)?, activity("b", 60.0, 0.05)?],
///     vec![],
/// )?;
/// let mut solved = Solved::new(problem)?;
/// let resolved = solved.set_activity(activity("b", 70.0, 0.05)?)?;
/// assert_eq!(*solved.allocation(), solve(solved.problem())?);
/// let moved: Vec<String> = resolved
///     .moved()
///     .iter()
///     .map(|moved| format!("{}: {} to {}", moved.id.as_str(), moved.spend_before, moved.spend))
///     .collect();
/// assert_eq!(moved, ["a: 65.64 USD to 63.43 USD", "b: 34.36 USD to 36.57 USD"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Solved {
    problem: Problem,
    allocation: Allocation,
    kept: Option<Kept>,
}

/// How a change was answered, and what it moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    looked_at: Option<usize>,
    moved: Vec<Moved>,
}

/// One activity before and after a change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moved {
    /// The activity.
    pub id: Id,
    /// What it spent before.
    pub spend_before: Money,
    /// What that was worth.
    pub value_before: f64,
    /// What it spends now.
    pub spend: Money,
    /// What that is worth.
    pub value: f64,
}

/// Why a change has no answer.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The changed problem is not lawful.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The changed problem has no allocation.
    #[error(transparent)]
    Allocate(#[from] AllocateError),
}

impl Resolved {
    /// Whether the answer follows from the one before; if not, the problem was solved from the start.
    #[must_use]
    pub const fn is_followed(&self) -> bool {
        self.looked_at.is_some()
    }

    /// How many activities were looked at; `None` if the problem was solved from the start.
    #[must_use]
    pub const fn looked_at(&self) -> Option<usize> {
        self.looked_at
    }

    /// The activities that spend otherwise than before or take another option, and the one that was changed; in the
    /// order of ids.
    #[must_use]
    pub fn moved(&self) -> &[Moved] {
        &self.moved
    }
}

impl Solved {
    /// Solves a problem and keeps it with its answer.
    ///
    /// # Errors
    /// As [`solve`](super::solve()).
    pub fn new(problem: Problem) -> Result<Self, AllocateError> {
        let (allocation, kept) = answer(&problem)?;
        Ok(Self {
            problem,
            allocation,
            kept,
        })
    }

    /// The problem as it stands.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Its answer.
    #[must_use]
    pub const fn allocation(&self) -> &Allocation {
        &self.allocation
    }

    /// The answer alone.
    #[must_use]
    pub fn into_allocation(self) -> Allocation {
        self.allocation
    }

    /// Puts an activity in the place of the one with the same id: another curve, floor or cap.
    ///
    /// `O(log n)` for each step between the old and the new price, if it can be followed.
    ///
    /// # Errors
    /// [`ChangeError`]; the problem and its answer stay as they were.
    pub fn set_activity(&mut self, mut activity: Activity) -> Result<Resolved, ChangeError> {
        let Some(position) = self.problem.position(activity.id()) else {
            let rule = format_args!(
                "there is no activity {:?} to change; a change in place keeps the set of activities",
                activity.id().as_str()
            );
            return Err(DocumentError::new(vec![Fault::new("activities", rule)]).into());
        };
        let mut faults: Vec<Fault> = Vec::new();
        admission::admit_activity(&self.problem, position, &mut activity, &mut faults);
        if !faults.is_empty() {
            return Err(DocumentError::new(faults).into());
        }
        let columns = self.allocation.take_columns();
        let replaced = self.problem.replace(position, activity);
        let outcome = self.follow(Some(position), columns, Some(&replaced));
        if outcome.is_err() {
            let _ = self.problem.replace(position, replaced.activity);
            self.solve()?;
        }
        outcome
    }

    /// Another budget. A problem with a target has one from then on instead.
    ///
    /// `O(log n)` for each step between the old and the new price, if it can be followed.
    ///
    /// # Errors
    /// [`ChangeError`]; the problem and its answer stay as they were.
    pub fn set_budget(&mut self, budget: Money) -> Result<Resolved, ChangeError> {
        let changed = self.problem.with_objective(Objective::Budget(budget))?;
        let before = core::mem::replace(&mut self.problem, changed);
        let columns = self.allocation.take_columns();
        let outcome = self.follow(None, columns, None);
        if outcome.is_err() {
            self.problem = before;
            self.solve()?;
        }
        outcome
    }

    /// Follows a change that the problem holds already, or else solves from the start. `replaced` holds the
    /// layout that the columns of the answer before were made for, if that could not stay.
    fn follow(
        &mut self,
        changed: Option<usize>,
        mut columns: Option<Columns>,
        replaced: Option<&Replaced>,
    ) -> Result<Resolved, ChangeError> {
        let stays = replaced.is_none_or(|replaced| replaced.stays);
        if let (Some(kept), Some(columns), true) = (&mut self.kept, &mut columns, stays) {
            if let Some(mut revision) = kept.follow(&self.problem, changed, columns) {
                let touched = core::mem::take(&mut revision.touched);
                let looked_at = Some(touched.len());
                self.allocation
                    .revise(&self.problem, core::mem::take(columns), revision);
                let moved = self.moved_of(changed, &touched);
                return Ok(Resolved { looked_at, moved });
            }
        }
        self.solve()?;
        Ok(Resolved {
            looked_at: None,
            moved: columns.map_or_else(Vec::new, |before| {
                self.moved_since(changed, &before, replaced)
            }),
        })
    }

    /// What moved of the items that were looked at.
    fn moved_of(&self, changed: Option<usize>, touched: &[(usize, i64, f64)]) -> Vec<Moved> {
        let Some(layout) = self.problem.layout() else {
            return Vec::new();
        };
        let mut moved: Vec<(usize, (i64, f64))> = touched
            .iter()
            .map(|&(item, spend, value)| (layout.position_of(item), (spend, value)))
            .collect();
        moved.sort_unstable_by_key(|&(position, _)| position);
        let rows = moved.into_iter();
        rows.filter_map(|(position, before)| self.moved_at(changed, position, before, false))
            .collect()
    }

    /// What moved of all.
    fn moved_since(
        &self,
        changed: Option<usize>,
        before: &Columns,
        replaced: Option<&Replaced>,
    ) -> Vec<Moved> {
        let old = match replaced {
            Some(replaced) if !replaced.stays => replaced.layout.as_ref(),
            _ => self.problem.layout(),
        };
        let new = self.problem.layout();
        let Some(after) = self.allocation.columns() else {
            return Vec::new();
        };
        let rows = 0..self.allocation.len();
        rows.filter_map(|position| {
            let (spend, value, option) = before.spent_at(position, old);
            let other = after.spent_at(position, new).2 != option;
            self.moved_at(changed, position, (spend, value), other)
        })
        .collect()
    }

    /// An activity with its spend and value before, if it moved.
    fn moved_at(
        &self,
        changed: Option<usize>,
        position: usize,
        (spend, value): (i64, f64),
        other: bool,
    ) -> Option<Moved> {
        let layout = self.problem.layout();
        let after = self.allocation.columns()?.spent_at(position, layout);
        if !other && spend == after.0 && changed != Some(position) {
            return None;
        }
        let money = |minor| Money::from_minor(minor, self.problem.currency());
        Some(Moved {
            id: self.problem.activities()[position].id().clone(),
            spend_before: money(spend),
            value_before: value,
            spend: money(after.0),
            value: after.1,
        })
    }

    fn solve(&mut self) -> Result<(), AllocateError> {
        self.kept = None;
        (self.allocation, self.kept) = answer(&self.problem)?;
        Ok(())
    }
}

/// The answer, and what is kept of a concave one.
fn answer(problem: &Problem) -> Result<(Allocation, Option<Kept>), AllocateError> {
    let Some(market) = Market::of(problem) else {
        let mut on = |_: &super::Progress| ControlFlow::Continue(());
        return Ok((discrete::solve(problem, Options::default(), &mut on)?, None));
    };
    solve_kept(problem, &market)
}
