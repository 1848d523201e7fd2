use proptest::prelude::*;

use super::*;
use crate::customer::decision::{DecisionDraft, Situation, Statement};

pub(in crate::planting) fn scenario(
    id: &str,
    place: &str,
    chance: f64,
    pull: f64,
) -> DecisionScenario {
    let fraction = |value| Fraction::new(value).unwrap();
    let text = Statement::new(format!("situation {place}")).unwrap();
    DecisionScenario::new(DecisionDraft {
        id: Id::new(id).unwrap(),
        situation: Situation::new(Id::new(place).unwrap(), text, fraction(chance)).unwrap(),
        decision: "use it".into(),
        benefit: "an hour is gained".into(),
        harm: "a day is lost".into(),
        benefit_weight: fraction(pull),
        harm_weight: fraction(pull),
    })
    .unwrap()
}

/// Scenarios over a few situations, each with one chance.
pub(in crate::planting) fn scenarios(most: usize) -> impl Strategy<Value = Vec<DecisionScenario>> {
    let chances = proptest::collection::vec(0.05..1.0_f64, 4);
    let pulls = proptest::collection::vec((0_usize..4, 0.01..0.95_f64), 1..=most);
    (chances, pulls).prop_map(|(chances, pulls)| {
        let numbered = pulls.into_iter().enumerate();
        numbered
            .map(|(number, (place, pull))| {
                scenario(
                    &format!("d{number:02}"),
                    &format!("s{place}"),
                    chances[place],
                    pull,
                )
            })
            .collect()
    })
}

/// The formula as it is written, by plain products.
pub(in crate::planting) fn plain_probability(ease: f64, planted: &[&DecisionScenario]) -> f64 {
    let mut situations: BTreeMap<&Id, (f64, f64)> = BTreeMap::new();
    for scenario in planted {
        let chance = scenario.situation().chance().get();
        let entry = situations
            .entry(scenario.situation().id())
            .or_insert((chance, 1.0));
        entry.1 *= 1.0 - scenario.pull().get();
    }
    let miss: f64 = situations
        .values()
        .map(|(q, miss)| 1.0 - q * (1.0 - miss))
        .product();
    1.0 - (1.0 - ease) * miss
}

#[test]
fn unlawful_plantings_are_refused_and_change_nothing() {
    assert!(matches!(
        Planting::new(Fraction::ONE),
        Err(PlantingError::CertainEase { .. })
    ));
    let mut planting = Planting::new(Fraction::new(0.1).unwrap()).unwrap();
    planting.plant(&scenario("a", "s", 0.5, 0.5)).unwrap();
    let before = planting.strength();
    assert_eq!(
        planting
            .plant(&scenario("a", "t", 0.5, 0.5))
            .unwrap_err()
            .to_string(),
        "scenario a is given twice; a decision is planted once"
    );
    assert_eq!(
        planting
            .plant(&scenario("b", "s", 0.6, 0.5))
            .unwrap_err()
            .to_string(),
        "situation s has the chance 0.6 in scenario b and 0.5 in another; one situation has one chance"
    );
    assert_eq!(planting.strength().to_bits(), before.to_bits());
    assert_eq!(planting.scenarios().len(), 1);
}

#[test]
fn a_hundred_plantings_are_still_told_apart() {
    // P is 1 to the last bit long before; the strength still rises by ln 2 each time.
    let mut planting = Planting::new(Fraction::ZERO).unwrap();
    for number in 0..100 {
        let place = format!("s{number}");
        let gain = planting.plant(&scenario(&place, &place, 1.0, 0.5)).unwrap();
        assert!((gain - core::f64::consts::LN_2).abs() < 1e-15);
    }
    assert!((planting.strength() - 100.0 * core::f64::consts::LN_2).abs() < 1e-12);
    assert_eq!(planting.probability(), Fraction::ONE);
}

proptest! {
    #[test]
    fn strength_is_that_of_the_formula_and_gains_are_its_steps(ease in 0.0..0.9_f64, list in scenarios(10)) {
        let mut planting = Planting::new(Fraction::new(ease).unwrap()).unwrap();
        let mut sum = planting.strength();
        for count in 0..list.len() {
            let gain = planting.plant(&list[count]).unwrap();
            prop_assert!(gain > 0.0);
            sum += gain;
            let planted: Vec<_> = list[..=count].iter().collect();
            let plain = plain_probability(ease, &planted);
            prop_assert!((planting.probability().get() - plain).abs() < 1e-12);
            prop_assert!((planting.strength() - sum).abs() < 1e-9 * (1.0 + sum));
        }
    }

    #[test]
    fn more_planted_is_strictly_more_and_the_gain_diminishes(list in scenarios(9), extra in 0_usize..9, split in 0_usize..9) {
        let extra = extra.min(list.len() - 1);
        let others: Vec<_> = list.iter().enumerate().filter(|(at, _)| *at != extra).map(|(_, s)| s).collect();
        let plant = |some: &[&DecisionScenario]| {
            let mut planting = Planting::new(Fraction::ZERO).unwrap();
            for s in some { planting.plant(s).unwrap(); }
            planting
        };
        let few = plant(&others[..split.min(others.len())]);
        let many = plant(&others);
        let (at_few, at_many) = (few.gain(&list[extra]).unwrap(), many.gain(&list[extra]).unwrap());
        prop_assert!(at_many > 0.0 && at_few >= at_many * (1.0 - 1e-12));
        let mut more = many.clone();
        more.plant(&list[extra]).unwrap();
        prop_assert!(more.strength() > many.strength());
    }

    #[test]
    fn order_of_planting_leaves_no_trace(list in scenarios(10), turn in 0_usize..10) {
        let straight = list.iter().fold(Planting::new(Fraction::ZERO).unwrap(), |mut p, s| { p.plant(s).unwrap(); p });
        let mut turned = list.clone();
        turned.reverse();
        turned.rotate_left(turn.min(list.len() - 1));
        let other = turned.iter().fold(Planting::new(Fraction::ZERO).unwrap(), |mut p, s| { p.plant(s).unwrap(); p });
        prop_assert_eq!(straight.strength().to_bits(), other.strength().to_bits());
    }
}
