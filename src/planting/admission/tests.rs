use proptest::prelude::*;

use super::*;
use crate::{
    customer::acquaintance::{Tie, TieKind},
    money::Currency,
};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn name(place: usize) -> Id {
    Id::new(format!("c{place:02}")).unwrap()
}

fn graph(count: usize, links: &[(usize, usize, usize, f64)]) -> AcquaintanceGraph {
    let ties = links.iter().map(|&(who, knows, kind, strength)| {
        Tie::new(
            name(who),
            name(knows),
            TieKind::ALL[kind],
            fraction(strength),
        )
        .unwrap()
    });
    AcquaintanceGraph::new((0..count).map(name).collect(), ties).unwrap()
}

fn candidate(place: usize, cost: i64, chance: f64, value: f64, depth: f64) -> Candidate {
    Candidate {
        place,
        cost: usd(cost),
        chance: fraction(chance),
        value,
        depth: fraction(depth),
    }
}

#[test]
fn the_one_whom_others_listen_to_is_admitted_first() {
    // Equal prospects; the others listen to c02.
    let graph = graph(5, &[(0, 2, 0, 1.0), (1, 2, 0, 1.0), (3, 2, 0, 1.0)]);
    let candidates: Vec<_> = (0..5).map(|at| candidate(at, 10, 0.5, 1.0, 1.0)).collect();
    let select = |listening, count| {
        let spread =
            Spread::new(&graph, listening, candidates.clone(), |_| Fraction::ZERO).unwrap();
        spread.select(usd(100), count).unwrap()
    };
    let listening = Listening::uniform(fraction(0.4)).unwrap();
    let first = select(listening, 1);
    assert_eq!(first.admitted[0].id, name(2));
    // .5 of its own and .4·.5 for each of three listeners.
    assert!((first.value - 1.1).abs() < 1e-15 && (first.admitted[0].own - 0.5).abs() < 1e-15);
    assert!((first.bound - 1.1).abs() < 1e-9);
    // Without listening all are equal, and the smallest id goes first.
    assert_eq!(select(Listening::default(), 1).admitted[0].id, name(0));
    // Then the one who listens to nobody: the others' need is partly met.
    assert_eq!(select(listening, 2).admitted[1].id, name(4));
    assert!(select(listening, 0).admitted.is_empty());
}

#[test]
fn a_prospect_won_by_its_acquaintances_needs_less_work() {
    let graph = graph(3, &[(0, 2, 0, 1.0)]);
    let listening = Listening::uniform(fraction(0.5)).unwrap();
    let candidates = vec![
        candidate(0, 10, 0.5, 1.0, 1.0),
        candidate(1, 10, 0.5, 1.0, 1.0),
    ];
    let spread = Spread::new(&graph, listening, candidates, |place| {
        fraction(if place == 2 { 1.0 } else { 0.0 })
    });
    let chosen = spread.unwrap().select(usd(10), 9).unwrap();
    assert_eq!(chosen.admitted[0].id, name(1));
}

#[test]
fn unlawful_candidates_are_refused_by_name() {
    let graph = graph(2, &[]);
    let refused = |list: Vec<Candidate>| {
        Spread::new(&graph, Listening::default(), list, |_| Fraction::ZERO).unwrap_err()
    };
    let good = candidate(0, 1, 0.5, 1.0, 1.0);
    assert!(matches!(
        refused(vec![candidate(2, 1, 0.5, 1.0, 1.0)]),
        PlantingError::PlaceUnknown {
            place: 2,
            customers: 2
        }
    ));
    assert!(matches!(
        refused(vec![good, good]),
        PlantingError::CandidateRepeated { .. }
    ));
    assert!(matches!(
        refused(vec![candidate(0, -1, 0.5, 1.0, 1.0)]),
        PlantingError::NegativeCost { .. }
    ));
    for value in [f64::NAN, f64::INFINITY, -1.0, 1.1e200, f64::MAX] {
        assert!(matches!(
            refused(vec![candidate(0, 1, 0.5, value, 1.0)]),
            PlantingError::Value { .. }
        ));
    }
    let spread = Spread::new(&graph, Listening::default(), vec![good], |_| Fraction::ZERO).unwrap();
    assert!(matches!(
        spread.select(usd(-1), 1),
        Err(PlantingError::NegativeBudget { .. })
    ));
    let yen = Money::zero(Currency::from_code("JPY").unwrap());
    assert!(matches!(
        spread.select(yen, 1),
        Err(PlantingError::Money(_))
    ));
}

/// The largest of everything: figures stay numbers, and the money stays within the budget.
#[test]
fn the_largest_values_costs_and_counts_stay_in_range() {
    let graph = graph(3, &[(1, 0, 0, 1.0), (2, 0, 0, 1.0), (0, 1, 0, 1.0)]);
    let listening = Listening::uniform(fraction(0.999)).unwrap();
    for cost in [0, 1, i64::MAX] {
        let list = (0..3)
            .map(|at| candidate(at, cost, 1.0, VALUE_MOST, 1.0))
            .collect();
        let spread = Spread::new(&graph, listening, list, |_| Fraction::ZERO).unwrap();
        let found = spread.select(usd(i64::MAX), usize::MAX).unwrap();
        assert!(found.value.is_finite() && found.bound.is_finite() && found.value > 0.0);
        assert!(found.bound >= found.value && !found.admitted.is_empty());
        assert_eq!(found.admitted.len() == 1, cost == i64::MAX);
    }
}

type Case = (Vec<(usize, usize, usize, f64)>, Vec<Candidate>);

fn cases() -> impl Strategy<Value = Case> {
    let links =
        proptest::collection::btree_map((0_usize..8, 0_usize..8, 0_usize..2), 0.1..=1.0_f64, 0..20);
    let candidates =
        proptest::collection::vec((0_i64..20, 0.05..0.95_f64, 0.0..10.0_f64, 0.0..=1.0_f64), 7);
    (links, candidates).prop_map(|(links, candidates)| {
        let links = links.into_iter().filter(|((a, b, _), _)| a != b);
        let links = links
            .map(|((a, b, kind), strength)| (a, b, kind, strength))
            .collect();
        let numbered = candidates.into_iter().enumerate();
        let list = numbered
            .map(|(at, (cost, chance, value, depth))| candidate(at, cost, chance, value, depth));
        (links, list.collect())
    })
}

/// F(S) as it is written.
fn plain_value(
    graph: &AcquaintanceGraph,
    listening: &Listening,
    list: &[Candidate],
    set: u32,
) -> f64 {
    let works = |at: usize| set >> at & 1 == 1;
    let existing = |at: usize| fraction(if at == 7 { 0.8 } else { 0.0 });
    list.iter()
        .map(|one| {
            let mut miss = if works(one.place) {
                1.0 - one.chance.get()
            } else {
                1.0
            };
            for tie in graph.knows(one.place) {
                if tie.place < 7 && works(tie.place) {
                    let other = list[tie.place];
                    miss *= 1.0
                        - listening.reach(tie.kind, tie.strength, other.depth) * other.chance.get();
                }
            }
            let untouched = 1.0 - graph.ease(one.place, listening, existing).get();
            one.value * untouched * (1.0 - miss)
        })
        .sum()
}

proptest! {
    #[test]
    fn selection_keeps_its_guarantee_and_its_bound_is_admissible(
        (links, list) in cases(), weight in 0.0..0.95_f64, budget in 0_i64..60, count in 1_usize..8,
    ) {
        let graph = graph(8, &links);
        let listening = Listening::uniform(fraction(weight)).unwrap();
        let existing = |at: usize| fraction(if at == 7 { 0.8 } else { 0.0 });
        let spread = Spread::new(&graph, listening, list.clone(), existing).unwrap();
        let found = spread.select(usd(budget), count).unwrap();
        prop_assert!(found.spent.minor() <= budget && found.admitted.len() <= count);
        let set = found.admitted.iter().fold(0_u32, |set, one| set | 1 << graph.place(&one.id).unwrap());
        let value = plain_value(&graph, &listening, &list, set);
        prop_assert!((found.value - value).abs() < 1e-10, "{} against {value}", found.value);
        let mut best = 0.0_f64;
        for set in 0_u32..1 << 7 {
            let cost: i64 = list.iter().filter(|one| set >> one.place & 1 == 1).map(|one| one.cost.minor()).sum();
            if cost <= budget && set.count_ones() <= u32::try_from(count).unwrap() {
                best = best.max(plain_value(&graph, &listening, &list, set));
            }
        }
        prop_assert!(found.bound >= best * (1.0 - 1e-12), "bound {} below {best}", found.bound);
        if count >= 7 {
            prop_assert!(found.value >= super::super::GREEDY_SHARE * best - 1e-12);
        }
    }
}
