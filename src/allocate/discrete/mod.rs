//! Everything that a price alone cannot settle: menus, S-shaped curves, least spends, unequal steps, resources.

mod branch;
mod combine;
mod compile;
mod conclude;
mod cover;
mod dual;
mod form;
mod front;
mod group;
mod hull;
mod knapsack;
mod leaf;
mod lone;
mod master;
mod nest;
mod part;
mod repair;
mod rising;
mod settle;
mod slack;
mod slip;
mod split;
mod steps;
mod stock;
mod table;
mod target;
mod tighten;

use core::ops::ControlFlow;

use crate::numeric::cast;

use branch::Limits;
use conclude::Found;
use form::{Form, Kind, Limit, Span};
use repair::Answer;
use stock::{Listed, Stock};

use super::frontier::{Step, Steps};
use super::{
    AllocateError, Allocation, Infeasible, Leaf, Objective, Options, Prices, Problem, Progress,
};

/// The entry for every problem that is not a market of concave activities.
pub(super) fn solve(
    problem: &Problem,
    options: Options,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Allocation, AllocateError> {
    if let (Some(least), Objective::Budget(_)) =
        (compile::plain_least(problem), problem.objective())
    {
        return solve_menus(problem, least, options, progress);
    }
    let limits = limits(options);
    let (mut nodes, mut stopped) = (0, false);
    let mut ask = |value: Option<f64>, bound: f64| {
        nodes += 1;
        stopped = stopped || progress(&Progress::new(nodes, value, bound)).is_break();
        !stopped
    };
    if let Objective::Target(target) = problem.objective() {
        let reached = target::reach(problem, target, limits, &mut ask)?;
        return conclude::reached(problem, reached, stopped);
    }
    let budget = compile::budget_of(problem);
    let form = compile::form(problem, budget).map_err(AllocateError::Infeasible)?;
    let ended = combine::search(&form, problem.tree(), None, limits, &mut ask);
    let Some(answer) = ended.answer else {
        return Err(if ended.complete {
            AllocateError::Infeasible(together(problem, &form, &ended.closest))
        } else {
            AllocateError::CutOff { work: ended.nodes }
        });
    };
    let (spend, value, option) = conclude::lines(&form, &answer.taken);
    let prices = conclude::prices(problem, &form, &ended.prices);
    conclude::allocation(
        problem,
        Found {
            spend,
            value,
            option,
            total: answer.value,
            bound: ended.bound,
            complete: ended.complete,
            stopped,
            prices,
            leaves: leaf::leaves(problem, &form, &ended.leaves),
        },
    )
}

fn limits(options: Options) -> Limits {
    Limits {
        nodes: options.nodes_most(),
        work: options.nodes_most().saturating_mul(WORK_A_NODE),
        states: options.nodes_most().saturating_mul(STATES_A_NODE) / 10,
        rising: options.nodes_most().saturating_mul(SETS_A_NODE),
        leaves: LEAVES.min(options.nodes_most()),
        leaves_work: LEAVES_WORK,
    }
}

/// Nodes of a tree grown for its leaves alone, and those nodes times the choices.
const LEAVES: u64 = 2_000;
const LEAVES_WORK: u64 = 400_000;
/// A node stands for this much work, in units of about ten nanoseconds: the default limit ends a search in seconds.
const WORK_A_NODE: u64 = 300;
/// A node stands for this many sets of changes, which take nanoseconds each.
const SETS_A_NODE: u64 = 50;
/// A node stands for this many states of a table.
const STATES_A_NODE: u64 = 300;

/// Menus under a budget and nothing else.
fn solve_menus(
    problem: &Problem,
    least: i128,
    options: Options,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Allocation, AllocateError> {
    let budget = i128::from(compile::budget_of(problem));
    if least > budget {
        let whose = "required options".to_owned();
        let infeasible = compile::floors(whose, least, "budget", budget, problem.currency());
        return Err(AllocateError::Infeasible(infeasible));
    }
    let menus = Listed::within(problem.activities(), budget - least);
    let states = options.nodes_most().saturating_mul(STATES_A_NODE);
    let packing = knapsack::pack(&menus, budget, states);
    // The table is one step: the caller is told of its end, and can no longer stop it.
    let _ = progress(&Progress::new(1, Some(packing.value), packing.bound));
    let minor = cast::f64_of_i64(compile::minor_units(problem.currency()));
    let leaves = if packing.complete && menus.len() <= LEAVES_MENUS {
        leaves_of_menus(problem, &packing, options)
    } else {
        Vec::new()
    };
    let found = Found {
        spend: packing.taken.cost,
        value: packing.taken.value,
        option: packing.taken.place,
        total: packing.value,
        bound: packing.bound,
        complete: true,
        stopped: false,
        prices: Prices {
            budget: packing.price * minor,
            resources: Vec::new(),
            groups: Vec::new(),
        },
        leaves,
    };
    conclude::menus(problem, found, &packing.taken.is_open)
}

/// The cheapest choice of menus and every step up the hulls; `None` if more than money limits them.
pub(super) fn path(problem: &Problem) -> Option<Steps> {
    let least = compile::plain_least(problem)?;
    let menus = Listed::all(problem.activities());
    let (start, steps) = hull::path(&menus);
    let value = |menu: usize, place: u32| menus.pick(menu, place).value;
    let steps = steps.into_iter().map(|step| {
        let menu = cast::usize_of_u32(step.menu);
        Step {
            activity: step.menu,
            option: step.to,
            slope: step.slope,
            cost: step.cost,
            before: value(menu, step.from),
            after: value(menu, step.to),
        }
    });
    Some(Steps {
        up: steps.collect(),
        least,
        values: (start.iter().enumerate())
            .map(|(menu, place)| value(menu, *place))
            .collect(),
        start,
    })
}

/// Menus up to which a table's proof is grown anew as a tree, for the sake of its leaves.
const LEAVES_MENUS: usize = 200;

fn leaves_of_menus(problem: &Problem, packing: &knapsack::Packing, options: Options) -> Vec<Leaf> {
    let Ok(form) = compile::form(problem, compile::budget_of(problem)) else {
        return Vec::new();
    };
    let mut taken = Vec::with_capacity(form.choices.len());
    for (choice, place) in form.choices.iter().zip(&packing.taken.place) {
        let Some(at) = choice.place_of(*place) else {
            return Vec::new();
        };
        taken.push(at);
    }
    let answer = Answer {
        taken,
        value: packing.value,
    };
    let leaves = branch::leaves_of(&form, vec![packing.price], &answer, None, limits(options));
    leaf::leaves(problem, &form, &leaves)
}

/// What a whole search found impossible, with the constraints that the closest attempt exceeds.
fn together(problem: &Problem, form: &Form<'_>, closest: &[i64]) -> Infeasible {
    let sums = form.sums(closest);
    let minor = i128::from(compile::minor_units(problem.currency()));
    let mut names = Vec::new();
    let mut excess = Vec::new();
    for (row, sum) in form.rows.iter().zip(sums) {
        let money = |amount: i128| compile::shown(amount, problem.currency());
        // As the problem states it; the row may be tighter.
        let most = match row.limit {
            Limit::Budget => i128::from(compile::budget_of(problem)),
            Limit::Cap(at) => i128::from(problem.tree().cap[at]),
            Limit::Floor(at) => -i128::from(problem.tree().floor[at]),
            Limit::Resource(at) => i128::from(problem.resources()[at].limit().micros()) * minor,
        };
        let over = sum - most;
        let (name, amount) = match row.limit {
            Limit::Budget => ("budget".to_owned(), money(over)),
            Limit::Cap(at) => (
                format!("cap of group {:?}", problem.groups()[at].id().as_str()),
                money(over),
            ),
            Limit::Floor(at) => (
                format!("floor of group {:?}", problem.groups()[at].id().as_str()),
                money(over),
            ),
            Limit::Resource(at) => (
                format!("resource {:?}", problem.resources()[at].id().as_str()),
                compile::units_text(over, minor),
            ),
        };
        if over > 0 {
            excess.push(format!("{name} by {amount}"));
        }
        names.push(name);
    }
    Infeasible::Together {
        constraints: names.join(", "),
        detail: format!("the closest attempt misses {}", excess.join(" and ")),
    }
}

/// The least use of every row that the spans allow.
fn least_uses(form: &Form<'_>, spans: &[Span]) -> Vec<i128> {
    let mut least = vec![0_i128; form.rows.len()];
    let mut here = vec![0_i128; form.rows.len()];
    for (choice, span) in spans.iter().enumerate() {
        let mut lowest = vec![i128::MAX; form.rows.len()];
        let menu = matches!(form.choices[choice].kind, Kind::Menu { .. });
        let ends = [span.low, span.high];
        let zero = span.zero.then_some(0);
        let inner = menu.then_some(span.low..=span.high);
        for at in inner.into_iter().flatten().chain(ends).chain(zero) {
            here.fill(0);
            form.add_uses(choice, at, 1, &mut here);
            for (lowest, used) in lowest.iter_mut().zip(&here) {
                *lowest = (*lowest).min(*used);
            }
        }
        for (sum, lowest) in least.iter_mut().zip(lowest) {
            *sum = sum.saturating_add(lowest);
        }
    }
    least
}

#[cfg(test)]
mod made;
#[cfg(test)]
mod tests;
