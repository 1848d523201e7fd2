use proptest::prelude::*;

use super::*;
use crate::{
    customer::{decision::Statement, willingness::Step},
    numeric::Draws,
};

fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn ladder(up: f64, back: f64) -> Transitions {
    Transitions::ladder([fraction(up); 4], [fraction(back); 4]).unwrap()
}

#[test]
fn rows_must_be_chances_that_sum_to_one() {
    let mut rows = <[[f64; 5]; 5]>::from(ladder(0.25, 0.125));
    rows[1][2] = 0.5;
    assert_eq!(
        Transitions::new(rows).unwrap_err().to_string(),
        "chances of leaving or keeping aware sum to 1.25; they must sum to 1 within 1e-9"
    );
    for bad in [f64::NAN, -0.1, 75.0, f64::INFINITY] {
        rows[4][4] = bad;
        rows[1][2] = 0.25;
        assert!(matches!(
            Transitions::new(rows),
            Err(TransitionError::NotAChance {
                from: Stage::Resolved,
                to: Stage::Resolved,
                ..
            })
        ));
    }
    assert!(Transitions::ladder([fraction(0.7); 4], [fraction(0.7); 4]).is_err());
    let json = serde_json::to_string(&ladder(0.25, 0.125)).unwrap();
    assert_eq!(
        serde_json::from_str::<Transitions>(&json).unwrap(),
        ladder(0.25, 0.125)
    );
    assert!(serde_json::from_str::<Transitions>(&json.replace("0.75", "0.5")).is_err());
}

#[test]
fn reaching_two_rungs_up_is_the_negative_binomial() {
    // Two successes of chance .3 within 4 periods: 1 − .7⁴ − 4·.3·.7³.
    let found = ladder(0.3, 0.0)
        .reach(Stage::Unaware, Stage::Interested, 4)
        .get();
    assert!((found - (1.0 - 0.2401 - 0.4116)).abs() < 1e-14, "{found}");
    assert_eq!(
        ladder(0.3, 0.0).reach(Stage::Aware, Stage::Aware, 0),
        Fraction::ONE
    );
    assert_eq!(
        ladder(0.3, 0.0).reach(Stage::Aware, Stage::Weighing, 1),
        Fraction::ZERO
    );
    // Reached once counts, even if lost again: from the rung below, chance up only.
    let with_falls = ladder(0.3, 0.5)
        .reach(Stage::Unaware, Stage::Aware, 3)
        .get();
    assert!((with_falls - (1.0 - 0.343)).abs() < 1e-14);
    // The row of the top rung: back .5, stay .5; of the middle: .2 stays.
    assert!((ladder(0.3, 0.5).chance(Stage::Aware, Stage::Aware).get() - 0.2).abs() < 1e-15);
    assert!(
        (ladder(0.3, 0.5)
            .chance(Stage::Resolved, Stage::Weighing)
            .get()
            - 0.5)
            .abs()
            < 1e-15
    );
}

#[test]
fn the_score_interval_is_wilsons() {
    let mut counts = StageCounts::new();
    counts.add(Stage::Aware, Stage::Interested, 3);
    counts.add(Stage::Aware, Stage::Aware, 7);
    let found = counts
        .estimate(Stage::Aware, Stage::Interested, 1.96)
        .unwrap()
        .unwrap();
    assert_eq!((found.moves, found.out_of), (3, 10));
    // Both ends solve (share − p)² = z² p (1 − p) / n, by definition.
    for end in [found.low.get(), found.high.get()] {
        let left = (0.3 - end) * (0.3 - end);
        let right = 1.96 * 1.96 * end * (1.0 - end) / 10.0;
        assert!((left - right).abs() < 1e-15, "{found:?}");
    }
    assert!(found.low.get() < 0.3 && found.high.get() > 0.3);
    assert_eq!(
        counts.estimate(Stage::Weighing, Stage::Resolved, 1.96),
        Ok(None)
    );
    let never = counts
        .estimate(Stage::Aware, Stage::Resolved, 1.96)
        .unwrap()
        .unwrap();
    assert_eq!(never.low, Fraction::ZERO);
    assert!(never.high.get() > 0.2);
    assert!(counts.estimate(Stage::Aware, Stage::Aware, 0.0).is_err());
    assert!(
        counts
            .estimate(Stage::Aware, Stage::Aware, f64::NAN)
            .is_err()
    );
}

#[test]
fn a_rung_never_seen_keeps_its_judgement() {
    let mut counts = StageCounts::new();
    counts.add(Stage::Unaware, Stage::Aware, 1);
    counts.add(Stage::Unaware, Stage::Unaware, 3);
    let judged = ladder(0.5, 0.1);
    let mixed = counts.transitions(&judged, 4.0).unwrap();
    assert!((mixed.chance(Stage::Unaware, Stage::Aware).get() - 0.375).abs() < 1e-15);
    for to in Stage::ALL {
        let (kept, was) = (
            mixed.chance(Stage::Interested, to),
            judged.chance(Stage::Interested, to),
        );
        assert_eq!(kept, was);
    }
    let bare = counts.transitions(&judged, 0.0).unwrap();
    assert!((bare.chance(Stage::Unaware, Stage::Aware).get() - 0.25).abs() < 1e-15);
    assert!(counts.transitions(&judged, -1.0).is_err());
}

#[test]
fn counts_recover_the_chain_that_made_the_histories() {
    let (truth, start) = (ladder(0.15, 0.05), Date::new(2020, 1, 1).unwrap());
    let draws = Draws::new(5);
    let mut counts = StageCounts::new();
    for prospect in 0..2_000_u64 {
        let mut stream = draws.stream(&[prospect]);
        let (mut stage, mut steps) = (Stage::Unaware, Vec::new());
        for period in 1..=24 {
            let u = stream.uniform();
            let to = match stage.place() {
                _ if u < 0.15 => stage.next().unwrap_or(stage),
                place if u >= 0.95 && place > 0 => Stage::ALL[place - 1],
                _ => stage,
            };
            if to != stage {
                let evidence = Statement::new("seen").unwrap();
                let on = start.plus_days(period * 30 - 3).unwrap();
                steps.push(Step { on, to, evidence });
                stage = to;
            }
        }
        let willingness = Willingness::from_steps(start, steps).unwrap();
        let until = start.plus_days(24 * 30).unwrap();
        counts.observe(&willingness, 30, until).unwrap();
    }
    assert_eq!(
        Stage::ALL
            .map(|stage| counts.out_of(stage))
            .iter()
            .sum::<u64>(),
        48_000
    );
    for (from, to) in [
        (Stage::Unaware, Stage::Aware),
        (Stage::Aware, Stage::Interested),
        (Stage::Weighing, Stage::Interested),
    ] {
        let found = counts.estimate(from, to, 3.5).unwrap().unwrap();
        let chance = truth.chance(from, to);
        assert!(
            found.low <= chance && chance <= found.high,
            "{from} to {to}: {found:?}"
        );
    }
}

#[test]
fn an_unfinished_period_is_not_counted() {
    let start = Date::new(2026, 1, 1).unwrap();
    let willingness = Willingness::new(start);
    let count_until = |days| {
        let mut counts = StageCounts::new();
        counts
            .observe(&willingness, 30, start.plus_days(days).unwrap())
            .unwrap();
        counts.out_of(Stage::Unaware)
    };
    assert_eq!([-5, 0, 29, 30, 59, 60].map(count_until), [0, 0, 0, 1, 1, 2]);
    let mut counts = StageCounts::new();
    assert_eq!(
        counts.observe(&willingness, 0, start),
        Err(TransitionError::EmptyPeriod)
    );
}

proptest! {
    #[test]
    fn reach_never_falls_with_time_and_never_rises_with_the_target(
        up in 0.0..0.5_f64, back in 0.0..0.5_f64, periods in 0_u32..40, from in 0_usize..5, target in 0_usize..5,
    ) {
        let chain = ladder(up, back);
        let (from, target) = (Stage::ALL[from], Stage::ALL[target]);
        let now = chain.reach(from, target, periods).get();
        prop_assert!(chain.reach(from, target, periods + 1).get() >= now - 1e-12);
        if let Some(higher) = target.next() {
            prop_assert!(chain.reach(from, higher, periods).get() <= now + 1e-12);
        }
    }
}
