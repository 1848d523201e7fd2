//! Feasibility and figures: what the answer says, against what its spends give.

use crate::allocate::{Activity, Allocation, Line, Problem};
use crate::id::Id;
use crate::money::Money;
use crate::numeric::cast::{f64_of_i64, i64_of_usize};

use super::Refusal;
use super::bound::{Point, Sum};
use super::formula::Range;
use super::model::{Domain, Model, Offer};

/// The accuracy of a value, relative to its parts: that of evaluating a curve twice by different formulas.
pub(super) const ACCURACY: f64 = 1e-12;
/// Millionths in one unit of a resource.
const MICROS: i128 = 1_000_000;

/// Checks everything that needs no prices, and returns the allocation in the checker's own terms.
pub(super) fn check(
    problem: &Problem,
    model: &Model<'_>,
    answer: &Allocation,
) -> Result<Point, Refusal> {
    same_ids(
        "activities",
        problem.activities().iter().map(Activity::id),
        answer.lines().map(|line| line.id),
    )?;
    same_ids(
        "groups",
        problem
            .groups()
            .iter()
            .map(super::super::problem::Group::id),
        answer.groups().iter().map(|g| &g.id),
    )?;
    same_ids(
        "resources",
        problem
            .resources()
            .iter()
            .map(super::super::problem::Resource::id),
        answer.resources().iter().map(|r| &r.id),
    )?;
    let mut point = Point::nothing(model);
    let mut value = Sum::default();
    let mut size = Sum::default();
    for ((activity, domain), line) in problem
        .activities()
        .iter()
        .zip(&model.activities)
        .zip(answer.lines())
    {
        let at = place(activity, domain, &line)?;
        point.take(model, domain, at, line.spend.minor());
        let own = domain.value(at);
        let label = || format!("value of activity {:?}", line.id.as_str());
        same_figure(label, line.value, own, domain.size(at))?;
        value.add(own);
        size.add(domain.size(at));
    }
    point.value = value.value();
    point.size = size.value();
    same_figure(
        || "value".to_owned(),
        answer.value(),
        point.value,
        size.value(),
    )?;
    check_limits(problem, model, &point)?;
    check_stated(problem, model, answer, &point)?;
    Ok(point)
}

fn same_ids<'a>(
    list: &'static str,
    wanted: impl Iterator<Item = &'a Id>,
    found: impl Iterator<Item = &'a Id>,
) -> Result<(), Refusal> {
    let (mut wanted, mut found) = (wanted, found);
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return Ok(()),
            (Some(a), Some(b)) if a == b => {}
            (wanted, found) => {
                let text = |id: Option<&Id>| id.map_or("nothing".to_owned(), Id::to_string);
                return Err(Refusal::Mismatch {
                    list,
                    found: text(found),
                    wanted: text(wanted),
                });
            }
        }
    }
}

/// The count of steps, or the choice, that a line states.
fn place(activity: &Activity, domain: &Domain<'_>, line: &Line<'_>) -> Result<i64, Refusal> {
    let refuse = |fault: String| Refusal::Unlawful {
        activity: activity.id().to_string(),
        fault,
    };
    let spend = line.spend;
    match (&domain.offer, activity.as_menu()) {
        (Offer::Menu { choices, first }, Some(menu)) => {
            let number = match line.option {
                None => 0,
                Some(id) => menu
                    .options()
                    .iter()
                    .position(|option| option.id() == id)
                    .map(|at| i64_of_usize(at + 1))
                    .ok_or_else(|| refuse(format!("takes {id:?}, which is not on its menu")))?,
            };
            if number < *first {
                return Err(refuse("takes no option, but one is required".to_owned()));
            }
            let cost = usize::try_from(number)
                .ok()
                .and_then(|at| choices.get(at))
                .map(|c| c.cost);
            if cost != Some(spend.minor()) {
                return Err(refuse(format!(
                    "spends {spend}, which is not the cost of its option"
                )));
            }
            Ok(number)
        }
        (
            Offer::Steps {
                formula,
                low,
                or_nothing,
                ..
            },
            _,
        ) => {
            if line.option.is_some() {
                return Err(refuse("takes an option, but has no menu".to_owned()));
            }
            let minor = spend.minor();
            if minor % formula.step != 0 {
                return Err(refuse(format!(
                    "spends {spend}, which is no whole multiple of its step"
                )));
            }
            let count = minor / formula.step;
            if count < *low && !(*or_nothing && count == 0) {
                return Err(refuse(format!("spends {spend}, less than it must")));
            }
            let cap = activity
                .as_spending()
                .and_then(super::super::activity::Spending::cap);
            if cap.is_some_and(|cap| minor > cap.minor()) {
                return Err(refuse(format!("spends {spend}, more than its cap")));
            }
            Ok(count)
        }
        (Offer::Menu { .. }, None) => Err(refuse("is no menu".to_owned())),
    }
}

impl Point {
    fn nothing(model: &Model<'_>) -> Self {
        Self {
            at: Vec::with_capacity(model.activities.len()),
            spent: 0,
            value: 0.0,
            size: 0.0,
            group_spent: vec![0; model.groups.len()],
            used: vec![0; model.limits.len()],
        }
    }

    /// The first of each activity's places, together; they need not keep the limits.
    pub(super) fn least(model: &Model<'_>, places: impl Fn(usize) -> Range) -> Self {
        let mut point = Self::nothing(model);
        let (mut value, mut size) = (Sum::default(), Sum::default());
        for (number, domain) in model.activities.iter().enumerate() {
            let (at, minor) = domain.offer.first_of(places(number));
            point.take(model, domain, at, minor);
            value.add(domain.value(at));
            size.add(domain.size(at));
        }
        point.value = value.value();
        point.size = size.value();
        point
    }

    fn take(&mut self, model: &Model<'_>, domain: &Domain<'_>, at: i64, minor: i64) {
        self.at.push(at);
        // Totals that do not fit are far over any limit, and saturation keeps them there.
        self.spent = self.spent.saturating_add(minor);
        for group in model.places_above(domain.group) {
            if let Some(spent) = self.group_spent.get_mut(group) {
                *spent = spent.saturating_add(minor);
            }
        }
        for (resource, amount) in domain.used(at, minor, model.scale) {
            if let Some(used) = self.used.get_mut(resource) {
                *used = used.saturating_add(amount);
            }
        }
    }
}

impl Domain<'_> {
    fn value(&self, at: i64) -> f64 {
        match &self.offer {
            Offer::Steps { formula, .. } => formula.value(at),
            Offer::Menu { choices, .. } => usize::try_from(at)
                .ok()
                .and_then(|at| choices.get(at))
                .map_or(0.0, |choice| choice.value),
        }
    }

    /// The size of the parts that a value is made of: a curve may start below zero and end near it.
    fn size(&self, at: i64) -> f64 {
        match &self.offer {
            Offer::Steps { formula, .. } => formula.value(0).abs() + formula.rise(0, at).abs(),
            Offer::Menu { .. } => self.value(at).abs(),
        }
    }

    /// What a place uses, by resource, in millionths times the minor units in a currency unit: exact.
    fn used(&self, at: i64, minor: i64, scale: i64) -> Vec<(usize, i128)> {
        let (uses, times) = match &self.offer {
            Offer::Steps { uses, .. } => (Some(uses), minor),
            Offer::Menu { choices, .. } => {
                let choice = usize::try_from(at).ok().and_then(|at| choices.get(at));
                (choice.map(|choice| &choice.uses), scale)
            }
        };
        uses.into_iter()
            .flatten()
            .map(|&(at, micros)| (at, i128::from(micros) * i128::from(times)))
            .collect()
    }
}

/// Stated and recomputed agree to the accuracy of evaluation; NaN never does.
fn same_figure(
    figure: impl FnOnce() -> String,
    stated: f64,
    recomputed: f64,
    size: f64,
) -> Result<(), Refusal> {
    if (stated - recomputed).abs() <= ACCURACY * size {
        return Ok(());
    }
    Err(Refusal::Misstated {
        figure: figure(),
        stated: stated.to_string(),
        recomputed: recomputed.to_string(),
    })
}

fn check_limits(problem: &Problem, model: &Model<'_>, point: &Point) -> Result<(), Refusal> {
    let shown = |minor: i64| Money::from_minor(minor, problem.currency()).to_string();
    let broken = |constraint: String, spent: i64, limit: i64| {
        Err(Refusal::Broken {
            constraint,
            spent: shown(spent),
            limit: shown(limit),
        })
    };
    if let Some(budget) = model.budget.filter(|budget| point.spent > *budget) {
        return broken("budget".to_owned(), point.spent, budget);
    }
    let groups = problem
        .groups()
        .iter()
        .zip(&model.groups)
        .zip(&point.group_spent);
    for ((group, node), &spent) in groups {
        let id = group.id().as_str();
        if spent < node.floor {
            return broken(format!("floor of group {id:?}"), spent, node.floor);
        }
        if let Some(cap) = node.cap.filter(|cap| spent > *cap) {
            return broken(format!("cap of group {id:?}"), spent, cap);
        }
    }
    for ((resource, limit), used) in problem
        .resources()
        .iter()
        .zip(&model.limits)
        .zip(&point.used)
    {
        if used > limit {
            return Err(Refusal::Broken {
                constraint: format!("limit of resource {:?}", resource.id().as_str()),
                spent: decimal(*used, MICROS * i128::from(model.scale)),
                limit: resource.limit().to_string(),
            });
        }
    }
    if let Some(target) = model.target {
        if point.value < target - ACCURACY * target.abs() {
            return Err(Refusal::Broken {
                constraint: "target".to_owned(),
                spent: point.value.to_string(),
                limit: target.to_string(),
            });
        }
    }
    Ok(())
}

/// An amount of at least zero as a decimal; `one` of it, a power of ten, make a whole.
fn decimal(amount: i128, one: i128) -> String {
    let digits = (one + amount % one).to_string();
    let rest = digits.get(1..).unwrap_or_default().trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{}{point}{rest}", amount / one)
}

/// The totals that the answer repeats.
fn check_stated(
    problem: &Problem,
    model: &Model<'_>,
    answer: &Allocation,
    point: &Point,
) -> Result<(), Refusal> {
    let currency = problem.currency();
    let same = |figure: String, stated: Option<Money>, minor: Option<i64>| {
        let recomputed = minor.map(|minor| Money::from_minor(minor, currency));
        if stated == recomputed {
            return Ok(());
        }
        let text = |money: Option<Money>| money.map_or("absent".to_owned(), |m| m.to_string());
        Err(Refusal::Misstated {
            figure,
            stated: text(stated),
            recomputed: text(recomputed),
        })
    };
    same("spent".to_owned(), Some(answer.spent()), Some(point.spent))?;
    let unspent = model.budget.map(|budget| budget - point.spent);
    same("unspent".to_owned(), answer.unspent(), unspent)?;
    for (line, &spent) in answer.groups().iter().zip(&point.group_spent) {
        let figure = format!("spent of group {:?}", line.id.as_str());
        same(figure, Some(line.spent), Some(spent))?;
    }
    for (line, &used) in answer.resources().iter().zip(&point.used) {
        // Shown to a millionth, rounded up.
        let scale = i128::from(model.scale);
        let micros = used.div_euclid(scale) + i128::from(used.rem_euclid(scale) != 0);
        if i128::from(line.used.micros()) != micros {
            return Err(Refusal::Misstated {
                figure: format!("used of resource {:?}", line.id.as_str()),
                stated: line.used.to_string(),
                recomputed: format!("{micros} millionths"),
            });
        }
    }
    check_gap(model, answer, point)
}

/// `gap` is the distance of the answer from its bound, and not negative.
fn check_gap(model: &Model<'_>, answer: &Allocation, point: &Point) -> Result<(), Refusal> {
    let (bound, gap) = (answer.bound(), answer.gap());
    // Both are differences of rounded totals, as exact as the larger total.
    let (distance, size) = if model.target.is_some() {
        let spent = f64_of_i64(point.spent) / f64_of_i64(model.scale);
        (spent - bound, spent.abs().max(bound.abs()))
    } else {
        let value = answer.value();
        (bound - value, value.abs().max(bound.abs()))
    };
    if gap < 0.0 {
        return Err(Refusal::Misstated {
            figure: "gap".to_owned(),
            stated: gap.to_string(),
            recomputed: "at least 0".to_owned(),
        });
    }
    same_figure(|| "gap".to_owned(), gap, distance.max(0.0), size)
}

#[cfg(test)]
mod tests;
