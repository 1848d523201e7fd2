//! A problem and its answer that follow small changes in place.

use core::ops::ControlFlow;

use crate::document::{DocumentError, Fault};
use crate::money::Money;

use super::activity::Activity;
use super::concave::{Kept, Market, solve_kept};
use super::{
    AllocateError, Allocation, ChangeError, Objective, Options, Problem, admission, discrete,
};

/// A problem and its answer, which follow small changes together.
///
/// [`Retained`](super::Retained) says what a change *would* do; this makes the change, also where groups bind.
///
/// After a change the answer is, bit for bit, the one that [`solve`](super::solve()) gives to the changed problem.
/// For concave activities only the steps between the old and the new price are looked at: with a million activities
/// and one of them changed a solve is repeated in a small part of its time. What cannot be followed (another family of
/// curve, a group that starts or stops to bind, a large part of the budget, menus, S-curves, resources, a target) is
/// solved from the start; [`Resolved`] says which it was.
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
/// solved.set_activity(activity("b", 70.0, 0.05)?)?;
/// assert_eq!(*solved.allocation(), solve(solved.problem())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Solved {
    problem: Problem,
    allocation: Allocation,
    kept: Option<Kept>,
}

/// How a change was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolved {
    /// From the answer before; so many activities were looked at.
    Followed {
        /// How many activities were looked at.
        touched: usize,
    },
    /// From the start.
    Afresh,
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
        let (before, stays) = self.problem.replace(position, activity);
        let columns = columns.filter(|_| stays);
        let outcome = self.follow(Some(position), columns);
        if outcome.is_err() {
            let _ = self.problem.replace(position, before);
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
        let outcome = self.follow(None, columns);
        if outcome.is_err() {
            self.problem = before;
            self.solve()?;
        }
        outcome
    }

    /// Follows a change that the problem holds already, or else solves from the start.
    fn follow(
        &mut self,
        position: Option<usize>,
        columns: Option<super::answer::Columns>,
    ) -> Result<Resolved, ChangeError> {
        if let (Some(kept), Some(mut columns)) = (&mut self.kept, columns) {
            if let Some(revision) = kept.follow(&self.problem, position, &mut columns) {
                let touched = revision.touched;
                self.allocation.revise(&self.problem, columns, revision);
                return Ok(Resolved::Followed { touched });
            }
        }
        self.solve()?;
        Ok(Resolved::Afresh)
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
