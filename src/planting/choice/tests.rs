use proptest::prelude::*;

use super::{
    super::probability::tests::{plain_probability, scenario, scenarios},
    *,
};
use crate::money::Currency;

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn priced(list: &[DecisionScenario], costs: &[i64]) -> Vec<Offer> {
    let offers = list.iter().zip(costs);
    offers
        .map(|(scenario, cost)| Offer {
            scenario: scenario.clone(),
            cost: usd(*cost),
        })
        .collect()
}

/// Every affordable set, by the plain formula.
fn best_by_enumeration(offers: &[Offer], ease: f64, budget: i64) -> f64 {
    let mut best = 0.0_f64;
    for set in 0_u32..1 << offers.len() {
        let taken: Vec<&Offer> = offers
            .iter()
            .enumerate()
            .filter(|(at, _)| set >> at & 1 == 1)
            .map(|(_, o)| o)
            .collect();
        if taken.iter().map(|offer| offer.cost.minor()).sum::<i64>() <= budget {
            let planted: Vec<_> = taken.iter().map(|offer| &offer.scenario).collect();
            best = best.max(plain_probability(ease, &planted));
        }
    }
    best
}

#[test]
fn unlawful_offers_are_refused_by_name() {
    let a = scenario("a", "s", 0.5, 0.5);
    let offer = |scenario: &DecisionScenario, cost| Offer {
        scenario: scenario.clone(),
        cost,
    };
    let refused = |offers: &[Offer], budget| choose(offers, Fraction::ZERO, budget).unwrap_err();
    assert!(matches!(
        refused(&[offer(&a, usd(-1))], usd(9)),
        PlantingError::NegativeCost { minor: -1, .. }
    ));
    assert!(matches!(
        refused(&[], usd(-1)),
        PlantingError::NegativeBudget { .. }
    ));
    let twice = [offer(&a, usd(1)), offer(&a, usd(2))];
    assert!(matches!(
        refused(&twice, usd(9)),
        PlantingError::ScenarioRepeated { .. }
    ));
    // Refused even where the budget could not have paid for it.
    let other_chance = [
        offer(&a, usd(1)),
        offer(&scenario("b", "s", 0.4, 0.5), usd(99)),
    ];
    assert!(matches!(
        refused(&other_chance, usd(9)),
        PlantingError::ChanceDiffers { .. }
    ));
    let yen = Money::from_minor(1, Currency::from_code("JPY").unwrap());
    assert!(matches!(
        refused(&[offer(&a, yen)], usd(9)),
        PlantingError::Money(_)
    ));
    assert!(matches!(
        choose(&[], Fraction::ONE, usd(9)),
        Err(PlantingError::CertainEase { .. })
    ));
    let nothing = choose(&[], Fraction::new(0.25).unwrap(), usd(9)).unwrap();
    assert!((nothing.probability.get() - 0.25).abs() < 1e-15 && nothing.scenarios.is_empty());
}

#[test]
fn a_dear_offer_that_beats_all_cheap_ones_is_not_missed() {
    // By gain per cost the cheap offer comes first and then blocks the dear one.
    let mut list = vec![
        scenario("dear", "s1", 0.9, 0.9),
        scenario("cheap", "s2", 0.05, 0.05),
    ];
    let mut costs = vec![1_000, 1];
    for number in 0..30 {
        list.push(scenario(
            &format!("x{number}"),
            &format!("t{number}"),
            0.5,
            0.5,
        ));
        costs.push(5_000);
    }
    let choice = choose(&priced(&list, &costs), Fraction::ZERO, usd(1_000)).unwrap();
    assert_eq!(choice.scenarios, [Id::new("dear").unwrap()]);
    assert_eq!(choice.proof, Proof::Exact); // thirty are out of reach, so two are left
}

#[test]
fn free_offers_are_always_taken() {
    let list: Vec<_> = (0..30)
        .map(|n| scenario(&format!("d{n:02}"), "s", 0.5, 0.1))
        .collect();
    let choice = choose(&priced(&list, &[0; 30]), Fraction::ZERO, usd(0)).unwrap();
    assert_eq!((choice.scenarios.len(), choice.proof), (30, Proof::Greedy));
    assert!(choice.strength_bound <= choice.strength * (1.0 + 1e-9));
}

/// Offers alike in everything are the worst for a search: every choice of as many is as good.
#[test]
fn as_many_equal_offers_as_are_searched_are_chosen_exactly() {
    for (situations, budget) in [
        (EXACT_OFFERS_MOST, 95),
        (EXACT_OFFERS_MOST, 105),
        (1, 95),
        (4, 95),
    ] {
        let list: Vec<_> = (0..EXACT_OFFERS_MOST)
            .map(|n| {
                scenario(
                    &format!("d{n:02}"),
                    &format!("s{}", n % situations),
                    0.5,
                    0.3,
                )
            })
            .collect();
        let choice = choose(
            &priced(&list, &[10; EXACT_OFFERS_MOST]),
            Fraction::ZERO,
            usd(budget),
        )
        .unwrap();
        assert_eq!(choice.proof, Proof::Exact);
        assert_eq!(i64::try_from(choice.scenarios.len()).unwrap(), budget / 10);
    }
}

#[test]
fn the_largest_costs_and_budgets_stay_in_range() {
    let list: Vec<_> = (0..30)
        .map(|n| scenario(&format!("d{n:02}"), &format!("s{n}"), 1.0, 0.999_999))
        .collect();
    for cost in [0, 1, i64::MAX / 2, i64::MAX] {
        let choice = choose(&priced(&list, &[cost; 30]), Fraction::ZERO, usd(i64::MAX)).unwrap();
        assert!(choice.strength.is_finite() && choice.strength_bound >= choice.strength);
        assert!(!choice.scenarios.is_empty());
    }
}

proptest! {
    #[test]
    fn small_sets_are_chosen_exactly(
        list in scenarios(8), costs in proptest::collection::vec(0_i64..30, 8), budget in 0_i64..90, ease in 0.0..0.8_f64,
    ) {
        let offers = priced(&list, &costs);
        let choice = choose(&offers, Fraction::new(ease).unwrap(), usd(budget)).unwrap();
        let best = best_by_enumeration(&offers, ease, budget).max(ease);
        prop_assert!((choice.probability.get() - best).abs() < 1e-11, "{} against {best}", choice.probability);
        prop_assert!(choice.spent.minor() <= budget);
        let mut turned = offers.clone();
        turned.reverse();
        prop_assert_eq!(choose(&turned, Fraction::new(ease).unwrap(), usd(budget)).unwrap(), choice);
    }

    #[test]
    fn greedy_keeps_its_guarantee_and_its_bound_is_admissible(
        list in scenarios(9), costs in proptest::collection::vec(1_i64..30, 9), budget in 1_i64..90,
    ) {
        let offers = priced(&list, &costs);
        let market = Market::admit(&offers, usd(budget)).unwrap();
        let (places, bound) = market.greedy();
        let reached = market.gain_of(&places);
        let best = -libm::log1p(-best_by_enumeration(&offers, 0.0, budget));
        prop_assert!(reached >= GREEDY_SHARE * best - 1e-12, "{reached} of {best}");
        prop_assert!(bound >= best * (1.0 - 1e-12), "bound {bound} below {best}");
    }
}
