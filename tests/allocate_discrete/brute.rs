//! All that can be taken, tried one by one, and what an answer must keep.

use sortie::allocate::{Activity, Allocation, Group, Kind, Objective, Problem};
use sortie::money::Money;
use sortie::numeric::cast;
use sortie::response::Response;

/// One thing that an activity may take.
pub(crate) struct Taking {
    spend: i64,
    value: f64,
    /// Millionths.
    uses: Vec<u64>,
}

/// Everything that an activity may take, written from the rules of the format alone.
pub(crate) fn takings(problem: &Problem, activity: &Activity, budget: i64) -> Vec<Taking> {
    let resources = problem.resources();
    match activity.kind() {
        Kind::Menu(menu) => {
            let none = (!menu.is_required()).then(|| Taking {
                spend: 0,
                value: 0.0,
                uses: vec![0; resources.len()],
            });
            let taken = menu.options().iter().map(|option| Taking {
                spend: option.cost().minor(),
                value: option.value(),
                uses: resources
                    .iter()
                    .map(|r| {
                        option
                            .uses()
                            .iter()
                            .find(|(id, _)| id == r.id())
                            .map_or(0, |(_, q)| q.micros())
                    })
                    .collect(),
            });
            none.into_iter().chain(taken).collect()
        }
        Kind::Spending(terms) => {
            let step = terms.step().map_or(1, Money::minor);
            let floor = terms.floor().map_or(0, Money::minor);
            let cap = terms.cap().map_or(budget, Money::minor).min(budget);
            let least = terms.minimum_if_any().map_or(0, Money::minor);
            (0..=cap)
                .step_by(usize::try_from(step).unwrap())
                .filter(|x| *x >= floor && (*x == 0 || *x >= least))
                .map(|spend| Taking {
                    spend,
                    value: terms.curve().value(cast::f64_of_i64(spend)),
                    uses: resources
                        .iter()
                        .map(|r| {
                            let per = terms.uses_per_unit().iter().find(|(id, _)| id == r.id());
                            per.map_or(0, |(_, q)| q.micros()) * spend.unsigned_abs()
                        })
                        .collect(),
                })
                .collect()
        }
        _ => unreachable!("two kinds of activity"),
    }
}

/// The highest value by trying everything; `None` if nothing keeps the constraints.
pub(crate) fn brute(problem: &Problem) -> Option<f64> {
    let Objective::Budget(budget) = problem.objective() else {
        unreachable!("budgets only")
    };
    let budget = budget.minor();
    let lists: Vec<Vec<Taking>> = problem
        .activities()
        .iter()
        .map(|a| takings(problem, a, budget))
        .collect();
    let mut best = None;
    let mut chosen = vec![0; lists.len()];
    descend(problem, &lists, budget, &mut chosen, 0, (0, 0.0), &mut best);
    best
}

pub(crate) fn descend(
    problem: &Problem,
    lists: &[Vec<Taking>],
    budget: i64,
    chosen: &mut Vec<usize>,
    depth: usize,
    (spent, value): (i64, f64),
    best: &mut Option<f64>,
) {
    if spent > budget {
        return;
    }
    if depth == lists.len() {
        if best.is_none_or(|best| value > best) && keeps(problem, lists, chosen) {
            *best = Some(value);
        }
        return;
    }
    for (place, taking) in lists[depth].iter().enumerate() {
        chosen[depth] = place;
        descend(
            problem,
            lists,
            budget,
            chosen,
            depth + 1,
            (spent + taking.spend, value + taking.value),
            best,
        );
    }
}

pub(crate) fn keeps(problem: &Problem, lists: &[Vec<Taking>], chosen: &[usize]) -> bool {
    let taken: Vec<&Taking> = lists
        .iter()
        .zip(chosen)
        .map(|(list, at)| &list[*at])
        .collect();
    let within = problem
        .resources()
        .iter()
        .enumerate()
        .all(|(at, resource)| {
            taken.iter().map(|taking| taking.uses[at]).sum::<u64>() <= resource.limit().micros()
        });
    within
        && groups_keep(
            problem,
            &taken.iter().map(|taking| taking.spend).collect::<Vec<_>>(),
        )
}

pub(crate) fn groups_keep(problem: &Problem, spends: &[i64]) -> bool {
    problem.groups().iter().all(|group| {
        let spent = group_spend(problem, group, spends);
        spent >= group.floor().map_or(0, Money::minor)
            && group.cap().is_none_or(|cap| spent <= cap.minor())
    })
}

pub(crate) fn group_spend(problem: &Problem, group: &Group, spends: &[i64]) -> i64 {
    let own: i64 = group
        .members()
        .iter()
        .map(|member| spends[problem.position(member).unwrap()])
        .sum();
    let below: i64 = problem
        .groups()
        .iter()
        .filter(|child| child.parent() == Some(group.id()))
        .map(|child| group_spend(problem, child, spends))
        .sum();
    own + below
}

/// Checks that an answer keeps every constraint and says what it takes.
pub(crate) fn check(problem: &Problem, allocation: &Allocation) {
    let Objective::Budget(budget) = problem.objective() else {
        unreachable!("budgets only")
    };
    let spends: Vec<i64> = allocation.lines().map(|line| line.spend.minor()).collect();
    let mut used = vec![0; problem.resources().len()];
    let mut value = 0.0;
    for (line, activity) in allocation.lines().zip(problem.activities()) {
        assert_eq!(line.id, activity.id());
        let options = activity.as_menu().map(|menu| {
            menu.options()
                .iter()
                .find(|option| Some(option.id()) == line.option)
        });
        let taking = takings(problem, activity, budget.minor())
            .into_iter()
            .find(|taking| {
                taking.spend == line.spend.minor()
                    && (taking.value - line.value).abs() <= 1e-12 * taking.value.abs()
                    && match options {
                        Some(Some(option)) => option.value().to_bits() == taking.value.to_bits(),
                        _ => true,
                    }
            });
        let taking = taking.expect("a lawful spend with its value");
        if let Some(Some(option)) = options {
            assert_eq!(option.cost(), line.spend);
            for (sum, resource) in used.iter_mut().zip(problem.resources()) {
                *sum += option
                    .uses()
                    .iter()
                    .find(|(id, _)| id == resource.id())
                    .map_or(0, |(_, q)| q.micros());
            }
        } else {
            for (sum, more) in used.iter_mut().zip(&taking.uses) {
                *sum += more;
            }
        }
        value += line.value;
    }
    assert_eq!(spends.iter().sum::<i64>(), allocation.spent().minor());
    assert!(allocation.spent().minor() <= budget.minor());
    for (sum, resource) in used.iter().zip(problem.resources()) {
        assert!(*sum <= resource.limit().micros());
    }
    assert!(groups_keep(problem, &spends));
    assert!((value - allocation.value()).abs() <= 1e-9 * value.abs().max(1.0));
    assert!(allocation.bound() >= allocation.value());
}
