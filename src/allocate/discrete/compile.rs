//! From the public problem to the form that is searched, and what cannot be kept from the outset.

use crate::money::{Currency, Money};
use crate::numeric::cast;

use super::super::activity::{Kind as PublicKind, Menu, Spending};
use super::super::error::Infeasible;
use super::super::tree::{ROOT, Tree};
use super::super::{Objective, Problem};
use super::form::{Choice, Form, Kind, Limit, Place, Row, Span};
use super::steps::Steps;

/// Minor units in one currency unit.
pub(super) fn minor_units(currency: Currency) -> i64 {
    (0..currency.decimals()).fold(1, |minor, _| minor * 10)
}

/// More than any spend: half of what sums of two still hold, twice over.
pub(super) const UNLIMITED: i64 = i64::MAX / 4;

/// The budget in minor units; a target has none.
pub(super) fn budget_of(problem: &Problem) -> i64 {
    match problem.objective() {
        Objective::Budget(budget) => budget.minor(),
        Objective::Target(_) => UNLIMITED,
    }
}

/// What required options spend at least, if money is the only constraint and every activity a menu.
pub(super) fn plain_least(problem: &Problem) -> Option<i128> {
    if !problem.groups().is_empty() || !problem.resources().is_empty() {
        return None;
    }
    let mut least = 0;
    for activity in problem.activities() {
        let menu = activity.as_menu()?;
        if menu.is_required() {
            let costs = menu.options().iter().map(|option| option.cost().minor());
            least += i128::from(costs.min().unwrap_or(0));
        }
    }
    Some(least)
}

/// The whole problem as choices and rows.
///
/// # Errors
/// [`Infeasible`] if floors and required options alone exceed a limit, or caps alone a floor.
pub(super) fn form(problem: &Problem, budget: i64) -> Result<Form<'_>, Infeasible> {
    let minor = minor_units(problem.currency());
    let tree = problem.tree();
    let ceilings = ceilings(tree, budget);
    let mut choices = Vec::with_capacity(problem.activities().len());
    for (place, activity) in problem.activities().iter().enumerate() {
        let group = tree.group_of(place);
        let ceiling = ceilings
            .get(cast::usize_of_u32(group))
            .copied()
            .unwrap_or(budget);
        let choice = match activity.kind() {
            PublicKind::Menu(menu) => menu_choice(problem, menu, minor),
            PublicKind::Spending(terms) => {
                let choice = curve_choice(problem, terms, minor, ceiling);
                let (floor, span) = (terms.floor().map_or(0, Money::minor), choice.span);
                if choice.spend(span.high) < floor {
                    return Err(floors(
                        format!("the floor of activity {:?}", activity.id().as_str()),
                        i128::from(floor),
                        &limit_of_ceiling(problem, group, ceiling, budget),
                        i128::from(ceiling),
                        problem.currency(),
                    ));
                }
                choice
            }
        };
        choices.push(choice);
    }
    check_tree(problem, &choices, budget)?;
    let grains = grains(tree, &choices);
    let mut form = Form {
        rows: Vec::new(),
        first_resource: 1,
        choices,
    };
    add_rows(problem, &mut form, budget, &grains);
    check_resources(problem, &form)?;
    // What the first pass drops is news to the second.
    super::tighten::tighten(&mut form, tree, budget);
    super::tighten::tighten(&mut form, tree, budget);
    // Some rows cannot bind any more.
    add_rows(problem, &mut form, budget, &grains);
    Ok(form)
}

/// The budget, the groups' caps and floors, and the resources.
fn add_rows(problem: &Problem, form: &mut Form<'_>, budget: i64, grains: &Grains) {
    let minor = minor_units(problem.currency());
    form.rows = vec![Row {
        limit: Limit::Budget,
        most: i128::from(budget),
    }];
    add_money_rows(problem, form);
    form.first_resource = form.rows.len();
    for (place, resource) in problem.resources().iter().enumerate() {
        let most = i128::from(resource.limit().micros()) * i128::from(minor);
        form.rows.push(Row {
            limit: Limit::Resource(place),
            most,
        });
    }
    debug_assert_eq!(form.resources(), problem.resources().len());
    for row in &mut form.rows {
        let grain = match row.limit {
            Limit::Budget => grains.all,
            Limit::Cap(at) | Limit::Floor(at) => grains.groups[at],
            Limit::Resource(_) => 0,
        };
        if grain > 0 {
            // Sums are whole multiples of it, so nothing is between: a tighter limit, and a nearer bound.
            row.most = row.most.div_euclid(grain) * grain;
        }
    }
}

/// The greatest common divisors of all that can be spent, in all and in each group; 0 where nothing can.
struct Grains {
    all: i128,
    groups: Vec<i128>,
}

fn grains(tree: &Tree, choices: &[Choice<'_>]) -> Grains {
    let mut groups = vec![0; tree.len()];
    let mut all = 0;
    for (place, choice) in choices.iter().enumerate() {
        let group = cast::usize_of_u32(tree.group_of(place));
        let grain = groups.get_mut(group).unwrap_or(&mut all);
        match &choice.kind {
            Kind::Menu { options, .. } => {
                for option in options {
                    if *grain != 1 {
                        *grain = common(*grain, i128::from(option.cost));
                    }
                }
            }
            Kind::Curve(steps) => *grain = common(*grain, i128::from(steps.step)),
        }
    }
    for at in tree
        .downwards
        .iter()
        .rev()
        .map(|at| cast::usize_of_u32(*at))
    {
        let own = groups[at];
        let above = groups
            .get_mut(cast::usize_of_u32(tree.parent[at]))
            .unwrap_or(&mut all);
        *above = common(*above, own);
    }
    Grains { all, groups }
}

fn common(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs()
}

/// For each group the least cap on the way to the root, the budget included.
fn ceilings(tree: &Tree, budget: i64) -> Vec<i64> {
    let mut ceilings = vec![budget; tree.len()];
    for at in tree.downwards.iter().map(|at| cast::usize_of_u32(*at)) {
        let above = tree.parent[at];
        let parent = if above == ROOT {
            budget
        } else {
            ceilings[cast::usize_of_u32(above)]
        };
        ceilings[at] = parent.min(tree.cap[at]);
    }
    ceilings
}

fn limit_of_ceiling(problem: &Problem, group: u32, ceiling: i64, budget: i64) -> String {
    let tree = problem.tree();
    let mut at = group;
    while at != ROOT {
        let place = cast::usize_of_u32(at);
        if tree.cap[place] == ceiling && ceiling < budget {
            return format!("cap of group {:?}", problem.groups()[place].id().as_str());
        }
        at = tree.parent[place];
    }
    "budget".to_owned()
}

fn menu_choice<'a>(problem: &'a Problem, menu: &'a Menu, minor: i64) -> Choice<'a> {
    let resources = problem.resources();
    let mut options = Vec::with_capacity(menu.options().len() + 1);
    let mut uses = Vec::with_capacity((menu.options().len() + 1) * resources.len());
    if !menu.is_required() {
        options.push(Place {
            cost: 0,
            value: 0.0,
            choice: 0,
        });
        uses.resize(resources.len(), 0);
    }
    for (choice, option) in (1..).zip(menu.options()) {
        options.push(Place {
            cost: option.cost().minor(),
            value: option.value(),
            choice,
        });
        for resource in resources {
            let amount = option
                .uses()
                .iter()
                .find(|(id, _)| id == resource.id())
                .map_or(0, |(_, amount)| amount.micros());
            uses.push(i128::from(amount) * i128::from(minor));
        }
    }
    let high = cast::i64_of_usize(options.len()) - 1;
    Choice {
        kind: Kind::Menu { options, uses },
        money: Vec::new(),
        span: Span::new(0, high),
    }
}

fn curve_choice<'a>(
    problem: &'a Problem,
    terms: &'a Spending,
    minor: i64,
    ceiling: i64,
) -> Choice<'a> {
    let step = terms.step().map_or(1, Money::minor).max(1);
    let uses = problem
        .resources()
        .iter()
        .map(|resource| {
            let amount = terms
                .uses_per_unit()
                .iter()
                .find(|(id, _)| id == resource.id())
                .map_or(0, |(_, amount)| amount.micros());
            i128::from(amount) * i128::from(step)
        })
        .collect();
    let most = terms.cap().map_or(ceiling, |cap| cap.minor().min(ceiling)) / step;
    let low = terms.floor().map_or(0, Money::minor) / step;
    let least = terms.minimum_if_any().map_or(0, Money::minor) / step;
    let span = if least > most {
        Span::only(0)
    } else if least > 1 {
        Span {
            low: least,
            high: most,
            zero: true,
        }
    } else {
        Span::new(low, most)
    };
    let kind = Kind::Curve(Steps::new(terms.curve(), step, minor, uses));
    Choice {
        kind,
        money: Vec::new(),
        span,
    }
}

/// Every group's cap and floor that could bind, and the rows that each choice enters.
fn add_money_rows(problem: &Problem, form: &mut Form<'_>) {
    let tree = problem.tree();
    let (least, most) = reach_of_groups(tree, &form.choices);
    let mut rows_of: Vec<Vec<(u32, i8)>> = vec![Vec::new(); tree.len()];
    for at in tree.downwards.iter().map(|at| cast::usize_of_u32(*at)) {
        let above = tree.parent[at];
        let mut rows = if above == ROOT {
            vec![(0, 1)]
        } else {
            rows_of[cast::usize_of_u32(above)].clone()
        };
        if i128::from(tree.cap[at]) < most[at] {
            rows.push((cast::u32_of_usize(form.rows.len()), 1));
            form.rows.push(Row {
                limit: Limit::Cap(at),
                most: i128::from(tree.cap[at]),
            });
        }
        if i128::from(tree.floor[at]) > least[at] {
            rows.push((cast::u32_of_usize(form.rows.len()), -1));
            form.rows.push(Row {
                limit: Limit::Floor(at),
                most: -i128::from(tree.floor[at]),
            });
        }
        rows_of[at] = rows;
    }
    for (place, choice) in form.choices.iter_mut().enumerate() {
        let group = tree.group_of(place);
        choice.money = rows_of
            .get(cast::usize_of_u32(group))
            .cloned()
            .unwrap_or_else(|| vec![(0, 1)]);
    }
}

/// The least and the most that the members of each group, and of the groups below, can spend by themselves.
fn reach_of_groups(tree: &Tree, choices: &[Choice<'_>]) -> (Vec<i128>, Vec<i128>) {
    let (mut least, mut most) = (vec![0_i128; tree.len()], vec![0_i128; tree.len()]);
    for (place, choice) in choices.iter().enumerate() {
        let group = cast::usize_of_u32(tree.group_of(place));
        if let (Some(least), Some(most)) = (least.get_mut(group), most.get_mut(group)) {
            let (low, high) = choice.reach();
            *least += i128::from(low);
            *most += i128::from(high);
        }
    }
    for at in tree
        .downwards
        .iter()
        .rev()
        .map(|at| cast::usize_of_u32(*at))
    {
        let above = cast::usize_of_u32(tree.parent[at]);
        if above < tree.len() {
            least[above] += least[at];
            most[above] += most[at];
        }
    }
    (least, most)
}

/// What floors and required options force against every cap and the budget, and what caps allow against floors.
fn check_tree(problem: &Problem, choices: &[Choice<'_>], budget: i64) -> Result<(), Infeasible> {
    let tree = problem.tree();
    let currency = problem.currency();
    let (mut forced, mut possible) = (vec![0_i128; tree.len()], vec![0_i128; tree.len()]);
    let mut total = 0_i128;
    for (place, choice) in choices.iter().enumerate() {
        let (low, high) = choice.reach();
        let group = cast::usize_of_u32(tree.group_of(place));
        match (forced.get_mut(group), possible.get_mut(group)) {
            (Some(forced), Some(possible)) => {
                *forced += i128::from(low);
                *possible += i128::from(high);
            }
            _ => total += i128::from(low),
        }
    }
    for at in tree
        .downwards
        .iter()
        .rev()
        .map(|at| cast::usize_of_u32(*at))
    {
        let name = problem.groups()[at].id().as_str();
        let (floor, cap) = (i128::from(tree.floor[at]), i128::from(tree.cap[at]));
        if possible[at] < floor {
            return Err(Infeasible::Caps {
                group: name.to_owned(),
                demanded: shown(floor, currency),
                possible: shown(possible[at], currency),
                shortfall: shown(floor - possible[at], currency),
            });
        }
        if forced[at] > cap {
            let limit = format!("cap of group {name:?}");
            let whose = format!("floors and required options in group {name:?}");
            return Err(floors(whose, forced[at], &limit, cap, currency));
        }
        forced[at] = forced[at].max(floor);
        possible[at] = possible[at].min(cap);
        let above = cast::usize_of_u32(tree.parent[at]);
        if above < tree.len() {
            forced[above] += forced[at];
            possible[above] += possible[at];
        } else {
            total += forced[at];
        }
    }
    if total > i128::from(budget) {
        let whose = "floors and required options".to_owned();
        return Err(floors(whose, total, "budget", i128::from(budget), currency));
    }
    Ok(())
}

pub(super) fn floors(
    whose: String,
    forced: i128,
    limit: &str,
    allowed: i128,
    currency: Currency,
) -> Infeasible {
    Infeasible::Floors {
        floors: whose,
        forced: shown(forced, currency),
        limit: limit.to_owned(),
        allowed: shown(allowed, currency),
        excess: shown(forced - allowed, currency),
    }
}

/// An amount that may be beyond what [`Money`] holds.
pub(super) fn shown(minor: i128, currency: Currency) -> String {
    i64::try_from(minor).map_or_else(
        |_| format!("{minor} minor units of {currency}"),
        |minor| Money::from_minor(minor, currency).to_string(),
    )
}

fn check_resources(problem: &Problem, form: &Form<'_>) -> Result<(), Infeasible> {
    let spans = form.spans();
    let least = super::least_uses(form, &spans);
    let minor = i128::from(minor_units(problem.currency()));
    for (row, least) in form.rows.iter().zip(least).skip(form.first_resource) {
        if let (Limit::Resource(place), true) = (row.limit, least > row.most) {
            let text = |amount: i128| units_text(amount, minor);
            return Err(Infeasible::Resource {
                resource: problem.resources()[place].id().to_string(),
                forced: text(least),
                limit: text(row.most),
                excess: text(least - row.most),
            });
        }
    }
    Ok(())
}

/// A resource amount that is exact in micro-units times minor units, as a decimal.
pub(super) fn units_text(amount: i128, minor: i128) -> String {
    let one = 1_000_000 * minor;
    let (whole, rest) = (amount / one, (amount % one).unsigned_abs());
    if rest == 0 {
        return whole.to_string();
    }
    let width = one.to_string().len() - 1;
    format!(
        "{whole}.{}",
        format!("{rest:0>width$}").trim_end_matches('0')
    )
}

#[cfg(test)]
mod tests;
