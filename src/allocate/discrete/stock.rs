//! Menus to choose from: as the problem holds them, or as flat columns.

use crate::numeric::cast;

use super::super::Activity;

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

    /// The cheapest spend that is possible at all.
    pub(super) fn least(&self) -> i128 {
        let required = |activity: &&Activity| activity.as_menu().is_some_and(|m| m.is_required());
        (self.activities.iter().filter(required))
            .filter_map(|activity| {
                let options = activity.as_menu()?.options();
                options.iter().map(|o| i128::from(o.cost().minor())).min()
            })
            .sum()
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
