//! Brute force: every combination of lawful choices, judged by the sentences of the format alone.

use crate::plain::{Aim, Offer, Plain};

/// One lawful choice of one activity. `uses` in millionths of a resource, times the minor units in a
/// currency unit, so that it is a whole number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pick {
    pub(crate) spend: i64,
    pub(crate) value: f64,
    /// How large the terms are that the value is made of: the accuracy of evaluation is relative to them.
    pub(crate) size: f64,
    pub(crate) option: Option<usize>,
    pub(crate) uses: Vec<i128>,
}

/// The choices of an activity with spends up to `most`.
pub(crate) fn choices(plain: &Plain, place: usize, most: i64) -> Vec<Pick> {
    match &plain.activities[place].offer {
        Offer::Spend {
            curve,
            floor,
            cap,
            minimum_if_any,
            step,
            uses,
        } => {
            let uses_at = |spend: i64| {
                plain
                    .resources
                    .iter()
                    .map(|(id, _)| {
                        uses.get(id)
                            .map_or(0, |per| i128::from(*per) * i128::from(spend))
                    })
                    .collect()
            };
            let step = step.unwrap_or(1);
            let top = cap.unwrap_or(most).min(most);
            (0..=top / step)
                .map(|count| count * step)
                .filter(|spend| spend >= floor)
                .filter(|spend| *spend == 0 || minimum_if_any.is_none_or(|least| *spend >= least))
                .map(|spend| Pick {
                    spend,
                    value: curve.value(plain.units(spend)),
                    size: curve.value(0.0).abs() + curve.rise(0.0, plain.units(spend)).abs(),
                    option: None,
                    uses: uses_at(spend),
                })
                .collect()
        }
        Offer::Menu { options, required } => {
            let none = Pick {
                spend: 0,
                value: 0.0,
                size: 0.0,
                option: None,
                uses: vec![0; plain.resources.len()],
            };
            let taken = options.iter().enumerate().map(|(number, option)| Pick {
                spend: option.cost,
                value: option.value,
                size: option.value.abs(),
                option: Some(number),
                uses: plain
                    .resources
                    .iter()
                    .map(|(id, _)| {
                        let micros = option.uses.get(id).copied().unwrap_or(0);
                        i128::from(micros) * i128::from(plain.minor_in_unit())
                    })
                    .collect(),
            });
            (!required)
                .then_some(none)
                .into_iter()
                .chain(taken)
                .filter(|p| p.spend <= most)
                .collect()
        }
    }
}

/// The lawful choice with this spend and option, if there is one.
pub(crate) fn pick(plain: &Plain, place: usize, spend: i64, option: Option<&str>) -> Option<Pick> {
    let named = |number: usize| match &plain.activities[place].offer {
        Offer::Menu { options, .. } => options[number].id.as_str(),
        Offer::Spend { .. } => "",
    };
    choices(plain, place, spend)
        .into_iter()
        .find(|pick| pick.spend == spend && pick.option.map(named) == option)
}

/// What a set of picks breaks, in words; empty when it is feasible.
pub(crate) fn breaches(plain: &Plain, picks: &[&Pick]) -> Vec<String> {
    let mut found = Vec::new();
    let spent: i64 = picks.iter().map(|pick| pick.spend).sum();
    if plain.budget().is_some_and(|budget| spent > budget) {
        found.push(format!("budget: {spent}"));
    }
    for (number, (id, limit)) in plain.resources.iter().enumerate() {
        let used: i128 = picks.iter().map(|pick| pick.uses[number]).sum();
        if used > i128::from(*limit) * i128::from(plain.minor_in_unit()) {
            found.push(format!("resource {id}: {used}"));
        }
    }
    for (group, insiders) in plain.groups.iter().zip(plain.insiders()) {
        let inside: i64 = insiders.iter().map(|place| picks[*place].spend).sum();
        if inside < group.floor {
            found.push(format!("group {} under its floor: {inside}", group.id));
        }
        if group.cap.is_some_and(|cap| inside > cap) {
            found.push(format!("group {} over its cap: {inside}", group.id));
        }
    }
    found
}

/// Calls `visit` with every feasible combination.
pub(crate) fn every(plain: &Plain, most: i64, mut visit: impl FnMut(&[&Pick])) {
    let menu: Vec<Vec<Pick>> = (0..plain.activities.len())
        .map(|place| choices(plain, place, most))
        .collect();
    let left = plain.budget().unwrap_or(i64::MAX);
    descend(plain, &menu, left, &mut Vec::new(), &mut visit);
}

/// Depth first; a branch is left as soon as it has spent more than there is.
fn descend<'a>(
    plain: &Plain,
    menu: &'a [Vec<Pick>],
    left: i64,
    picks: &mut Vec<&'a Pick>,
    visit: &mut impl FnMut(&[&Pick]),
) {
    let Some(list) = menu.get(picks.len()) else {
        if breaches(plain, picks).is_empty() {
            visit(picks);
        }
        return;
    };
    for pick in list.iter().filter(|pick| pick.spend <= left) {
        picks.push(pick);
        descend(plain, menu, left - pick.spend, picks, visit);
        picks.pop();
    }
}

pub(crate) fn value(picks: &[&Pick]) -> f64 {
    picks.iter().map(|pick| pick.value).sum()
}

/// The accuracy to which any value here can be told from another.
pub(crate) fn accuracy(picks: &[&Pick]) -> f64 {
    1e-12 * picks.iter().map(|pick| pick.size).sum::<f64>()
}

/// The best value within the budget; `None` when nothing is feasible.
pub(crate) fn most_value(plain: &Plain) -> Option<f64> {
    let mut best = None::<f64>;
    every(
        plain,
        plain.budget().expect("a problem with a budget"),
        |picks| {
            let value = value(picks);
            if best.is_none_or(|so_far| value > so_far) {
                best = Some(value);
            }
        },
    );
    best
}

/// The least spend whose value reaches the target, or the most that can be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reach {
    Least(i64),
    TooFar(f64),
    Infeasible,
}

/// By trying everything up to `most` for each activity.
pub(crate) fn least_spend(plain: &Plain, most: i64) -> Reach {
    let Aim::Target(target) = plain.aim else {
        panic!("a problem with a target")
    };
    let (mut least, mut top) = (None::<i64>, None::<f64>);
    every(plain, most, |picks| {
        let (value, spent) = (value(picks), picks.iter().map(|p| p.spend).sum::<i64>());
        if value >= target - 1e-12 * target.abs() && least.is_none_or(|so_far| spent < so_far) {
            least = Some(spent);
        }
        if top.is_none_or(|so_far| value > so_far) {
            top = Some(value);
        }
    });
    match (least, top) {
        (Some(least), _) => Reach::Least(least),
        (None, Some(top)) => Reach::TooFar(top),
        (None, None) => Reach::Infeasible,
    }
}

#[test]
fn the_published_menu_is_solved() {
    use crate::plain::{Activity, Choice};
    let menu = |id: &str, options: [(&str, f64, i64); 2]| Activity {
        id: id.into(),
        offer: Offer::Menu {
            options: options
                .into_iter()
                .map(|(id, value, cost)| Choice {
                    id: id.into(),
                    cost,
                    value,
                    uses: [].into(),
                })
                .collect(),
            required: false,
        },
    };
    for (budget, best) in [
        (3, 40.0),
        (6, 70.0),
        (9, 95.0),
        (12, 125.0),
        (15, 135.0),
        (18, 135.0),
    ] {
        let plain = Plain {
            currency: "JPY",
            aim: Aim::Budget(budget),
            resources: vec![],
            activities: vec![
                menu("Alice", [("A", 30.0, 3), ("B", 10.0, 6)]),
                menu("Bob", [("A", 40.0, 3), ("B", 50.0, 6)]),
                menu("Eve", [("A", 10.0, 3), ("B", 55.0, 6)]),
            ],
            groups: vec![],
        };
        assert_eq!(most_value(&plain), Some(best), "budget {budget}");
        let target = Plain {
            aim: Aim::Target(best),
            ..plain
        };
        // 135 is reached at 15 already.
        assert_eq!(least_spend(&target, 18), Reach::Least(budget.min(15)));
    }
}
