//! What rules of thumb would have done with the same money: the optimum's company, and the regret of each.
//!
//! A baseline keeps every activity's floor, cap, step and minimum, and every group's cap, as far as a rule of
//! thumb does: what a cap refuses goes to the others by the same rule, and what nobody takes stays unspent.

mod split;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::allocate::{Activity, AllocateError, Kind, Objective, Problem, solve};
use crate::document::DocumentError;
use crate::fraction::Fraction;
use crate::money::{Money, MoneyError};
use crate::numeric::{ExactSum, cast};
use crate::response::{Curve, Response};
use crate::stance::{CashFlow, Convention, Payback, StanceError};

pub use split::split_by;

/// Rounds of Albers' rule that a baseline takes from an equal split: a practitioner recomputes a few times.
pub const ALBERS_ROUNDS: u32 = 3;

/// A rule of thumb for dividing a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// As the last period's spend was divided.
    LastPeriod,
    /// In proportion to what each customer buys.
    ProportionalToSales,
    /// In proportion to contribution times elasticity, recomputed [`ALBERS_ROUNDS`] times from an equal split
    /// (Albers 2012).
    Albers,
    /// The same to each.
    EqualSplit,
    /// The best plan that leaves prospects out.
    ExistingOnly,
}

impl Rule {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::LastPeriod,
        Self::ProportionalToSales,
        Self::Albers,
        Self::EqualSplit,
        Self::ExistingOnly,
    ];

    /// The rule in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastPeriod => "last period's spend",
            Self::ProportionalToSales => "proportional to sales",
            Self::Albers => "Albers' rule",
            Self::EqualSplit => "equal split",
            Self::ExistingOnly => "existing customers only",
        }
    }
}

/// Why there is no baseline.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// A problem that asks for a target has no budget to divide.
    #[error("problem has a target and no budget; a baseline divides a budget")]
    NoBudget,
    /// Floors that exceed the budget leave nothing to divide.
    #[error("floors come to {floors}, more than the budget of {budget}; lower a floor")]
    Floors {
        /// All floors together.
        floors: Money,
        /// The budget.
        budget: Money,
    },
    /// A part of the problem without prospects is not lawful.
    #[error(transparent)]
    Problem(#[from] DocumentError),
    /// The problem without prospects has no answer.
    #[error(transparent)]
    Allocate(#[from] AllocateError),
    /// A total out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A flow that is no flow.
    #[error(transparent)]
    Stance(#[from] StanceError),
}

/// What is known of each activity's customer, by the activity's position in the problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Last period's spend in minor units, 0 or more.
    pub spent: u64,
    /// Last period's sales, in any unit that all share.
    pub sales: u64,
    /// Whether the customer is habitual or starting.
    pub is_existing: bool,
}

/// Spends by a rule, by the activity's position in the problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// The rule.
    pub rule: Rule,
    /// The spend of each activity.
    pub spends: Vec<Money>,
    /// What they are worth together.
    pub value: f64,
}

/// A rule beside the optimum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The rule.
    pub rule: Rule,
    /// What it spends.
    pub invested: Money,
    /// What that is worth, in currency units.
    pub value: f64,
    /// What the optimum is worth more. Below 0 only where the rule breaks a floor of a group that binds the plan.
    pub regret: f64,
    /// When it pays back.
    pub payback: Payback,
    /// The share that goes to prospects \[C2\]; absent if nothing is spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offensiveness: Option<Fraction>,
}

impl Baseline {
    /// Divides the problem's budget by a rule. `history` is asked by the activity's position and must be
    /// a pure function.
    ///
    /// # Errors
    /// [`BaselineError::NoBudget`] for a problem with a target, [`BaselineError::Floors`] if floors exceed the budget;
    /// for [`Rule::ExistingOnly`], those of [`solve`].
    pub fn compute(
        rule: Rule,
        problem: &Problem,
        history: impl Fn(usize) -> History,
    ) -> Result<Self, BaselineError> {
        let spends = match rule {
            Rule::LastPeriod => split_by(problem, |at| history(at).spent)?,
            Rule::ProportionalToSales => split_by(problem, |at| history(at).sales)?,
            Rule::EqualSplit => split_by(problem, |_| 1)?,
            Rule::Albers => {
                let shares = albers_weights(problem)?;
                split_by(problem, |at| shares.get(at).copied().unwrap_or(0))?
            }
            Rule::ExistingOnly => existing_only(problem, &history)?,
        };
        let value = value_of(problem, &spends);
        Ok(Self {
            rule,
            spends,
            value,
        })
    }

    /// The rule beside an optimum of this value. `flow` gives what a spend on an activity brings in periods 1,
    /// 2, … (a pure function of position and spend).
    ///
    /// # Errors
    /// [`BaselineError::Money`] or [`BaselineError::Stance`] for totals out of range.
    pub fn beside(
        &self,
        problem: &Problem,
        optimum: f64,
        convention: Convention,
        history: impl Fn(usize) -> History,
        flow: impl Fn(usize, Money) -> Result<CashFlow, StanceError>,
    ) -> Result<Comparison, BaselineError> {
        let currency = problem.currency();
        let invested = Money::total(self.spends.iter().copied(), currency)?;
        let spent = || {
            self.spends
                .iter()
                .enumerate()
                .filter(|(_, spend)| !spend.is_zero())
        };
        let flows = spent()
            .map(|(at, spend)| flow(at, *spend))
            .collect::<Result<Vec<_>, _>>()?;
        let to_existing = spent().filter(|(at, _)| history(*at).is_existing);
        let existing = Money::total(to_existing.map(|(_, spend)| *spend), currency)?;
        let share = (!invested.is_zero()).then(|| {
            let (part, whole) = (existing.minor(), invested.minor());
            Fraction::clamped(1.0 - cast::f64_of_i64(part) / cast::f64_of_i64(whole))
        });
        Ok(Comparison {
            rule: self.rule,
            invested,
            value: self.value,
            regret: optimum - self.value,
            payback: CashFlow::together(&flows)?.payback(convention),
            offensiveness: share,
        })
    }
}

/// One round of Albers' rule: the budget in proportion to contribution times elasticity at the given spends,
/// which is spend times marginal return. All in currency units.
///
/// ```
/// use sortie::campaign::baselines::albers_round;
/// use sortie::response::Power;
/// let curves = [5.0, 8.0, 12.0].map(|scale| Power::new(scale, 0.3).map(Into::into));
/// let curves = curves.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let first = albers_round(&curves, &[1000.0 / 3.0; 3], 1000.0);
/// assert!((first[0] - 200.0).abs() < 1e-6 && (first[1] - 320.0).abs() < 1e-6);
/// let second = albers_round(&curves, &first, 1000.0);
/// assert!((second[0] - 167.696778).abs() < 1e-6);
/// # Ok::<(), sortie::response::ResponseError>(())
/// ```
#[must_use]
pub fn albers_round(curves: &[Curve], spends: &[f64], budget: f64) -> Vec<f64> {
    let weights: Vec<f64> = curves
        .iter()
        .zip(spends)
        .map(|(curve, spend)| spend * slope(curve, *spend))
        .collect();
    let whole = weights.iter().copied().collect::<ExactSum>().value();
    if whole > 0.0 && whole.is_finite() {
        weights
            .iter()
            .map(|weight| budget * (weight / whole))
            .collect()
    } else {
        spends.to_vec()
    }
}

/// Marginal return by the gain of a millionth of the spend to either side; 0 at no spend.
fn slope(curve: &Curve, spend: f64) -> f64 {
    let unit = spend * 1e-6;
    if unit > 0.0 {
        curve.gain(999_999, 1_000_001, unit) / (2.0 * unit)
    } else {
        0.0
    }
}

/// Albers' shares in millionths of a millionth of the budget; a menu's curve is the straight line through
/// its best option per cost, since elasticity has no meaning for a choice.
fn albers_weights(problem: &Problem) -> Result<Vec<u64>, BaselineError> {
    let budget = units_of(budget_of(problem)?);
    let curves: Vec<Option<&Curve>> = problem
        .activities()
        .iter()
        .map(|activity| activity.as_spending().map(crate::allocate::Spending::curve))
        .collect();
    let each = budget / cast::f64_of_usize(curves.len().max(1));
    let known: Vec<Curve> = curves
        .iter()
        .flatten()
        .map(|curve| (*curve).clone())
        .collect();
    let for_curves = each * cast::f64_of_usize(known.len());
    let mut spends = vec![each; known.len()];
    for _ in 0..ALBERS_ROUNDS {
        spends = albers_round(&known, &spends, for_curves);
    }
    let mut spends = spends.into_iter();
    let share = |spend: f64| cast::u64_of_f64(spend / budget * 1e12).unwrap_or(0);
    Ok(curves
        .iter()
        .map(|curve| {
            share(if curve.is_some() {
                spends.next().unwrap_or(0.0)
            } else {
                each
            })
        })
        .collect())
}

/// The optimum of the problem without its prospects, at the positions of the whole problem.
fn existing_only(
    problem: &Problem,
    history: &impl Fn(usize) -> History,
) -> Result<Vec<Money>, BaselineError> {
    let stays = |at: usize| history(at).is_existing;
    let activities: Vec<Activity> = problem
        .activities()
        .iter()
        .enumerate()
        .filter(|(at, _)| stays(*at))
        .map(|(_, activity)| activity.clone())
        .collect();
    let groups = problem
        .groups()
        .iter()
        .map(|group| {
            let members = group
                .members()
                .iter()
                .filter(|id| problem.position(id).is_some_and(stays));
            let members = members.cloned().collect();
            // A floor that only prospects could fill must not make the rule infeasible.
            let bare = crate::allocate::Group::new(group.id().clone()).with_members(members);
            let bare = match group.parent() {
                Some(parent) => bare.with_parent(parent.clone()),
                None => bare,
            };
            match group.cap() {
                Some(cap) => bare.with_cap(cap),
                None => bare,
            }
        })
        .collect();
    let rest = Problem::new(
        problem.currency(),
        problem.objective(),
        problem.resources().to_vec(),
        activities,
        groups,
    )?;
    let allocation = solve(&rest)?;
    let zero = Money::zero(problem.currency());
    let spend = |activity: &Activity| {
        allocation
            .line(activity.id())
            .map_or(zero, |line| line.spend)
    };
    Ok(problem.activities().iter().map(spend).collect())
}

/// What spends are worth together, recomputed from the curves.
fn value_of(problem: &Problem, spends: &[Money]) -> f64 {
    let unit = unit_of(problem);
    let worth = |(activity, spend): (&Activity, &Money)| match activity.kind() {
        Kind::Spending(spending) => {
            let units = u64::try_from(spend.minor()).unwrap_or(0);
            spending.curve().value(0.0) + spending.curve().gain(0, units, unit)
        }
        Kind::Menu(menu) => {
            // The rule took the best option that its money buys; none costs nothing and is worth 0.
            let bought = menu
                .options()
                .iter()
                .filter(|option| option.cost() == *spend);
            let best = bought
                .map(crate::allocate::MenuOption::value)
                .max_by(f64::total_cmp);
            match best {
                Some(value) if spend.minor() > 0 || menu.is_required() => value,
                Some(value) => value.max(0.0),
                None => 0.0,
            }
        }
    };
    problem
        .activities()
        .iter()
        .zip(spends)
        .map(worth)
        .collect::<ExactSum>()
        .value()
}

fn budget_of(problem: &Problem) -> Result<Money, BaselineError> {
    match problem.objective() {
        Objective::Budget(budget) => Ok(budget),
        Objective::Target(_) => Err(BaselineError::NoBudget),
    }
}

fn unit_of(problem: &Problem) -> f64 {
    1.0 / cast::f64_of_i64(problem.currency().minor_per_unit())
}

fn units_of(money: Money) -> f64 {
    cast::f64_of_i64(money.minor()) / cast::f64_of_i64(money.currency().minor_per_unit())
}

#[cfg(test)]
mod tests;
