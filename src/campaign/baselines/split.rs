//! Dividing a budget by weights, within the bounds of each activity and group.

use super::{BaselineError, budget_of};
use crate::allocate::{Activity, Group, Kind, Problem};
use crate::id::Id;
use crate::money::{Money, apportion};

/// Rounds in which what caps refuse is offered to the others. Each round closes an activity or ends.
const ROUNDS_MOST: usize = 64;

/// Divides the problem's budget in proportion to weights (by position), exactly: floors first, then by
/// largest remainder, in whole steps, up to each cap, offering what is refused to the others.
///
/// # Errors
/// [`BaselineError::NoBudget`] for a problem with a target, [`BaselineError::Floors`] if floors exceed the budget.
pub fn split_by(
    problem: &Problem,
    weight: impl Fn(usize) -> u64,
) -> Result<Vec<Money>, BaselineError> {
    let budget = budget_of(problem)?;
    let bounds: Vec<Bounds> = problem.activities().iter().map(Bounds::of).collect();
    let mut spends: Vec<i64> = bounds.iter().map(|bound| bound.floor).collect();
    let floors = spends.iter().map(|floor| i128::from(*floor)).sum::<i128>();
    let mut left = i64::try_from(i128::from(budget.minor()) - floors).unwrap_or(i64::MIN);
    if left < 0 {
        let floors = crate::money::from_wide(floors, problem.currency())?;
        return Err(BaselineError::Floors { floors, budget });
    }
    for _ in 0..ROUNDS_MOST {
        let open: Vec<(usize, u64)> = spends
            .iter()
            .zip(&bounds)
            .enumerate()
            .filter(|(at, (spend, bound))| weight(*at) > 0 && bound.room(**spend) > 0)
            .map(|(at, _)| (at, weight(at)))
            .collect();
        if open.is_empty() || left == 0 {
            break;
        }
        let shares = apportion(Money::from_minor(left, problem.currency()), &open)?;
        let before = left;
        for ((at, _), share) in open.iter().zip(shares) {
            if let (Some(spend), Some(bound)) = (spends.get_mut(*at), bounds.get(*at)) {
                let more = bound.whole(share.minor().min(bound.room(*spend)));
                *spend += more;
                left -= more;
            }
        }
        if left == before {
            break;
        }
    }
    keep_group_caps(problem, &bounds, &mut spends);
    let settled = spends.iter().zip(&bounds).zip(problem.activities());
    Ok(settled
        .map(|((spend, bound), activity)| {
            Money::from_minor(bound.settled(*spend, activity), problem.currency())
        })
        .collect())
}

/// What an activity can take, in minor units.
struct Bounds {
    floor: i64,
    cap: i64,
    step: i64,
    minimum: i64,
}

impl Bounds {
    fn of(activity: &Activity) -> Self {
        let minor = |money: Option<Money>, default| money.map_or(default, Money::minor);
        match activity.kind() {
            Kind::Spending(spending) => Self {
                floor: minor(spending.floor(), 0),
                cap: minor(spending.cap(), i64::MAX),
                step: minor(spending.step(), 1).max(1),
                minimum: minor(spending.minimum_if_any(), 0),
            },
            Kind::Menu(menu) => {
                let costs = || menu.options().iter().map(|option| option.cost().minor());
                let floor = if menu.is_required() {
                    costs().min().unwrap_or(0)
                } else {
                    0
                };
                Self {
                    floor,
                    cap: costs().max().unwrap_or(0),
                    step: 1,
                    minimum: 0,
                }
            }
        }
    }

    fn room(&self, spend: i64) -> i64 {
        self.whole(self.cap.saturating_sub(spend))
    }

    fn whole(&self, amount: i64) -> i64 {
        amount - amount.rem_euclid(self.step)
    }

    /// The spend that really happens: nothing below the minimum; for a menu the best option affordable.
    fn settled(&self, spend: i64, activity: &Activity) -> i64 {
        match activity.kind() {
            Kind::Spending(_) if spend < self.minimum => 0,
            Kind::Spending(_) => spend,
            Kind::Menu(menu) => menu
                .options()
                .iter()
                .filter(|option| option.cost().minor() <= spend)
                .filter(|option| option.value() > 0.0 || menu.is_required())
                .max_by(|a, b| a.value().total_cmp(&b.value()).then(b.id().cmp(a.id())))
                .map_or(0, |option| option.cost().minor()),
        }
    }
}

/// Scales the spends of a group above its cap down to it, inner groups first. What floors demand is kept;
/// a rule of thumb that still exceeds a cap then has floors to blame.
fn keep_group_caps(problem: &Problem, bounds: &[Bounds], spends: &mut [i64]) {
    let depth = |group: &Group| ancestors(problem, group).count();
    let mut groups: Vec<&Group> = problem.groups().iter().collect();
    groups.sort_by_key(|group| core::cmp::Reverse(depth(group)));
    for group in groups {
        let Some(cap) = group.cap() else { continue };
        let members: Vec<usize> = problem
            .groups()
            .iter()
            .filter(|inner| ancestors(problem, inner).any(|outer| outer == group.id()))
            .flat_map(Group::members)
            .filter_map(|id| problem.position(id))
            .collect();
        let above = |at: usize, spends: &[i64]| {
            let floor = bounds.get(at).map_or(0, |bound| bound.floor);
            spends.get(at).map_or(0, |spend| spend - floor)
        };
        let total: i128 = members
            .iter()
            .filter_map(|at| spends.get(*at))
            .map(|spend| i128::from(*spend))
            .sum();
        let excess = total - i128::from(cap.minor());
        let free: i128 = members
            .iter()
            .map(|at| i128::from(above(*at, spends)))
            .sum();
        if excess <= 0 || free <= 0 {
            continue;
        }
        for at in members {
            let cut = (i128::from(above(at, spends)) * excess + free - 1) / free;
            let cut = i64::try_from(cut)
                .unwrap_or(i64::MAX)
                .min(above(at, spends));
            if let (Some(spend), Some(bound)) = (spends.get_mut(at), bounds.get(at)) {
                *spend = bound.floor + bound.whole(*spend - cut - bound.floor);
            }
        }
    }
}

/// A group and those around it, innermost first.
fn ancestors<'a>(problem: &'a Problem, group: &'a Group) -> impl Iterator<Item = &'a Id> {
    let parent_of = |id: &Id| {
        let at = problem
            .groups()
            .binary_search_by(|group| group.id().cmp(id))
            .ok()?;
        problem.groups().get(at)?.parent()
    };
    core::iter::successors(Some(group.id()), move |id| parent_of(id))
}
