use proptest::prelude::*;

use super::models::{Economy, Models};
use super::*;
use crate::calendar::{DiscountRate, Horizon};
use crate::census::{Census, CensusRecord};
use crate::customer::strategies::any_book;
use crate::customer::{Book, Tier};
use crate::fraction::Fraction;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::stance::{PaybackOver, Periods, Stance};

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn models() -> Models {
    let economy = Economy {
        horizon: Horizon::new(12).unwrap(),
        discount: DiscountRate::new(0.01).unwrap(),
    };
    Models::judged(economy, usd(15_000)).unwrap()
}

fn terms(budget: i64, ceiling: i64, offensiveness: f64, payback: Option<f64>) -> Terms {
    let mut stance =
        Stance::offence().with_offensiveness_smallest(Fraction::new(offensiveness).unwrap());
    if let Some(periods) = payback {
        let within = Periods::new(periods).unwrap();
        stance = stance
            .with_payback_limit(within, PaybackOver::EachCustomer)
            .unwrap();
    }
    Terms {
        budget: usd(budget),
        ceiling: usd(ceiling),
        stance,
        models: models(),
    }
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let payback = prop::option::of(1.0..12.0);
    (0..3_000_000_i64, 0..600_000_i64, 0.0..0.8, payback).prop_map(
        |(budget, ceiling, offensiveness, payback)| terms(budget, ceiling, offensiveness, payback),
    )
}

fn census_of(book: &Book) -> Census {
    let records: Vec<CensusRecord> = book
        .customers()
        .iter()
        .map(|c| CensusRecord {
            customer: c.id().clone(),
            result: Quantity::from_micros(1),
            spend: usd(100),
        })
        .collect();
    Census::take(book, &records).unwrap()
}

#[test]
fn an_empty_book_has_an_empty_plan_that_is_stalled() {
    let book = Book::empty(Currency::USD);
    let plan = plan(&book, &census_of(&book), &terms(100_000, 50_000, 0.1, None)).unwrap();
    assert!(plan.is_stalled() && plan.lines().is_empty());
    assert_eq!(plan.unspent(), usd(100_000));
}

#[test]
fn terms_that_do_not_fit_are_refused() {
    let book = Book::empty(Currency::USD);
    let census = census_of(&book);
    let yen = Currency::from_code("JPY").unwrap();
    let other = Terms {
        budget: Money::from_minor(5, yen),
        ..terms(0, 0, 0.0, None)
    };
    let error = plan(&book, &census, &other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "budget is in JPY; the book is kept in USD"
    );
    let error = plan(&book, &census, &terms(-1, 0, 0.0, None)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "budget is -0.01 USD; it must be at least 0"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Law 3 and the rules of the plan, on any book and any terms.
    #[test]
    fn a_plan_keeps_its_terms(book in any_book(12), terms in any_terms()) {
        let plan = plan(&book, &census_of(&book), &terms).unwrap();
        prop_assert!(plan.spent().minor() <= terms.budget.minor());
        prop_assert!(plan.exposure().minor() <= terms.ceiling.minor(), "C6");
        prop_assert_eq!(plan.lines().len(), book.customers().len());
        let after = plan.census_after();
        let prospects = after.tier(Tier::Prospect).spend;
        prop_assert_eq!(prospects, plan.exposure(), "what is promised is paid for");
        prop_assert!(plan.expected_claims().minor() <= plan.exposure().minor());
        if let Some(offensiveness) = after.offensiveness() {
            let smallest = terms.stance.offensiveness_smallest().get();
            prop_assert!(offensiveness.get() >= smallest - 1e-9, "C2: {offensiveness} < {smallest}");
        }
        for line in plan.lines() {
            prop_assert_eq!(line.spend.minor() % 15_000, 0, "whole efforts");
            if let (Some(payback), Some(limit)) = (line.payback, terms.stance.payback_limit()) {
                prop_assert!(payback.is_within(Periods::new(limit.within().get() + 1e-9).unwrap()), "F1: {payback}");
            }
            prop_assert!(plan.reason(line).len() > 20);
        }
        prop_assert_eq!(plan.is_stalled(), plan.lines().iter().all(|line| line.spend.is_zero()), "F2");
        let figures = plan.figures().unwrap();
        prop_assert_eq!(figures.invested().unwrap(), plan.spent());
    }

    /// Law 12.
    #[test]
    fn documents_round_trip(book in any_book(8), terms in any_terms()) {
        let plan = plan(&book, &census_of(&book), &terms).unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        let back: Plan = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);
        prop_assert_eq!(back, plan);
    }

    /// More budget never brings less; more ceiling never brings less.
    #[test]
    fn value_rises_with_the_budget(book in any_book(10), budget in 0..1_000_000_i64, more in 0..500_000_i64) {
        let census = census_of(&book);
        let less = plan(&book, &census, &terms(budget, 300_000, 0.0, None)).unwrap();
        let more = plan(&book, &census, &terms(budget + more, 300_000, 0.0, None)).unwrap();
        prop_assert!(more.totals().value >= less.totals().value - 1e-9);
    }
}
