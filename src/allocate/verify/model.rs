//! The problem as the checker reads it: from the public accessors, into integers of its own.

use std::collections::BTreeMap;

use crate::allocate::{Activity, Kind, Objective, Problem};
use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;

use super::bound::whole_above;
use super::formula::{Formula, Range};

/// A problem in minor units. Positions are those of the problem's own lists.
#[derive(Debug)]
pub(super) struct Model<'a> {
    /// Minor units in a currency unit.
    pub(super) scale: i64,
    pub(super) budget: Option<i64>,
    pub(super) target: Option<f64>,
    pub(super) activities: Vec<Domain<'a>>,
    pub(super) groups: Vec<Node>,
    /// Limits in millionths, times `scale`: the finest amount that a spend can use.
    pub(super) limits: Vec<i128>,
    /// The greatest common divisor of all that can be spent; 0 if nothing can.
    pub(super) grain: i64,
    /// The least that can be spent in all.
    pub(super) forced: i64,
}

/// A group.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) floor: i64,
    pub(super) cap: Option<i64>,
    pub(super) parent: Option<usize>,
    /// The greatest common divisor of what its members can spend; 0 if it has none.
    pub(super) grain: i64,
}

/// What one activity may do.
#[derive(Debug)]
pub(super) struct Domain<'a> {
    pub(super) group: Option<usize>,
    pub(super) offer: Offer<'a>,
}

#[derive(Debug)]
pub(super) enum Offer<'a> {
    /// Counts of steps: `low` to `high`, and 0 besides if `or_nothing`.
    Steps {
        formula: Formula<'a>,
        low: i64,
        high: i64,
        or_nothing: bool,
        /// By resource: millionths per currency unit.
        uses: Vec<(usize, u64)>,
    },
    /// Choices from 0, which is none, or from 1 if one is required.
    Menu { choices: Vec<Choice>, first: i64 },
}

/// One entry of a menu; choice 0 is the empty one.
#[derive(Debug)]
pub(super) struct Choice {
    /// Whether some allocation can have it.
    pub(super) open: bool,
    pub(super) cost: i64,
    pub(super) value: f64,
    /// By resource: millionths.
    pub(super) uses: Vec<(usize, u64)>,
}

impl<'a> Model<'a> {
    pub(super) fn of(problem: &'a Problem) -> Self {
        let scale = problem.currency().minor_per_unit();
        let (budget, target) = match problem.objective() {
            Objective::Budget(budget) => (Some(budget.minor()), None),
            Objective::Target(target) => (None, Some(target)),
        };
        let mut model = Model {
            scale,
            budget,
            target,
            activities: Vec::with_capacity(problem.activities().len()),
            groups: groups(problem),
            limits: Vec::new(),
            grain: 0,
            forced: 0,
        };
        let wide = |amount: Quantity| i128::from(amount.micros()) * i128::from(scale);
        model.limits = problem
            .resources()
            .iter()
            .map(|resource| wide(resource.limit()))
            .collect();
        let resources: BTreeMap<&Id, usize> = problem
            .resources()
            .iter()
            .zip(0..)
            .map(|(r, at)| (r.id(), at))
            .collect();
        let homes: BTreeMap<&Id, usize> = problem
            .groups()
            .iter()
            .zip(0..)
            .flat_map(|(group, at)| group.members().iter().map(move |member| (member, at)))
            .collect();
        for activity in problem.activities() {
            let group = homes.get(activity.id()).copied();
            let reach = model.reach(group);
            let offer = offer(activity, scale, reach, &resources);
            model.spread_grain(group, offer.grain());
            model.activities.push(Domain { group, offer });
        }
        model.forced = model.forced_spend();
        model
    }

    /// The most that any member of a group could spend.
    fn reach(&self, group: Option<usize>) -> i64 {
        self.above(group)
            .filter_map(|node| node.cap)
            .fold(self.budget.unwrap_or(i64::MAX), i64::min)
    }

    fn spread_grain(&mut self, group: Option<usize>, grain: i64) {
        self.grain = gcd(self.grain, grain);
        let mut next = group;
        while let Some(node) = next.and_then(|at| self.groups.get_mut(at)) {
            node.grain = gcd(node.grain, grain);
            next = node.parent;
        }
    }

    /// The least that can be spent in all: by the floors of activities and of groups.
    fn forced_spend(&self) -> i64 {
        let mut inside = vec![0_i64; self.groups.len()];
        let mut total = 0_i64;
        for domain in &self.activities {
            let least = domain.offer.least();
            match domain.group.and_then(|at| inside.get_mut(at)) {
                Some(sum) => *sum = sum.saturating_add(least),
                None => total = total.saturating_add(least),
            }
        }
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by_cached_key(|at| core::cmp::Reverse(self.places_above(Some(*at)).count()));
        for at in order {
            let Some(node) = self.groups.get(at) else {
                continue;
            };
            let floor = whole_above(node.floor, node.grain);
            let need = inside.get(at).copied().unwrap_or(0).max(floor);
            match node.parent.and_then(|parent| inside.get_mut(parent)) {
                Some(sum) => *sum = sum.saturating_add(need),
                None => total = total.saturating_add(need),
            }
        }
        total
    }

    /// A group and those it is part of, innermost first.
    pub(super) fn above(&self, group: Option<usize>) -> impl Iterator<Item = &Node> {
        core::iter::successors(group.and_then(|at| self.groups.get(at)), |node| {
            node.parent.and_then(|at| self.groups.get(at))
        })
    }

    /// The positions of a group and of those it is part of, innermost first.
    pub(super) fn places_above(&self, group: Option<usize>) -> impl Iterator<Item = usize> {
        core::iter::successors(group, |at| {
            self.groups.get(*at).and_then(|node| node.parent)
        })
    }
}

fn groups(problem: &Problem) -> Vec<Node> {
    let places: BTreeMap<&Id, usize> = problem
        .groups()
        .iter()
        .zip(0..)
        .map(|(group, at)| (group.id(), at))
        .collect();
    problem
        .groups()
        .iter()
        .map(|group| Node {
            floor: group.floor().map_or(0, Money::minor),
            cap: group.cap().map(Money::minor),
            parent: group
                .parent()
                .and_then(|parent| places.get(parent).copied()),
            grain: 0,
        })
        .collect()
}

fn offer<'a>(
    activity: &'a Activity,
    scale: i64,
    reach: i64,
    resources: &BTreeMap<&Id, usize>,
) -> Offer<'a> {
    let uses = |uses: &[(Id, Quantity)]| {
        uses.iter()
            .filter_map(|(id, amount)| Some((*resources.get(id)?, amount.micros())))
            .collect()
    };
    match activity.kind() {
        Kind::Spending(terms) => {
            let step = terms.step().map_or(1, Money::minor).max(1);
            let steps = |money: Option<Money>, none: i64| money.map_or(none, |m| m.minor() / step);
            let minimum = steps(terms.minimum_if_any(), 0);
            Offer::Steps {
                formula: Formula {
                    curve: terms.curve(),
                    step,
                    scale,
                },
                low: steps(terms.floor(), 0).max(minimum),
                high: steps(terms.cap(), i64::MAX / step).min(reach / step),
                or_nothing: minimum > 0,
                uses: uses(terms.uses_per_unit()),
            }
        }
        Kind::Menu(menu) => {
            let choices = menu.options().iter().map(|option| Choice {
                open: true,
                cost: option.cost().minor(),
                value: option.value(),
                uses: uses(option.uses()),
            });
            Offer::Menu {
                choices: core::iter::once(Choice::EMPTY).chain(choices).collect(),
                first: i64::from(menu.is_required()),
            }
        }
    }
}

impl Offer<'_> {
    fn grain(&self) -> i64 {
        match self {
            Self::Steps { formula, .. } => formula.step,
            Self::Menu { choices, .. } => {
                choices.iter().fold(0, |sum, choice| gcd(sum, choice.cost))
            }
        }
    }

    /// The least spend, in minor units.
    pub(super) fn least(&self) -> i64 {
        match self {
            Self::Steps {
                or_nothing: true, ..
            } => 0,
            Self::Steps { formula, low, .. } => low.saturating_mul(formula.step),
            Self::Menu { choices, first } => {
                let costs = open_choices(choices, *first).map(|choice| choice.cost);
                costs.min().unwrap_or(0)
            }
        }
    }

    /// The places of the lawful choices, counted without gaps: for steps, 0 is nothing where nothing is
    /// lawful besides a least spend.
    pub(super) fn places(&self) -> Range {
        match self {
            Self::Steps {
                low,
                high,
                or_nothing: false,
                ..
            } => Range {
                low: *low,
                high: *high,
            },
            Self::Steps {
                low,
                high,
                or_nothing: true,
                ..
            } => Range {
                low: 0,
                high: (high - low + 1).max(0),
            },
            Self::Menu { choices, first } => {
                let last = i64::try_from(choices.len()).unwrap_or(i64::MAX) - 1;
                Range {
                    low: *first,
                    high: last,
                }
            }
        }
    }

    /// The first of some places: its count of steps, or its choice, and what it spends.
    pub(super) fn first_of(&self, places: Range) -> (i64, i64) {
        match self {
            Self::Steps {
                formula,
                low,
                or_nothing,
                ..
            } => {
                let count = if !or_nothing || places.low <= 0 {
                    places.low.max(0)
                } else {
                    low + places.low - 1
                };
                (count, count.saturating_mul(formula.step))
            }
            Self::Menu { choices, .. } => {
                let own = (0..)
                    .zip(choices)
                    .filter(|(at, choice)| choice.open && (places.low..=places.high).contains(at));
                own.map(|(at, choice)| (at, choice.cost))
                    .next()
                    .unwrap_or((0, 0))
            }
        }
    }

    /// The places that a restriction leaves, from minor units for steps and from choices for menus.
    pub(super) fn restricted(&self, low: i64, high: i64) -> Range {
        let all = self.places();
        let (low, high) = match self {
            Self::Menu { .. } => (low, high),
            Self::Steps {
                formula,
                low: least,
                or_nothing,
                ..
            } => {
                let up =
                    low.div_euclid(formula.step) + i64::from(low.rem_euclid(formula.step) != 0);
                let down = high.div_euclid(formula.step);
                if *or_nothing {
                    // Between nothing and the least spend there is no lawful place.
                    let from = if up <= 0 { 0 } else { (up - least).max(0) + 1 };
                    let to = if down < *least {
                        down.min(0)
                    } else {
                        down - least + 1
                    };
                    (from, to)
                } else {
                    (up, down)
                }
            }
        };
        Range {
            low: low.max(all.low),
            high: high.min(all.high),
        }
    }
}

impl Choice {
    /// Choice 0.
    pub(super) const EMPTY: Self = Self {
        open: true,
        cost: 0,
        value: 0.0,
        uses: Vec::new(),
    };
}

/// The choices of a menu that are still open.
pub(super) fn open_choices(choices: &[Choice], first: i64) -> impl Iterator<Item = &Choice> {
    let skip = usize::try_from(first).unwrap_or(0);
    choices.iter().skip(skip).filter(|choice| choice.open)
}

/// What a list says of one resource.
pub(super) fn use_of(uses: &[(usize, u64)], resource: usize) -> u64 {
    uses.iter()
        .find(|(at, _)| *at == resource)
        .map_or(0, |(_, micros)| *micros)
}

/// The greatest common divisor; of 0 and anything, that.
pub(super) const fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests;
