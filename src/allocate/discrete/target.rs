//! The least spend that reaches a target.
//!
//! Whether a budget can reach it is decided by the search of that budget. The linear relaxation's prices at one
//! budget bound the value at every other, so they skip all budgets that fall short; from where they fall short no
//! more, strides and halvings find the least budget that reaches. What shows that one grain of money less does not is
//! the certificate.

use crate::money::Money;
use crate::numeric::cast;

use super::super::activity::Kind;
use super::super::halving::middle;
use super::super::{AllocateError, Infeasible, Leaf, Prices, Problem};
use super::branch::{Ended, Limits, Progress};
use super::form::Form;
use super::{combine, compile, conclude, dual, leaf, together};

/// How far below the target a value still counts as reaching it, relative to the target: half the accuracy of values.
const REACH: f64 = 5e-13;

/// The end of the search.
pub(super) struct Reached {
    pub(super) spend: Vec<i64>,
    pub(super) value: Vec<f64>,
    pub(super) option: Vec<u32>,
    pub(super) total: f64,
    /// The least spend that is not shown to fall short, in minor units.
    pub(super) least: i64,
    pub(super) complete: bool,
    /// What shows that a grain less falls short.
    pub(super) prices: Prices,
    pub(super) leaves: Vec<Leaf>,
}

/// The search between a budget that falls short and one that reaches.
struct Range<'p> {
    problem: &'p Problem,
    goal: f64,
    limits: Limits,
    /// All spends are multiples of this.
    grain: i64,
    /// The greatest budget known to fall short.
    short: i64,
    /// Budgets to go up by, while the relaxation no longer says.
    stride: i64,
    enough: Enough,
    prices: Option<Prices>,
    leaves: Vec<Leaf>,
}

/// The cheapest answer so far that reaches the target.
struct Enough {
    spent: i64,
    spend: Vec<i64>,
    value: Vec<f64>,
    option: Vec<u32>,
    total: f64,
}

/// Finds the least spend that reaches the target.
///
/// # Errors
/// [`Infeasible`] with the most that can be reached, or the constraints that contradict each other.
pub(super) fn reach(
    problem: &Problem,
    target: f64,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> Result<Reached, AllocateError> {
    let goal = target - REACH * target.abs();
    let form = compile::form(problem, compile::UNLIMITED).map_err(AllocateError::Infeasible)?;
    let first = combine::search(&form, problem.tree(), Some(goal), limits, &mut |_, _| {
        progress(None, 0.0)
    });
    let Some(enough) = Enough::of(&form, &first, goal) else {
        return Err(out_of_reach(
            problem, &form, target, &first, limits, progress,
        ));
    };
    let grain = grain(problem);
    let forced = least(&form);
    let mut range = Range {
        problem,
        goal,
        limits: Limits {
            leaves: 0,
            ..left(limits, &first)
        },
        grain,
        short: (forced - 1).div_euclid(grain) * grain,
        stride: grain,
        enough,
        prices: None,
        leaves: Vec::new(),
    };
    let mut complete = true;
    while range.enough.spent - range.short > range.grain {
        let (in_hand, shown) = range.told();
        if !progress(Some(in_hand), shown) || !range.narrow(progress) {
            complete = false;
            break;
        }
    }
    if complete && range.prices.is_some() && range.leaves.is_empty() {
        range.limits.leaves = limits.leaves;
        range.prove();
    }
    let Range { enough, short, .. } = range;
    let nothing = || conclude::prices(problem, &form, &[]);
    Ok(Reached {
        spend: enough.spend,
        value: enough.value,
        option: enough.option,
        total: enough.total,
        least: (short + grain).clamp(0, enough.spent),
        complete,
        prices: range.prices.unwrap_or_else(nothing),
        leaves: range.leaves,
    })
}

impl Range<'_> {
    /// The least spend known to reach, and the least not known to fall short, in currency units.
    fn told(&self) -> (f64, f64) {
        let minor = cast::f64_of_i64(compile::minor_units(self.problem.currency()));
        let units = |amount: i64| cast::f64_of_i64(amount) / minor;
        (units(self.enough.spent), units(self.short + self.grain))
    }

    /// Decides one budget between; false if it cannot be decided.
    fn narrow(&mut self, progress: &mut Progress<'_>) -> bool {
        let budget = self.next();
        let Ok(form) = compile::form(self.problem, budget) else {
            self.falls_short(budget, None, Vec::new());
            return true;
        };
        let goal = self.goal;
        let (in_hand, shown) = self.told();
        let ended = combine::search(
            &form,
            self.problem.tree(),
            Some(goal),
            self.limits,
            &mut |_, _| progress(Some(in_hand), shown),
        );
        self.limits = left(self.limits, &ended);
        if let Some(enough) = Enough::of(&form, &ended, goal) {
            self.enough = enough;
            return true;
        }
        if !ended.complete {
            return false;
        }
        let prices = conclude::prices(self.problem, &form, &ended.prices);
        let leaves = leaf::leaves(self.problem, &form, &ended.leaves);
        // The next budget that these prices do not refuse; what can be afforded there must be refused too.
        let price = ended.prices.first().copied().unwrap_or(0.0);
        let reach = (goal - shown_by(self.problem, &form, &prices)) / price * (1.0 - 1e-9);
        let mut further = cast::i64_clamped(reach, 0, self.enough.spent);
        while further > 0 && !self.refused(budget.saturating_add(further), &prices) {
            further /= 4;
        }
        self.falls_short(budget.saturating_add(further), Some(prices), leaves);
        true
    }

    /// Whether prices show that a budget falls short.
    fn refused(&self, budget: i64, prices: &Prices) -> bool {
        let budget = budget.min(self.enough.spent - self.grain);
        let Ok(form) = compile::form(self.problem, budget) else {
            return true;
        };
        shown_by(self.problem, &form, prices) < self.goal
    }

    /// Decides again the greatest budget that falls short, for the sake of the leaves.
    fn prove(&mut self) {
        let Ok(form) = compile::form(self.problem, self.short) else {
            return;
        };
        let ended = combine::search(
            &form,
            self.problem.tree(),
            Some(self.goal),
            self.limits,
            &mut |_, _| true,
        );
        if ended.complete {
            self.prices = Some(conclude::prices(self.problem, &form, &ended.prices));
            self.leaves = leaf::leaves(self.problem, &form, &ended.leaves);
        }
    }

    /// A budget strictly between what falls short and what reaches, no further up than a stride.
    fn next(&self) -> i64 {
        let low = self.short;
        let next = middle(low, self.enough.spent).min(low.saturating_add(self.stride));
        let next = next.div_euclid(self.grain) * self.grain;
        next.max(low + self.grain)
    }

    fn falls_short(&mut self, budget: i64, prices: Option<Prices>, leaves: Vec<Leaf>) {
        let budget = budget.div_euclid(self.grain) * self.grain;
        self.short = budget.min(self.enough.spent - self.grain);
        self.stride = self.stride.saturating_mul(2);
        self.prices = prices;
        self.leaves = leaves;
    }
}

impl Enough {
    fn of(form: &Form<'_>, ended: &Ended, goal: f64) -> Option<Self> {
        let answer = ended
            .answer
            .as_ref()
            .filter(|answer| answer.value >= goal)?;
        let (spend, value, option) = conclude::lines(form, &answer.taken);
        let total: i128 = spend.iter().map(|each| i128::from(*each)).sum();
        Some(Self {
            spent: i64::try_from(total).ok()?,
            spend,
            value,
            option,
            total: answer.value,
        })
    }
}

/// The bound that prices show.
fn shown_by(problem: &Problem, form: &Form<'_>, prices: &Prices) -> f64 {
    let rows = conclude::row_prices(problem, form, prices);
    dual::evaluate(form, &form.spans(), &rows).bound
}

/// What is left of the limits after a search.
fn left(limits: Limits, ended: &Ended) -> Limits {
    Limits {
        nodes: limits.nodes.saturating_sub(ended.nodes),
        work: limits.work.saturating_sub(ended.work),
        ..limits
    }
}

/// Why the target is not reached even with all the money there is.
fn out_of_reach(
    problem: &Problem,
    form: &Form<'_>,
    target: f64,
    first: &Ended,
    limits: Limits,
    progress: &mut Progress<'_>,
) -> AllocateError {
    if !first.complete {
        return AllocateError::CutOff { work: first.nodes };
    }
    let most = combine::search(form, problem.tree(), None, limits, progress);
    AllocateError::Infeasible(match most.answer {
        None if most.complete => together(problem, form, &most.closest),
        Some(answer) if most.complete => Infeasible::Target {
            target,
            most: answer.value,
        },
        _ => Infeasible::Target {
            target,
            most: first.bound,
        },
    })
}

/// The least that the choices spend by themselves.
fn least(form: &Form<'_>) -> i64 {
    let least: i128 = form
        .choices
        .iter()
        .map(|choice| i128::from(choice.reach().0))
        .sum();
    i64::try_from(least).unwrap_or(0)
}

/// The greatest common divisor of all costs and steps, at least 1. Options that cannot be had count too: whoever checks the
/// proof need not know which these are.
fn grain(problem: &Problem) -> i64 {
    let gcd = |mut a: i64, mut b: i64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let activities = problem.activities().iter();
    let grain = activities.fold(0, |grain, activity| match activity.kind() {
        Kind::Menu(menu) => {
            let options = menu.options().iter();
            options.fold(grain, |grain, option| gcd(grain, option.cost().minor()))
        }
        Kind::Spending(terms) => gcd(grain, terms.step().map_or(1, Money::minor).max(1)),
    });
    grain.max(1)
}

#[cfg(test)]
mod tests;
