//! The reasons of each line.

use std::collections::BTreeMap;

use super::{CapCause, Limit, LineReasons, Loss, NextBest, Remedy};
use crate::allocate::{Activity, Allocation, Group, LimitedBy, Line, Problem, Spending};
use crate::id::Id;
use crate::money::Money;
use crate::numeric::cast;
use crate::response::Response;

/// Reads reasons off a problem and its allocation.
///
/// ```
/// use sortie::allocate::{Activity, Objective, Problem, solve};
/// use sortie::campaign::explain::Explainer;
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::response::ModifiedExponential;
///
/// let activity = |id, scale| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(Activity::curve(Id::new(id)?, ModifiedExponential::new(scale, 0.01)?))
/// };
/// let problem = Problem::new(
///     Currency::USD,
///     Objective::Budget(Money::parse("100.00", Currency::USD)?),
///     vec![],
///     vec![activity("a", 100.0)?, activity("b", 90.0)?],
///     vec![],
/// )?;
/// let allocation = solve(&problem)?;
/// let explainer = Explainer::new(&problem, &allocation);
/// let reasons = explainer.line(&Id::new("a")?, |_| None).ok_or("a is in the problem")?;
/// assert!(reasons.last_gain >= reasons.next_gain);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Explainer<'a> {
    problem: &'a Problem,
    allocation: &'a Allocation,
    unit: f64,
    /// For each binding constraint (`None`: the budget) the two best next steps that it refuses.
    waiting: BTreeMap<Option<&'a Id>, Vec<(f64, &'a Id)>>,
    /// The innermost group of each activity that is in one.
    group_of: BTreeMap<&'a Id, &'a Id>,
}

impl<'a> Explainer<'a> {
    /// Prepares to explain: `O(n log n)`.
    #[must_use]
    pub fn new(problem: &'a Problem, allocation: &'a Allocation) -> Self {
        let group_of = problem
            .groups()
            .iter()
            .flat_map(|group| {
                group
                    .members()
                    .iter()
                    .map(move |member| (member, group.id()))
            })
            .collect();
        let mut explainer = Self {
            problem,
            allocation,
            unit: 1.0 / cast::f64_of_i64(problem.currency().minor_per_unit()),
            waiting: BTreeMap::new(),
            group_of,
        };
        for line in allocation.lines() {
            explainer.await_turn(&line);
        }
        explainer
    }

    /// The reasons of one line; `None` for an id that the problem does not know. `cause` tells whose its cap
    /// is, with what would have to change instead of a plain rise.
    #[must_use]
    pub fn line(
        &self,
        id: &Id,
        cause: impl Fn(&Id) -> Option<(CapCause, Option<Remedy>)>,
    ) -> Option<LineReasons> {
        let activity = self.problem.activities().get(self.problem.position(id)?)?;
        let line = self.allocation.line(id)?;
        let spending = activity.as_spending();
        let price = self.price_of(id, spending);
        let last_gain = spending.and_then(|spending| self.last_gain(spending, line.spend));
        let next_best = (!line.spend.is_zero()).then(|| self.next_best(id));
        let own = spending.map_or(0.0, |spending| spending.curve().value(0.0));
        let gained = line.value - own;
        let spent = cast::f64_of_i64(line.spend.minor()) * self.unit;
        Some(LineReasons {
            id: id.clone(),
            spend: line.spend,
            limited_by: Limit::from(&line.limited_by),
            price,
            next_gain: line.marginal,
            last_gain,
            next_best,
            to_get_more: Self::remedies(activity, &line, price, &cause),
            loss: Loss {
                least: (gained - price * spent).max(0.0),
                most: gained.max(0.0),
            },
        })
    }

    /// The reasons of every line, in the order of ids.
    pub fn lines<'b>(
        &'b self,
        cause: impl Fn(&Id) -> Option<(CapCause, Option<Remedy>)> + 'b,
    ) -> impl Iterator<Item = LineReasons> + 'b {
        self.problem
            .activities()
            .iter()
            .filter_map(move |activity| self.line(activity.id(), &cause))
    }

    /// The problem that is explained.
    #[must_use]
    pub const fn problem(&self) -> &'a Problem {
        self.problem
    }

    /// The allocation that is explained.
    #[must_use]
    pub const fn allocation(&self) -> &'a Allocation {
        self.allocation
    }

    /// Notes a line that waits for money which the budget or a group refuses it.
    fn await_turn(&mut self, line: &Line<'a>) {
        let key = match &line.limited_by {
            LimitedBy::Budget => None,
            LimitedBy::Group(group) => match self.group_named(group) {
                Some(group) => Some(group.id()),
                None => return,
            },
            _ => return,
        };
        let Some(gain) = line.marginal.filter(|gain| *gain > 0.0) else {
            return;
        };
        let best = self.waiting.entry(key).or_default();
        best.push((gain, line.id));
        // The larger gain first; of equal gains the smaller id, as the market serves them.
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        best.truncate(2);
    }

    /// Who would take the customer's last unit: of those who wait for the budget or for a group around it.
    fn next_best(&self, id: &Id) -> NextBest {
        let keys =
            core::iter::once(None).chain(self.groups_around(id).map(|group| Some(group.id())));
        keys.filter_map(|key| {
            self.waiting
                .get(&key)?
                .iter()
                .find(|(_, waiting)| *waiting != id)
                .copied()
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map_or(NextBest::Unspent, |(gain, id)| NextBest::Customer {
            id: id.clone(),
            gain,
        })
    }

    /// The budget's price, those of the groups around it, and of what a unit uses.
    fn price_of(&self, id: &Id, spending: Option<&Spending>) -> f64 {
        let groups = self.groups_around(id).filter_map(|group| {
            let lines = self.allocation.groups();
            let at = lines
                .binary_search_by(|line| line.id.cmp(group.id()))
                .ok()?;
            lines.get(at).map(|line| line.shadow_price)
        });
        let uses = spending.map_or(&[][..], Spending::uses_per_unit);
        let resources = uses.iter().filter_map(|(resource, amount)| {
            let line = self
                .allocation
                .resources()
                .iter()
                .find(|line| line.id == *resource)?;
            Some(line.shadow_price * cast::f64_of_u64(amount.micros()) * 1e-6)
        });
        self.allocation.shadow_price() + groups.chain(resources).sum::<f64>()
    }

    fn last_gain(&self, spending: &Spending, spend: Money) -> Option<f64> {
        let step = step_of(spending);
        let end = u64::try_from(spend.minor()).ok().filter(|end| *end > 0)?;
        let start = end.saturating_sub(step);
        let width = cast::f64_of_u64(end - start) * self.unit;
        Some(spending.curve().gain(start, end, self.unit) / width)
    }

    /// What would have to change, the nearest first.
    fn remedies(
        activity: &Activity,
        line: &Line<'_>,
        price: f64,
        cause: &impl Fn(&Id) -> Option<(CapCause, Option<Remedy>)>,
    ) -> Vec<Remedy> {
        let dearer = line.marginal.filter(|gain| *gain < price);
        let by_price = dearer.map(|gain| {
            let fall = Remedy::PriceFalls {
                from: price,
                to: gain,
            };
            let rise = (gain > 0.0).then(|| Remedy::ReturnRises {
                times: price / gain,
            });
            [Some(fall), rise]
        });
        let by_price = by_price.into_iter().flatten().flatten();
        let mut remedies = Vec::new();
        match &line.limited_by {
            LimitedBy::Saturated => return remedies,
            LimitedBy::Cap => {
                remedies.extend(Self::cap_remedies(activity, line, cause));
                remedies.extend(by_price);
            }
            LimitedBy::Group(group) => {
                remedies.push(Remedy::RaiseGroup {
                    group: group.clone(),
                });
                remedies.extend(by_price);
            }
            LimitedBy::Resource(resource) => {
                remedies.push(Remedy::RaiseResource {
                    resource: resource.clone(),
                });
                remedies.extend(by_price);
            }
            LimitedBy::Budget | LimitedBy::Floor | LimitedBy::MinimumIfAny => {
                remedies.extend(by_price);
            }
        }
        remedies
    }

    fn cap_remedies(
        activity: &Activity,
        line: &Line<'_>,
        cause: &impl Fn(&Id) -> Option<(CapCause, Option<Remedy>)>,
    ) -> Vec<Remedy> {
        let (cause, instead) = cause(line.id).unwrap_or((CapCause::Asked, None));
        let raise = activity.as_spending().map(|spending| {
            let step = i64::try_from(step_of(spending)).unwrap_or(i64::MAX);
            let to = Money::from_minor(
                line.spend.minor().saturating_add(step),
                line.spend.currency(),
            );
            Remedy::RaiseCap {
                from: spending.cap().unwrap_or(line.spend),
                to,
                cause,
            }
        });
        let gate = (cause == CapCause::Willingness).then_some(Remedy::PassGate);
        instead.into_iter().chain(gate).chain(raise).collect()
    }

    /// The groups around an activity, innermost first.
    fn groups_around(&self, id: &Id) -> impl Iterator<Item = &'a Group> + '_ {
        let first = self
            .group_of
            .get(id)
            .and_then(|group| self.group_named(group));
        core::iter::successors(first, |group| self.group_named(group.parent()?))
    }

    fn group_named(&self, id: &Id) -> Option<&'a Group> {
        let groups = self.problem.groups();
        let at = groups.binary_search_by(|group| group.id().cmp(id)).ok()?;
        groups.get(at)
    }
}

/// One step in minor units.
pub(super) fn step_of(spending: &Spending) -> u64 {
    spending
        .step()
        .and_then(|step| u64::try_from(step.minor()).ok())
        .unwrap_or(1)
        .max(1)
}
