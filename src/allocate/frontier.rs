//! The frontier: what every budget is worth, with its prices.

use crate::id::Id;
use crate::money::{Currency, Money};
use crate::numeric::{ExactSum, cast};

use super::{
    AllocateError, Allocation, ChangeError, Objective, Problem, Solved, Status, discrete, solve,
};

/// What one budget is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrontierPoint {
    /// The budget.
    pub budget: Money,
    /// What of it is spent.
    pub spent: Money,
    /// What is reached.
    pub value: f64,
    /// What no allocation of this budget can exceed.
    pub bound: f64,
    /// Value per further currency unit of budget.
    pub shadow_price: f64,
    /// Proved best or not.
    pub status: Status,
}

/// Value against budget, with its prices: one point for each budget, ascending, each named once.
///
/// Every point is the answer that [`solve`](super::solve()) gives to the problem with that budget. For concave
/// activities the points are monotone and concave in the budget, and a point is followed from the one before
/// where that is less work than a solve ([`Solved::set_budget`]); with menus, S-curves or resources each is solved
/// by itself. The objective of the problem does not matter.
///
/// ```
/// use sortie::allocate::{Problem, frontier};
/// use sortie::money::{Currency, Money};
/// let problem: Problem = serde_json::from_str(
///     r#"{"schema": "sortie/problem/1", "currency": "USD", "budget": "0.00", "activities": [
///         {"id": "a", "response": {"modified_exponential": {"scale": 100, "rate": 0.02}}},
///         {"id": "b", "response": {"modified_exponential": {"scale": 60, "rate": 0.05}}}]}"#,
/// )?;
/// let usd = Currency::from_code("USD")?;
/// let budgets = ["5.00", "50.00", "100.00"].map(|text| Money::parse(text, usd).unwrap());
/// let points = frontier(&problem, &budgets)?;
/// assert!(points.windows(2).all(|pair| pair[0].shadow_price > pair[1].shadow_price));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ChangeError`]: a budget below zero or in another currency, or the first that is infeasible, with the amount
/// that it falls short of what is forced.
pub fn frontier(problem: &Problem, budgets: &[Money]) -> Result<Vec<FrontierPoint>, ChangeError> {
    let mut budgets = budgets.to_vec();
    budgets.sort_by_key(|budget| budget.minor());
    budgets.dedup();
    let mut points = Vec::with_capacity(budgets.len());
    let mut solved: Option<Solved> = None;
    for budget in budgets {
        let with = || problem.with_objective(Objective::Budget(budget));
        let answer = if problem.layout().is_none() {
            FrontierPoint::of(budget, &solve(&with()?)?)
        } else {
            let solved = match &mut solved {
                Some(solved) => {
                    solved.set_budget(budget)?;
                    solved
                }
                None => solved.insert(Solved::new(with()?)?),
            };
            FrontierPoint::of(budget, solved.allocation())
        };
        points.push(answer);
    }
    Ok(points)
}

impl FrontierPoint {
    fn of(budget: Money, answer: &Allocation) -> Self {
        Self {
            budget,
            spent: answer.spent(),
            value: answer.value(),
            bound: answer.bound(),
            shadow_price: answer.shadow_price(),
            status: answer.status(),
        }
    }
}

/// The whole path of menus under one budget: from the least that must be spent, one better option after another, in the
/// order of what each returns for a further currency unit.
///
/// At every point of the path its allocation is optimal for a budget of just its spend (Sinha & Zoltners 1979: there
/// the linear relaxation is whole). Between two points the best value lies between that of the lower one and
/// [`MenuPath::bound`]; [`solve`](super::solve()) finds it exactly.
///
/// ```
/// use sortie::allocate::{MenuPath, Problem};
/// let problem: Problem = serde_json::from_str(
///     r#"{"schema": "sortie/problem/1", "currency": "USD", "budget": "0.00", "activities": [
///         {"id": "Alice", "menu": [{"id": "A", "cost": "3.00", "value": 30}, {"id": "B", "cost": "6.00", "value": 10}]},
///         {"id": "Bob", "menu": [{"id": "A", "cost": "3.00", "value": 40}, {"id": "B", "cost": "6.00", "value": 50}]}]}"#,
/// )?;
/// let path = MenuPath::of(&problem)?.ok_or("only menus")?;
/// let values: Vec<f64> = path.points().map(|point| point.value).collect();
/// assert_eq!(values, [0.0, 40.0, 70.0, 80.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MenuPath {
    problem: Problem,
    /// The option of each activity at the start: 0 for none, `k` for the `k`-th by id.
    start: Vec<u32>,
    spent: Vec<i64>,
    value: Vec<f64>,
    /// For all points but the first.
    steps: Vec<Step>,
}

/// A change of option.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) activity: u32,
    /// 0 for none, `k` for the `k`-th by id.
    pub(super) option: u32,
    /// Value per minor unit.
    pub(super) slope: f64,
    /// Minor units more than the option before.
    pub(super) cost: i64,
    pub(super) before: f64,
    pub(super) after: f64,
}

/// The cheapest allocation of menus and all steps up from it.
pub(super) struct Steps {
    pub(super) start: Vec<u32>,
    pub(super) least: i128,
    pub(super) values: Vec<f64>,
    pub(super) up: Vec<Step>,
}

/// One point of a [`MenuPath`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MenuPathPoint<'a> {
    /// What is spent, and the budget for which this is optimal.
    pub spent: Money,
    /// What is reached, exact to rounding.
    pub value: f64,
    /// The activity that took a better option here, and the option; `None` at the start.
    pub step: Option<(&'a Id, &'a Id)>,
    /// What the step returned for a currency unit: the shadow price of budgets just below. Infinite at the start.
    pub price: f64,
}

impl MenuPath {
    /// The path of a problem; `None` unless every activity is a menu and the budget the only constraint. The objective
    /// does not matter. A path ends where a spend would exceed what [`Money`] holds.
    ///
    /// `O(options · log options)`.
    ///
    /// # Errors
    /// [`AllocateError::ValueOutOfRange`] if a total is beyond what a number can hold.
    pub fn of(problem: &Problem) -> Result<Option<Self>, AllocateError> {
        let Some(all) = discrete::path(problem) else {
            return Ok(None);
        };
        let mut total = ExactSum::new();
        all.values.iter().for_each(|value| total.add(*value));
        let mut path = Self {
            problem: problem.clone(),
            start: all.start,
            spent: Vec::with_capacity(all.up.len() + 1),
            value: Vec::with_capacity(all.up.len() + 1),
            steps: Vec::with_capacity(all.up.len()),
        };
        let mut spent = all.least;
        let push = |path: &mut Self, spent: i128, total: &ExactSum| {
            let Ok(spent) = i64::try_from(spent) else {
                return Ok(false);
            };
            let value = total.value();
            if !value.is_finite() {
                return Err(AllocateError::ValueOutOfRange);
            }
            path.spent.push(spent);
            path.value.push(value);
            Ok(true)
        };
        if !push(&mut path, spent, &total)? {
            return Ok(Some(path));
        }
        for step in all.up {
            spent += i128::from(step.cost);
            total.add(step.after);
            total.add(-step.before);
            if !push(&mut path, spent, &total)? {
                break;
            }
            path.steps.push(step);
        }
        Ok(Some(path))
    }

    /// The points, ascending in spend; the first is the least that must be spent.
    #[must_use]
    pub fn points(&self) -> impl ExactSizeIterator<Item = MenuPathPoint<'_>> + '_ {
        (0..self.spent.len()).map(|at| self.point(at))
    }

    fn point(&self, at: usize) -> MenuPathPoint<'_> {
        let currency = self.problem.currency();
        let step = at.checked_sub(1).and_then(|before| self.steps.get(before));
        MenuPathPoint {
            spent: Money::from_minor(self.spent[at], currency),
            value: self.value[at],
            step: step.and_then(|step| self.taken(step.activity, step.option)),
            price: step.map_or(f64::INFINITY, |step| step.slope * minor_units(currency)),
        }
    }

    /// What the path takes at a point, in the order of the activities' ids; `None` for no option. Empty if there is
    /// no such point. Linear in the activities and the steps before.
    #[must_use]
    pub fn options(&self, point: usize) -> Vec<(&Id, Option<&Id>)> {
        if point >= self.spent.len() {
            return Vec::new();
        }
        let mut taken = self.start.clone();
        for step in self.steps.iter().take(point) {
            taken[cast::usize_of_u32(step.activity)] = step.option;
        }
        let option = |(at, option): (u32, &u32)| {
            let activity = &self.problem.activities()[cast::usize_of_u32(at)];
            (activity.id(), self.taken(at, *option).map(|(_, id)| id))
        };
        (0..).zip(&taken).map(option).collect()
    }

    /// What no allocation of a budget can exceed, within rounding: straight between the points, flat after the last.
    /// `None` below the least spend, where nothing is feasible, and in another currency.
    #[must_use]
    pub fn bound(&self, budget: Money) -> Option<f64> {
        if budget.currency() != self.problem.currency() {
            return None;
        }
        let at = (self.spent)
            .partition_point(|spent| *spent <= budget.minor())
            .checked_sub(1)?;
        let more = cast::f64_of_i64(budget.minor() - self.spent[at]);
        let slope = self.steps.get(at).map_or(0.0, |step| step.slope);
        Some(self.value[at] + slope * more)
    }

    fn taken(&self, activity: u32, option: u32) -> Option<(&Id, &Id)> {
        let activity = self
            .problem
            .activities()
            .get(cast::usize_of_u32(activity))?;
        let place = cast::usize_of_u32(option).checked_sub(1)?;
        Some((
            activity.id(),
            activity.as_menu()?.options().get(place)?.id(),
        ))
    }
}

fn minor_units(currency: Currency) -> f64 {
    (0..currency.decimals()).fold(1.0, |units, _| units * 10.0)
}
