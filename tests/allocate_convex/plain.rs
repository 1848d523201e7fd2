//! A concave problem, written once for both solvers.

use microlp::{ComparisonOp, OptimizationDirection};
use sortie::allocate::{self, Activity, Objective, Problem, Resource};
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::numeric::cast;
use sortie::quantity::Quantity;

use crate::curve::Curve;

/// Amounts are whole steps; a step is so many cents.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    pub(crate) step: i64,
    pub(crate) budget: i64,
    /// In millionths.
    pub(crate) limits: Vec<u64>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) groups: Vec<Group>,
}

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) curve: Curve,
    pub(crate) floor: i64,
    pub(crate) cap: Option<i64>,
    /// Millionths of each resource per currency unit.
    pub(crate) uses: Vec<u64>,
    /// What it spends where every constraint of the problem has room.
    pub(crate) roomy: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// An earlier group.
    pub(crate) parent: Option<usize>,
    pub(crate) floor: i64,
    pub(crate) cap: Option<i64>,
    pub(crate) members: Vec<usize>,
}

/// A row of the problem: what activities count, and the room that their sum has.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) weights: Vec<f64>,
    pub(crate) least: Option<f64>,
    pub(crate) most: Option<f64>,
}

pub(crate) fn id(kind: char, at: usize) -> Id {
    Id::new(format!("{kind}{at}")).unwrap()
}

impl Plain {
    /// Currency units of so many steps.
    pub(crate) fn units(&self, steps: i64) -> f64 {
        cast::f64_of_i64(steps * self.step) / 100.0
    }

    fn money(&self, steps: i64) -> Money {
        Money::from_minor(steps * self.step, Currency::USD)
    }

    pub(crate) fn market(&self, objective: Objective) -> Problem {
        let activities = self.offers.iter().enumerate().map(|(at, offer)| {
            let mut activity = Activity::curve(id('a', at), offer.curve.market())
                .with_step(self.money(1))
                .with_floor(self.money(offer.floor));
            if let Some(cap) = offer.cap {
                activity = activity.with_cap(self.money(cap));
            }
            (offer.uses.iter().enumerate()).fold(activity, |activity, (resource, used)| {
                activity.with_use_per_unit(id('r', resource), Quantity::from_micros(*used))
            })
        });
        let groups = self.groups.iter().enumerate().map(|(at, group)| {
            let members = group.members.iter().map(|member| id('a', *member));
            let mut made = allocate::Group::new(id('g', at))
                .with_floor(self.money(group.floor))
                .with_members(members.collect());
            if let Some(parent) = group.parent {
                made = made.with_parent(id('g', parent));
            }
            match group.cap {
                Some(cap) => made.with_cap(self.money(cap)),
                None => made,
            }
        });
        let resources = (self.limits.iter().enumerate())
            .map(|(at, limit)| Resource::new(id('r', at), Quantity::from_micros(*limit)));
        let (resources, groups) = (resources.collect(), groups.collect());
        let activities = activities.collect();
        Problem::new(Currency::USD, objective, resources, activities, groups).unwrap()
    }

    pub(crate) fn budget(&self) -> Objective {
        Objective::Budget(self.money(self.budget))
    }

    /// The budget, the resources and the groups, in that order.
    pub(crate) fn limits(&self) -> Vec<Limit> {
        let count = self.offers.len();
        let budget = Limit {
            weights: vec![1.0; count],
            least: None,
            most: Some(self.units(self.budget)),
        };
        let millionths = |amount: u64| cast::f64_of_u64(amount) / 1e6;
        let resources = self.limits.iter().enumerate().map(|(at, limit)| Limit {
            weights: (self.offers.iter().map(|offer| millionths(offer.uses[at]))).collect(),
            least: None,
            most: Some(millionths(*limit)),
        });
        let groups = self.groups.iter().enumerate().map(|(at, group)| {
            let inside = self.inside(at);
            let counts = (0..count).map(|member| f64::from(u8::from(inside.contains(&member))));
            Limit {
                weights: counts.collect(),
                least: Some(self.units(group.floor)),
                most: group.cap.map(|cap| self.units(cap)),
            }
        });
        core::iter::once(budget)
            .chain(resources)
            .chain(groups)
            .collect()
    }

    /// The activities in a group and in the groups within it.
    pub(crate) fn inside(&self, group: usize) -> Vec<usize> {
        let mut inside = self.groups[group].members.clone();
        for (at, child) in self.groups.iter().enumerate() {
            if child.parent == Some(group) {
                inside.extend(self.inside(at));
            }
        }
        inside
    }

    /// What each activity may spend by its own floor and cap, in currency units; never more than the budget.
    pub(crate) fn own_ranges(&self) -> Vec<(f64, f64)> {
        let ranges = self.offers.iter().map(|offer| {
            let most = offer.cap.unwrap_or(self.budget).min(self.budget);
            (self.units(offer.floor), self.units(most))
        });
        ranges.collect()
    }

    /// What all constraints together leave each activity, by linear programmes.
    ///
    /// A bound may use it, and then needs no price for what it says already; a checker that does so proves more.
    pub(crate) fn ranges(&self, limits: &[Limit]) -> Vec<(f64, f64)> {
        let own = self.own_ranges();
        let end = |at: usize, direction| {
            let mut model = microlp::Problem::new(direction);
            let columns: Vec<_> = (own.iter().enumerate())
                .map(|(other, range)| model.add_var(f64::from(u8::from(other == at)), *range))
                .collect();
            for limit in limits {
                let row: Vec<_> = (columns.iter().copied())
                    .zip(limit.weights.iter().copied())
                    .collect();
                if let Some(most) = limit.most {
                    model.add_constraint(row.clone(), ComparisonOp::Le, most);
                }
                if let Some(least) = limit.least {
                    model.add_constraint(row, ComparisonOp::Ge, least);
                }
            }
            let found = model.solve().unwrap().into_solution().unwrap();
            found.objective()
        };
        // A little wider, for what the linear solver rounds.
        let wide = |(low, high): (f64, f64), own: &(f64, f64)| {
            (own.0.max(low - 1e-9 * low), own.1.min(high + 1e-9 * high))
        };
        let ends = (0..own.len()).map(|at| {
            let low = end(at, OptimizationDirection::Minimize);
            wide((low, end(at, OptimizationDirection::Maximize)), &own[at])
        });
        ends.collect()
    }

    pub(crate) fn roomy(&self) -> Vec<f64> {
        let spends = self.offers.iter().map(|offer| self.units(offer.roomy));
        spends.collect()
    }

    pub(crate) fn value(&self, spends: &[f64]) -> f64 {
        let values = self.offers.iter().zip(spends);
        values.map(|(offer, spend)| offer.curve.value(*spend)).sum()
    }
}
