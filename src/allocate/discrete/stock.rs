//! Menus to choose from: as the problem holds them, or as flat columns.

use crate::numeric::cast;

use super::super::Activity;
use super::hull::Step;

/// One option of a menu.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pick {
    /// Its place among the menu's own.
    pub(crate) place: u32,
    pub(crate) cost: i64,
    pub(crate) value: f64,
}

/// Menus in canonical order. Each has at least one option; "none" is an option like any other.
pub(crate) trait Stock {
    fn len(&self) -> usize;

    /// Shows every option of a menu that can be afforded, by place; the highest value of any, affordable or not.
    fn each(&self, menu: usize, look: impl FnMut(Pick)) -> f64;

    fn pick(&self, menu: usize, place: u32) -> Pick;

    /// The cheapest option of a menu, the dearer value first among equals.
    fn cheapest(&self, menu: usize) -> Pick {
        let mut least = Pick {
            place: 0,
            cost: i64::MAX,
            value: f64::NEG_INFINITY,
        };
        self.each(menu, |pick| {
            if pick.cost < least.cost || (pick.cost == least.cost && pick.value > least.value) {
                least = pick;
            }
        });
        least
    }
}

/// Menus whose options lie flat.
#[derive(Clone, Debug, Default)]
pub(crate) struct Menus {
    starts: Vec<u32>,
    costs: Vec<i64>,
    values: Vec<f64>,
}

impl Menus {
    pub(crate) fn with_capacity(menus: usize, options: usize) -> Self {
        let mut starts = Vec::with_capacity(menus + 1);
        starts.push(0);
        Self {
            starts,
            costs: Vec::with_capacity(options),
            values: Vec::with_capacity(options),
        }
    }

    /// Adds an option to the menu that is being built.
    pub(crate) fn option(&mut self, cost: i64, value: f64) {
        self.costs.push(cost);
        self.values.push(value);
    }

    /// Ends the menu that is being built.
    pub(crate) fn close(&mut self) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.starts.push(cast::u32_of_usize(self.costs.len()));
    }

    pub(crate) fn of(&self, menu: usize) -> (&[i64], &[f64]) {
        let first = cast::usize_of_u32(self.starts[menu]);
        let last = cast::usize_of_u32(self.starts[menu + 1]);
        (&self.costs[first..last], &self.values[first..last])
    }

    /// The cheapest spend that is possible at all.
    pub(crate) fn least(&self) -> i128 {
        (0..self.len())
            .map(|menu| i128::from(self.cheapest(menu).cost))
            .sum()
    }
}

impl Stock for Menus {
    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn each(&self, menu: usize, mut look: impl FnMut(Pick)) -> f64 {
        let (costs, values) = self.of(menu);
        let mut top = f64::NEG_INFINITY;
        for (place, (cost, value)) in (0..).zip(costs.iter().zip(values)) {
            let (cost, value) = (*cost, *value);
            top = value.max(top);
            look(Pick { place, cost, value });
        }
        top
    }

    fn pick(&self, menu: usize, place: u32) -> Pick {
        let (costs, values) = self.of(menu);
        let at = cast::usize_of_u32(place);
        Pick {
            place,
            cost: costs[at],
            value: values[at],
        }
    }
}

/// The menus of a problem, read where they are. A place is 0 for none, `k` for the `k`-th option by id. Options that
/// cost over `more` above the cheapest of their menu cannot be afforded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'p> {
    activities: &'p [Activity],
    more: i64,
}

impl<'p> Listed<'p> {
    /// All options.
    pub(super) const fn all(activities: &'p [Activity]) -> Self {
        let more = i64::MAX;
        Self { activities, more }
    }

    /// Those that cost at most `more` above the cheapest of their menu.
    pub(super) fn within(activities: &'p [Activity], more: i128) -> Self {
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        Self { activities, more }
    }
}

impl Stock for Listed<'_> {
    fn len(&self) -> usize {
        self.activities.len()
    }

    fn each(&self, menu: usize, mut look: impl FnMut(Pick)) -> f64 {
        let Some(menu) = self.activities[menu].as_menu() else {
            return 0.0;
        };
        let options = menu.options();
        let (mut most, mut top) = (self.more, f64::NEG_INFINITY);
        if menu.is_required() {
            let least = options.iter().map(|option| option.cost().minor()).min();
            most = most.saturating_add(least.unwrap_or(0));
        } else {
            top = 0.0;
            look(NONE);
        }
        for (place, option) in (1..).zip(options) {
            let (cost, value) = (option.cost().minor(), option.value());
            top = value.max(top);
            if cost <= most {
                look(Pick { place, cost, value });
            }
        }
        top
    }

    fn pick(&self, menu: usize, place: u32) -> Pick {
        let at = cast::usize_of_u32(place).checked_sub(1);
        let option = self.activities[menu]
            .as_menu()
            .zip(at)
            .and_then(|(menu, at)| menu.options().get(at));
        option.map_or(NONE, |option| Pick {
            place,
            cost: option.cost().minor(),
            value: option.value(),
        })
    }
}

/// What is taken where no option is.
const NONE: Pick = Pick {
    place: 0,
    cost: 0,
    value: 0.0,
};

/// What is taken of every menu, in columns.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) place: Vec<u32>,
    pub(crate) cost: Vec<i64>,
    pub(crate) value: Vec<f64>,
    /// Whether an option of the menu, affordable or not, is worth more.
    pub(crate) is_open: Vec<bool>,
}

impl Taken {
    pub(super) fn with_capacity(menus: usize) -> Self {
        Self {
            place: Vec::with_capacity(menus),
            cost: Vec::with_capacity(menus),
            value: Vec::with_capacity(menus),
            is_open: Vec::with_capacity(menus),
        }
    }

    pub(super) fn push(&mut self, pick: Pick, top: f64) {
        self.place.push(pick.place);
        self.cost.push(pick.cost);
        self.value.push(pick.value);
        self.is_open.push(top > pick.value);
    }

    /// Goes up a step of a menu's hull.
    pub(super) fn step(&mut self, step: &Step) {
        let at = cast::usize_of_u32(step.menu);
        self.place[at] = step.to;
        self.cost[at] += step.cost;
        self.value[at] = step.value;
        self.is_open[at] = step.is_open;
    }

    /// Takes another option of a menu.
    pub(super) fn change(&mut self, stock: &impl Stock, menu: u32, place: u32) {
        let at = cast::usize_of_u32(menu);
        let pick = stock.pick(at, place);
        self.place[at] = place;
        self.cost[at] = pick.cost;
        self.value[at] = pick.value;
        self.is_open[at] = stock.each(at, |_| {}) > pick.value;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{LimitedBy, MenuOption, Objective, Problem, solve};
    use super::super::compile;
    use super::super::knapsack::pack;
    use super::*;
    use crate::id::Id;
    use crate::money::{Currency, Money};
    use crate::numeric::Draws;

    fn money(minor: i128) -> Money {
        Money::from_minor(i64::try_from(minor).unwrap(), Currency::USD)
    }

    /// Menus whose options come in any order of cost, some required, some with options beyond any budget, and equal ones.
    fn problem(seed: u64, count: u64) -> Problem {
        let mut dearest = 0;
        let mut least = 0;
        let activities: Vec<Activity> = (0..count)
            .map(|at| {
                let mut draw = Draws::new(seed).stream(&[at]);
                let scale = [9, 400, 100_000][usize::try_from(seed % 3).unwrap()];
                let options: Vec<MenuOption> = (0..=draw.below(6))
                    .map(|option| {
                        let beyond = if draw.below(12) == 0 {
                            1_000_000_000
                        } else {
                            0
                        };
                        let cost = i128::from(draw.below(scale) + beyond);
                        let value = libm::floor(draw.uniform() * 40.0) - 4.0;
                        let id = Id::new(format!("o{option}")).unwrap();
                        MenuOption::new(id, money(cost), value)
                    })
                    .collect();
                let costs = options
                    .iter()
                    .map(|option| i128::from(option.cost().minor()));
                dearest += costs.clone().max().unwrap_or(0).min(i128::from(scale));
                let id = Id::new(format!("a{at:06}")).unwrap();
                if draw.below(5) == 0 {
                    least += costs.min().unwrap_or(0);
                    Activity::required_menu(id, options)
                } else {
                    Activity::menu(id, options)
                }
            })
            .collect();
        let share = i128::from(Draws::new(seed).stream(&[99_999]).below(100));
        let budget = Objective::Budget(money(least + dearest * share / 100));
        Problem::new(Currency::USD, budget, vec![], activities, vec![]).unwrap()
    }

    /// The options that can be afforded, in order of cost.
    fn flat(listed: &Listed<'_>) -> Menus {
        let mut menus = Menus::default();
        for menu in 0..listed.len() {
            let mut options = Vec::new();
            listed.each(menu, |pick| options.push((pick.cost, pick.value)));
            options.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            for (cost, value) in options {
                menus.option(cost, value);
            }
            menus.close();
        }
        menus
    }

    fn agrees(problem: &Problem, label: &str) {
        let least = compile::plain_least(problem).unwrap();
        let budget = i128::from(compile::budget_of(problem));
        let listed = Listed::within(problem.activities(), budget - least);
        let (found, known) = (
            pack(&listed, budget, 1 << 24),
            pack(&flat(&listed), budget, 1 << 24),
        );
        let size: f64 = known.taken.value.iter().map(|value| value.abs()).sum();
        assert!((found.value - known.value).abs() <= 1e-12 * size, "{label}");
        assert!(found.complete && known.complete, "{label}");
        assert!(
            found
                .taken
                .cost
                .iter()
                .map(|cost| i128::from(*cost))
                .sum::<i128>()
                <= budget
        );
        for (menu, place) in found.taken.place.iter().enumerate() {
            let pick = listed.pick(menu, *place);
            assert_eq!(pick.cost, found.taken.cost[menu], "{label} menu {menu}");
            assert_eq!(pick.value.to_bits(), found.taken.value[menu].to_bits());
            let options = problem.activities()[menu].as_menu().unwrap();
            assert!(*place > 0 || !options.is_required(), "{label} menu {menu}");
            let top = options.options().iter().map(MenuOption::value);
            let top = top.fold(if options.is_required() { f64::MIN } else { 0.0 }, f64::max);
            assert_eq!(
                found.taken.is_open[menu],
                top > pick.value,
                "{label} menu {menu}"
            );
        }
        let answer = solve(problem).unwrap();
        for (line, open) in answer.lines().zip(&found.taken.is_open) {
            let limit = if *open {
                LimitedBy::Budget
            } else {
                LimitedBy::Saturated
            };
            assert_eq!(line.limited_by, limit, "{label}");
        }
    }

    #[test]
    fn menus_where_they_are_and_flat_menus_are_worth_the_same() {
        for seed in 0..400 {
            agrees(&problem(seed, 1 + seed % 30), &format!("seed {seed}"));
        }
    }

    /// Enough menus for samples, and for only some of them to be noted on the way.
    #[test]
    fn the_same_for_many_menus() {
        for seed in [1, 2, 4, 5] {
            agrees(&problem(seed, 30_000), &format!("seed {seed}"));
        }
    }

    /// The least cost, then the highest value, then the first.
    #[test]
    fn the_cheapest_option_is_the_first_of_the_best_of_the_least_cost() {
        for (options, place) in [
            (vec![(3, 5.0), (1, 1.0), (1, 2.0), (1, 2.0)], 2),
            (vec![(0, 0.0), (0, 0.0), (3, 5.0)], 0),
            (vec![(2, 1.0), (0, -1.0)], 1),
        ] {
            let mut menus = Menus::default();
            for (cost, value) in &options {
                menus.option(*cost, *value);
            }
            menus.close();
            assert_eq!(menus.cheapest(0).place, place, "{options:?}");
        }
    }
}
