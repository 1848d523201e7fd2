//! Answers and certificates that were tampered with: the checker refuses them, or claims no more than is true.

use proptest::prelude::*;
use sortie::allocate::{Allocation, Prices, Problem, Status, Verdict, solve, verify};
use sortie::money::Money;

use crate::answer::admitted;
use crate::brute::{self, Pick, Reach};
use crate::generate::{Mix, problem};
use crate::parts::Parts;
use crate::plain::{Aim, Plain};

fn scaled(prices: &mut Prices, which: usize, by: f64) {
    let count = 1 + prices.resources.len() + prices.groups.len();
    let all = core::iter::once(&mut prices.budget)
        .chain(&mut prices.resources)
        .chain(&mut prices.groups);
    if let Some(price) = all.into_iter().nth(which % count) {
        *price = if *price == 0.0 { by } else { *price * by };
    }
}

/// The answer with one price of its certificate, or of one of its leaves, changed, and with each leaf left out.
fn changed(answer: &Allocation, which: usize, by: f64) -> Vec<Parts> {
    let mut changed = Vec::new();
    for leaf in 0..=answer.certificate().leaves.len().min(6) {
        let mut parts = Parts::of(answer);
        match parts.certificate.leaves.get_mut(leaf) {
            Some(leaf) => scaled(&mut leaf.prices, which, by),
            None => scaled(&mut parts.certificate.prices, which, by),
        }
        changed.push(parts);
        let mut parts = Parts::of(answer);
        if leaf < parts.certificate.leaves.len() {
            parts.certificate.leaves.remove(leaf);
            changed.push(parts);
        }
    }
    changed
}

/// The best value, and how well it can be told from others. Values of both signs that cancel are known no better than
/// their sizes allow, those of the best and of whatever may be it.
fn best_of(plain: &Plain) -> (f64, f64) {
    let best = brute::most_value(plain).unwrap_or(f64::NEG_INFINITY);
    let mut accuracy = 1e-9 * best.abs().max(1e-9);
    let budget = plain.budget().unwrap();
    brute::every(plain, budget, |picks| {
        let own = brute::accuracy(picks);
        if brute::value(picks) >= best - own {
            accuracy = accuracy.max(own);
        }
    });
    (best, accuracy)
}

/// Whatever is done to the certificate, what is proved of the answer stays true: the answer itself is untouched, so the
/// verdict may only be that it is best (and it is) or a gap that holds.
fn certificates(plain: &Plain, which: usize, by: f64) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let Ok(answer) = solve(&problem) else {
        return Ok(());
    };
    let (best, accuracy) = best_of(plain);
    for parts in changed(&answer, which, by) {
        match verify(&problem, &parts.together(&answer)) {
            Ok(Verdict::Proved) => prop_assert!(answer.value() >= best - accuracy),
            Ok(Verdict::FeasibleWithin { gap }) => {
                prop_assert!(answer.value() + gap >= best - accuracy);
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// The same of a target: a spend that is proved least is, and no gap is smaller than what can be saved.
fn certificates_of_targets(plain: &Plain, which: usize, by: f64) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let (Ok(answer), Reach::Least(least)) = (solve(&problem), brute::least_spend(plain, 50)) else {
        return Ok(());
    };
    for parts in changed(&answer, which, by) {
        target_holds(plain, &problem, least, &parts.together(&answer))?;
    }
    Ok(())
}

fn target_holds(
    plain: &Plain,
    problem: &Problem,
    least: i64,
    answer: &Allocation,
) -> Result<(), TestCaseError> {
    let saved = answer.spent().minor() - least;
    match verify(problem, answer) {
        Ok(Verdict::Proved) => {
            prop_assert!(saved <= 0, "{} proved, {} too much", answer.spent(), saved);
        }
        Ok(Verdict::FeasibleWithin { gap }) => {
            let saved = plain.units(saved);
            prop_assert!(
                saved <= gap * (1.0 + 1e-12),
                "{} can be saved, {} said",
                saved,
                gap
            );
        }
        Ok(_) | Err(_) => {}
    }
    Ok(())
}

/// An allocation that spends more for the target, or misses it, with the certificate of the answer.
fn other_answers_of_targets(plain: &Plain, seed: u64) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let (Ok(answer), Reach::Least(least)) = (solve(&problem), brute::least_spend(plain, 50)) else {
        return Ok(());
    };
    let Aim::Target(target) = plain.aim else {
        return Ok(());
    };
    for turn in 0..plain.activities.len() {
        let Some(parts) = moved(&problem, plain, &answer, turn, seed) else {
            continue;
        };
        let missed = parts.totals.value < target - 1e-9 * target.abs().max(1e-3);
        let other = parts.together(&answer);
        prop_assert!(!missed || verify(&problem, &other).is_err());
        target_holds(plain, &problem, least, &other)?;
    }
    Ok(())
}

/// Another lawful allocation in the place of the answer, with figures of its own that are right: it is never proved
/// unless it is as good, whatever certificate it borrows.
fn other_answers(plain: &Plain, seed: u64) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let Ok(answer) = solve(&problem) else {
        return Ok(());
    };
    let (best, accuracy) = best_of(plain);
    for turn in 0..plain.activities.len() {
        let Some(parts) = moved(&problem, plain, &answer, turn, seed) else {
            continue;
        };
        let value = parts.totals.value;
        let worse = value < best - accuracy;
        match verify(&problem, &parts.together(&answer)) {
            Ok(Verdict::Proved) => prop_assert!(!worse, "{} proved, {} is possible", value, best),
            Ok(Verdict::FeasibleWithin { gap }) => {
                prop_assert!(value + gap >= best - accuracy, "{} within {}", value, gap);
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// The answer with one activity somewhere else, and its totals set right.
fn moved(
    problem: &Problem,
    plain: &Plain,
    answer: &Allocation,
    turn: usize,
    seed: u64,
) -> Option<Parts> {
    let mut parts = Parts::of(answer);
    let activity = &plain.activities[turn];
    let place = parts
        .lines
        .iter()
        .position(|line| line.id.as_str() == activity.id)?;
    let options = problem.activities()[place].as_menu();
    let line = &mut parts.lines[place];
    let before = line.spend.minor();
    let pick: Pick = if let Some(menu) = options {
        let count = menu.options().len();
        let at = usize::try_from(seed).ok()? % (count + 1);
        let option = menu.options().get(at);
        line.option = option.map(|option| option.id().clone());
        let cost = option.map_or(0, |option| option.cost().minor());
        brute::pick(
            plain,
            turn,
            cost,
            line.option.as_ref().map(sortie::id::Id::as_str),
        )?
    } else {
        let shift = i64::try_from(seed % 5).ok()? - 2;
        brute::pick(plain, turn, (before + shift).max(0), None)?
    };
    line.spend = Money::from_minor(pick.spend, problem.currency());
    line.value = pick.value;
    let spent: i64 = parts.lines.iter().map(|line| line.spend.minor()).sum();
    parts.totals.value = parts.lines.iter().map(|line| line.value).sum();
    parts.totals.spent = Money::from_minor(spent, problem.currency());
    parts.totals.unspent = plain
        .budget()
        .map(|budget| Money::from_minor(budget - spent, problem.currency()));
    parts.totals.bound = match plain.aim {
        Aim::Budget(_) => parts.totals.value,
        Aim::Target(_) => plain.units(spent),
    };
    parts.totals.gap = 0.0;
    parts.totals.status = Status::Optimal;
    Some(parts)
}

/// Figures that the lines do not give are refused.
fn figures(plain: &Plain, place: usize) -> Result<(), TestCaseError> {
    let problem = admitted(plain);
    let Ok(answer) = solve(&problem) else {
        return Ok(());
    };
    let currency = answer.currency();
    let more = |money: Money| Money::from_minor(money.minor() + 1, currency);
    let up = |value: f64| value + value.abs() * 1e-6 + 1e-3;
    let refused = |change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(&answer);
        change(&mut parts);
        verify(&problem, &parts.together(&answer)).is_err()
    };
    prop_assert!(refused(&|parts| parts.totals.value = up(parts.totals.value)));
    prop_assert!(refused(&|parts| parts.totals.value = f64::NAN));
    prop_assert!(refused(
        &|parts| parts.totals.spent = more(parts.totals.spent)
    ));
    let unspent = |parts: &mut Parts| parts.totals.unspent = parts.totals.unspent.map(more);
    prop_assert!(refused(&unspent));
    prop_assert!(refused(&|parts| parts.certificate.prices.budget = -1.0));
    prop_assert!(refused(&|parts| parts.certificate.prices.budget = f64::NAN));
    if !answer.is_empty() {
        let at = place % answer.len();
        prop_assert!(refused(
            &|parts| parts.lines[at].value = up(parts.lines[at].value)
        ));
        prop_assert!(refused(
            &|parts| parts.lines[at].spend = more(parts.lines[at].spend)
        ));
        let lost = |parts: &mut Parts| drop(parts.lines.remove(at));
        prop_assert!(refused(&lost));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_certificate_proves_nothing_false(
        plain in problem(Mix::EVERYTHING), which in 0_usize..8, by in prop_oneof![Just(0.0), Just(0.5), Just(0.999), Just(1.01), Just(3.0)],
    ) {
        certificates(&plain, which, by)?;
    }

    #[test]
    fn a_certificate_of_menus_proves_nothing_false(
        plain in problem(Mix::MENU_RESOURCES), which in 0_usize..8, by in prop_oneof![Just(0.0), Just(0.5), Just(1.01), Just(3.0)],
    ) {
        certificates(&plain, which, by)?;
    }

    #[test]
    fn a_certificate_of_a_target_proves_nothing_false(
        plain in problem(Mix::EVERYTHING.with_target()), which in 0_usize..8, by in prop_oneof![Just(0.0), Just(0.5), Just(1.01), Just(3.0), Just(f64::MAX)],
    ) {
        certificates_of_targets(&plain, which, by)?;
    }

    #[test]
    fn a_certificate_of_a_concave_target_proves_nothing_false(
        plain in problem(Mix::CONCAVE_TREE.with_target()), which in 0_usize..8, by in prop_oneof![Just(0.0), Just(0.5), Just(1.01), Just(3.0)],
    ) {
        certificates_of_targets(&plain, which, by)?;
    }

    #[test]
    fn a_dearer_answer_to_a_target_is_never_proved(plain in problem(Mix::EVERYTHING.with_target()), seed in 0_u64..40) {
        other_answers_of_targets(&plain, seed)?;
    }

    #[test]
    fn a_dearer_answer_to_a_target_of_menus_is_never_proved(plain in problem(Mix::MENUS.with_target()), seed in 0_u64..40) {
        other_answers_of_targets(&plain, seed)?;
    }

    #[test]
    fn a_worse_answer_is_never_proved(plain in problem(Mix::EVERYTHING), seed in 0_u64..40) {
        other_answers(&plain, seed)?;
    }

    #[test]
    fn a_worse_answer_of_concave_activities_is_never_proved(plain in problem(Mix::CONCAVE_TREE), seed in 0_u64..40) {
        other_answers(&plain, seed)?;
    }

    #[test]
    fn a_worse_answer_of_menus_is_never_proved(plain in problem(Mix::MENUS), seed in 0_u64..40) {
        other_answers(&plain, seed)?;
    }

    #[test]
    fn figures_that_are_not_the_lines_are_refused(plain in problem(Mix::EVERYTHING), place in 0_usize..8) {
        figures(&plain, place)?;
    }
}
