mod bounds;
mod sentences;

use proptest::prelude::*;

use super::models::{Economy, Models, PlantingModel};
use super::*;
use crate::calendar::{Date, DiscountRate, Horizon};
use crate::census::{Census, CensusRecord};
use crate::customer::acquaintance::{Listening, Tie, TieKind};
use crate::customer::decision::Statement;
use crate::customer::habit::{Depth, Habit, Practice};
use crate::customer::strategies::{any_book, scenario};
use crate::customer::willingness::Willingness;
use crate::customer::{Book, Customer, Habitual, Prospect, Standing, Tier};
use crate::fraction::Fraction;
use crate::id::Id;
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
    Terms::new(usd(budget), usd(ceiling), stance, models())
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

#[test]
fn more_promised_than_there_is_is_refused() {
    let book = Book::empty(Currency::USD);
    let promised = Terms {
        committed: usd(60_000),
        ..terms(100_000, 50_000, 0.0, None)
    };
    let error = plan(&book, &census_of(&book), &promised).unwrap_err();
    assert_eq!(
        error.to_string(),
        "600.00 USD is committed on virtual budgets, more than the ceiling of virtual budgets of 500.00 USD; \
         what is promised must stay payable, so raise the ceiling of virtual budgets or release promises"
    );
    let poor = Terms {
        budget: usd(59_999),
        ceiling: usd(60_000),
        ..promised
    };
    let error = plan(&book, &census_of(&book), &poor).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("more than the budget of 599.99 USD"),
        "{error}"
    );
    let plan = plan(
        &book,
        &census_of(&book),
        &Terms {
            budget: usd(60_000),
            ..poor
        },
    )
    .unwrap();
    assert!(plan.budget().is_zero() && plan.totals().ceiling.is_zero());
}

/// A prospect on a rung, with candidates of a pull in situations of their own.
fn prospect(id: &str, contribution: i64, rungs: i32, pulls: &[f64]) -> Customer {
    let day = |n| Date::from_day_number(20_000 + n).unwrap();
    let mut willingness = Willingness::new(day(0));
    for rung in 0..rungs {
        let evidence = Statement::new("asked for a trial").unwrap();
        willingness.advance(day(rung), evidence).unwrap();
    }
    let candidates = pulls.iter().enumerate();
    let candidates =
        candidates.map(|(n, pull)| scenario(&format!("s{n}"), &format!("n{n}"), 0.5, *pull));
    let prospect = Prospect::new(willingness, vec![], candidates.collect()).unwrap();
    let standing = Standing::Prospect(prospect);
    Customer::new(Id::new(id).unwrap(), usd(contribution), None, standing).unwrap()
}

#[test]
fn expected_claims_are_taken_off_what_planting_brings() {
    let customer = prospect("p", 20_000, 3, &[0.4, 0.1]);
    let book = Book::of(Currency::USD, [customer]).unwrap();
    let terms = terms(100_000, 100_000, 0.0, None);
    let plan = plan(&book, &census_of(&book), &terms).unwrap();
    let line = &plan.lines()[0];
    let models = models();
    let worth = models.present_value(&models.prospect_flow()) * 200.0;
    // From weighing one gate is left, passed with even chance: half of 150.00 is expected to be claimed.
    let expected = |chance: f64, efforts: f64| worth * chance - 75.0 * efforts;
    assert!(expected(0.2, 1.0) > 0.0 && expected(1.0 - 0.8 * 0.95, 2.0) < expected(0.2, 1.0));
    assert_eq!(
        line.spend,
        usd(15_000),
        "the second is not worth its claims"
    );
    assert!((line.value - expected(0.2, 1.0)).abs() < 1e-9);
    assert_eq!(plan.expected_claims(), usd(7_500));
    assert_eq!(plan.exposure(), usd(15_000));
    // With every gate passed all of it would be claimed, and nothing is worth that.
    let sure = Book::of(Currency::USD, [prospect("p", 10_000, 4, &[0.1])]).unwrap();
    let plan = super::plan(&sure, &census_of(&sure), &terms).unwrap();
    let why = Standstill::ClaimsOutweigh;
    assert_eq!(plan.lines()[0].limited_by, PlanLimit::Nothing { why });
}

#[test]
fn acquaintances_move_a_plan_only_for_those_who_believe_in_them() {
    let deepest = Depth::all().into_iter().max_by_key(Depth::rank).unwrap();
    let practice = || Practice::new("a").unwrap();
    let habit = Habit::new(practice(), practice(), deepest, Fraction::ONE);
    let standing = Standing::Habitual(Habitual::new(vec![habit]).unwrap());
    let known = Customer::new(Id::new("c").unwrap(), usd(0), None, standing).unwrap();
    let tie = Tie::new(
        Id::new("p").unwrap(),
        known.id().clone(),
        TieKind::Advice,
        Fraction::ONE,
    )
    .unwrap();
    let book = Book::of(Currency::USD, [known, prospect("p", 20_000, 1, &[0.4])]).unwrap();
    let book = book.with_acquaintances([tie]).unwrap();
    let chances = |models: Models| {
        let terms = Terms {
            models,
            ..terms(100_000, 100_000, 0.0, None)
        };
        match &plan(&book, &census_of(&book), &terms).unwrap().lines()[1].attack {
            Some(Attack::Plant {
                chance_before,
                chance_after,
                ..
            }) => (*chance_before, *chance_after),
            other => panic!("{other:?}"),
        }
    };
    let (before, after) = chances(models());
    assert!(
        before.abs() < 1e-15 && (after - 0.2).abs() < 1e-12,
        "nobody listens by default"
    );
    let listening = Listening::uniform(Fraction::new(0.25).unwrap()).unwrap();
    let (before, after) =
        chances(models().with_planting(PlantingModel::default().with_listening(listening)));
    assert!((before - 0.25).abs() < 1e-12 && (after - (1.0 - 0.75 * 0.8)).abs() < 1e-12);
}

proptest! {
    /// What is committed is kept apart: the plan is that of the money and the room that are left.
    #[test]
    fn what_is_committed_is_reserved(book in any_book(10), terms in any_terms(), share in 0.0..=1.0) {
        let most = terms.budget.minor().min(terms.ceiling.minor());
        let committed = crate::numeric::cast::i64_clamped(share * crate::numeric::cast::f64_of_i64(most), 0, most);
        let promised = Terms { committed: usd(committed), ..terms.clone() };
        let less = Terms {
            budget: usd(terms.budget.minor() - committed),
            ceiling: usd(terms.ceiling.minor() - committed),
            ..terms.clone()
        };
        let census = census_of(&book);
        let plan = plan(&book, &census, &promised).unwrap();
        prop_assert_eq!(&plan, &super::plan(&book, &census, &less).unwrap());
        prop_assert!(plan.spent().minor() + committed <= terms.budget.minor());
        prop_assert!(plan.exposure().minor() + committed <= terms.ceiling.minor());
    }

    /// Law 3 and the rules of the plan, on any book and any terms.
    #[test]
    fn a_plan_keeps_its_terms(book in any_book(12), terms in any_terms()) {
        let plan = plan(&book, &census_of(&book), &terms).unwrap();
        prop_assert!(plan.spent().minor() <= terms.budget.minor());
        prop_assert!(plan.exposure().minor() <= terms.ceiling.minor(), "C6");
        prop_assert_eq!(plan.lines().len(), book.customers().len());
        let after = plan.census_after();
        let prospects = after.tier(Tier::Prospect).spend;
        prop_assert_eq!(prospects, plan.exposure(), "as much again is promised as is spent");
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
        let foremost = Tier::ALL.map(|tier| plan.foremost(tier));
        prop_assert_eq!(crate::numeric::cast::u64_of_usize(foremost.iter().map(Vec::len).sum()), plan.advanced());
        for lines in &foremost {
            prop_assert!(lines.is_sorted_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.customer.cmp(&b.customer)).is_lt()));
        }
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
