//! The checks at the door of a problem: every fault, each with its path, value and rule.

mod forest;

use crate::document::Fault;
use crate::id::Id;
use crate::money::{Currency, Money};
use crate::quantity::Quantity;

use super::activity::{Activity, Kind, Menu, MenuOption, Spending};
use super::problem::{Group, Objective, Problem, Resource};
use super::tree::Tree;

use forest::{check_bounds, check_references, plant};

/// The most groups from a root to a leaf: far beyond any organisation, and a bound on the work of a solve.
pub(super) const DEPTH_MOST: usize = 256;

/// What was handed in.
pub(super) struct Draft {
    pub(super) currency: Currency,
    pub(super) objective: Objective,
    pub(super) resources: Vec<Resource>,
    pub(super) activities: Vec<Activity>,
    pub(super) groups: Vec<Group>,
}

/// What came in: sorted by id, references resolved. Meaningless if there were faults.
pub(super) struct Admitted {
    pub(super) resources: Vec<Resource>,
    pub(super) activities: Vec<Activity>,
    pub(super) groups: Vec<Group>,
    pub(super) tree: Tree,
}

/// Checks everything, then sorts everything.
pub(super) fn admit(draft: Draft, faults: &mut Vec<Fault>) -> Admitted {
    let Draft {
        currency,
        objective,
        mut resources,
        mut activities,
        mut groups,
    } = draft;
    check_objective(currency, objective, faults);
    check_ids("resources", resources.iter().map(Resource::id), faults);
    check_ids("activities", activities.iter().map(Activity::id), faults);
    check_ids("groups", groups.iter().map(Group::id), faults);
    let known = Places::of(resources.iter().map(Resource::id));
    for (index, activity) in activities.iter().enumerate() {
        match activity.kind() {
            Kind::Spending(terms) => check_spending(index, terms, currency, &known, faults),
            Kind::Menu(menu) => check_menu(index, menu, currency, &known, faults),
        }
    }
    for (index, group) in groups.iter().enumerate() {
        check_bounds(index, group, currency, faults);
    }
    check_references(&activities, &groups, faults);
    if !faults.is_empty() {
        let tree = Tree::default();
        return Admitted {
            resources,
            activities,
            groups,
            tree,
        };
    }
    sort_unless_sorted(&mut resources, |resource| &resource.id);
    sort_unless_sorted(&mut activities, Activity::id);
    sort_unless_sorted(&mut groups, |group| &group.id);
    activities.iter_mut().for_each(sort_inside);
    for group in &mut groups {
        group.members.sort();
    }
    let tree = plant(&activities, &groups);
    Admitted {
        resources,
        activities,
        groups,
        tree,
    }
}

/// The objective alone.
pub(super) fn check_objective(currency: Currency, objective: Objective, faults: &mut Vec<Fault>) {
    match objective {
        Objective::Budget(budget) => {
            let _ = amount("budget", Some(budget), currency, faults);
        }
        Objective::Target(target) if !target.is_finite() => {
            faults.push(Fault::new(
                "target",
                format_args!("{target} is no finite number"),
            ));
        }
        Objective::Target(_) => {}
    }
}

/// One activity that is to take the place of another in a problem: checks it, then sorts it inside.
pub(super) fn admit_activity(
    problem: &Problem,
    position: usize,
    activity: &mut Activity,
    faults: &mut Vec<Fault>,
) {
    let known = Places::of(problem.resources().iter().map(Resource::id));
    let currency = problem.currency();
    match activity.kind() {
        Kind::Spending(terms) => check_spending(position, terms, currency, &known, faults),
        Kind::Menu(menu) => check_menu(position, menu, currency, &known, faults),
    }
    sort_inside(activity);
}

fn sort_unless_sorted<T>(items: &mut [T], id: impl Fn(&T) -> &Id) {
    if !items.is_sorted_by(|a, b| id(a) <= id(b)) {
        items.sort_by(|a, b| id(a).cmp(id(b)));
    }
}

fn sort_inside(activity: &mut Activity) {
    match activity.kind_mut() {
        Kind::Spending(terms) => terms.uses_per_unit.sort(),
        Kind::Menu(menu) => {
            menu.options.sort_by(|a, b| a.id.cmp(&b.id));
            for option in &mut menu.options {
                option.uses.sort();
            }
        }
    }
}

/// Each id once.
fn check_ids<'a>(
    list: &str,
    ids: impl ExactSizeIterator<Item = &'a Id> + Clone,
    faults: &mut Vec<Fault>,
) {
    if ids.clone().is_sorted_by(|a, b| a < b) {
        return;
    }
    let places = Places::of(ids.clone());
    for (index, id) in ids.enumerate() {
        if let Some(first) = places.find(id).filter(|first| *first < index) {
            faults.push(Fault::new(
                format!("{list}[{index}].id"),
                format_args!(
                    "{:?} is the id of {list}[{first}] already; ids must differ",
                    id.as_str()
                ),
            ));
        }
    }
}

/// Where ids stand in a list, in their own order: no hashing, and walks in order cost next to nothing.
struct Places<'a> {
    /// Ascending by id, then by place.
    sorted: Vec<(&'a Id, usize)>,
}

impl<'a> Places<'a> {
    fn of(ids: impl Iterator<Item = &'a Id>) -> Self {
        let mut sorted: Vec<(&Id, usize)> = ids.zip(0..).collect();
        if !sorted.is_sorted() {
            sorted.sort_unstable();
        }
        Self { sorted }
    }

    /// The place of an id, the first if it is repeated.
    fn find(&self, id: &Id) -> Option<usize> {
        self.find_from(id, &mut 0)
    }

    /// As [`Places::find`], searching outwards from where the last search of a walk ended.
    fn find_from(&self, id: &Id, walk: &mut usize) -> Option<usize> {
        let behind = |entry: &(&Id, usize)| entry.0 < id;
        let mut low = *walk;
        if !low
            .checked_sub(1)
            .and_then(|at| self.sorted.get(at))
            .is_none_or(behind)
        {
            low = 0;
        }
        let mut reach = 1;
        let mut high = low;
        while self.sorted.get(high).is_some_and(behind) {
            low = high + 1;
            high += reach;
            reach *= 2;
        }
        let rest = self
            .sorted
            .get(low..high.min(self.sorted.len()))
            .unwrap_or_default();
        *walk = low + rest.partition_point(behind);
        self.sorted
            .get(*walk)
            .filter(|entry| entry.0 == id)
            .map(|entry| entry.1)
    }
}

/// An amount of at least zero in the problem's currency; its minor units.
fn amount(
    path: &str,
    money: Option<Money>,
    currency: Currency,
    faults: &mut Vec<Fault>,
) -> Option<i64> {
    let money = money?;
    if money.currency() != currency {
        let rule = format_args!("{money} is not in {currency}, the currency of the problem");
        faults.push(Fault::new(path, rule));
        return None;
    }
    if money.is_negative() {
        let rule = format_args!("{money} is below zero; amounts are at least 0");
        faults.push(Fault::new(path, rule));
        return None;
    }
    Some(money.minor())
}

fn check_spending(
    index: usize,
    terms: &Spending,
    currency: Currency,
    known: &Places<'_>,
    faults: &mut Vec<Fault>,
) {
    // The usual activity has no faults: paths are written only for those that state an amount.
    let mut stated = |key: &str, money: Option<Money>| {
        money.and_then(|_| {
            amount(
                &format!("activities[{index}].{key}"),
                money,
                currency,
                faults,
            )
        })
    };
    let floor = stated("floor", terms.floor);
    let cap = stated("cap", terms.cap);
    let minimum = stated("minimum_if_any", terms.minimum_if_any);
    let step = stated("step", terms.step);
    let mut refuse = |key: &str, rule: String| {
        faults.push(Fault::new(format!("activities[{index}].{key}"), rule));
    };
    let shown = |minor: i64| Money::from_minor(minor, currency).amount_text();
    if let (Some(floor), Some(cap)) = (floor, cap) {
        if floor > cap {
            let text = format!("{} is above the cap {}", shown(floor), shown(cap));
            refuse("floor", text);
        }
    }
    if let (Some(minimum), Some(cap)) = (minimum, cap) {
        if minimum > cap {
            let text = format!("{} is above the cap {}", shown(minimum), shown(cap));
            refuse("minimum_if_any", text);
        }
    }
    if let (Some(floor), Some(_)) = (floor, minimum) {
        if floor > 0 {
            let text = format!(
                "{} stands beside minimum_if_any; the floor must then be 0",
                shown(floor)
            );
            refuse("floor", text);
        }
    }
    if let Some(step) = step {
        if step == 0 {
            refuse("step", "0 is no step; it must be above 0".to_owned());
        } else {
            for (key, stated) in [("floor", floor), ("cap", cap), ("minimum_if_any", minimum)] {
                if let Some(minor) = stated.filter(|minor| minor % step != 0) {
                    let text = format!(
                        "{} is no whole multiple of the step {}",
                        shown(minor),
                        shown(step)
                    );
                    refuse(key, text);
                }
            }
        }
    }
    let path = |_: usize| format!("activities[{index}].uses_per_unit");
    check_uses(&terms.uses_per_unit, known, path, faults);
}

fn check_menu(
    index: usize,
    menu: &Menu,
    currency: Currency,
    known: &Places<'_>,
    faults: &mut Vec<Fault>,
) {
    if menu.required && menu.options.is_empty() {
        faults.push(Fault::new(
            format!("activities[{index}].menu"),
            "no options, but one is required; give at least one",
        ));
    }
    let list = format!("activities[{index}].menu");
    check_ids(&list, menu.options.iter().map(MenuOption::id), faults);
    for (position, option) in menu.options.iter().enumerate() {
        let _ = amount(
            &format!("{list}[{position}].cost"),
            Some(option.cost),
            currency,
            faults,
        );
        if !option.value.is_finite() {
            faults.push(Fault::new(
                format!("{list}[{position}].value"),
                format_args!("{} is no finite number", option.value),
            ));
        }
        let path = |_: usize| format!("{list}[{position}].uses");
        check_uses(&option.uses, known, path, faults);
    }
}

fn check_uses(
    uses: &[(Id, Quantity)],
    known: &Places<'_>,
    path: impl Fn(usize) -> String,
    faults: &mut Vec<Fault>,
) {
    for (position, (id, _)) in uses.iter().enumerate() {
        if known.find(id).is_none() {
            faults.push(Fault::new(
                format!("{}.{id}", path(position)),
                format_args!(
                    "{:?} is no resource of the problem; declare it under resources",
                    id.as_str()
                ),
            ));
        }
        if uses.iter().take(position).any(|(other, _)| other == id) {
            faults.push(Fault::new(
                format!("{}.{id}", path(position)),
                format_args!("{:?} is given twice", id.as_str()),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
