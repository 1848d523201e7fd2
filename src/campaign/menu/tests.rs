use proptest::prelude::*;

use crate::calendar::{Date, DiscountRate, Horizon};
use crate::campaign::models::{
    CareModes, Economy, Hearsay, IterationModel, Menus, Models, Success,
};
use crate::campaign::{Attack, Market, Plan, Terms, plan};
use crate::census::Census;
use crate::customer::acquaintance::{Listening, Tie, TieKind};
use crate::customer::behaviour::{Behaviour, CareMode, Doubt};
use crate::customer::habit::{Axis, Depth, Habit, Practice};
use crate::customer::strategies::{any_book, fraction, id};
use crate::customer::{Book, Customer, Habitual, Standing, Starting, Tier};
use crate::money::{Currency, Money};
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

fn menus(efforts: u32) -> Menus {
    let visit = CareMode::person_to_person(usd(15_000), fraction(0.6)).unwrap();
    let programme = CareMode::early_warning(usd(400_000), usd(1_300), fraction(0.5)).unwrap();
    let modes = CareModes::new(visit).unwrap().with_programme(programme);
    Menus::new(efforts, modes.unwrap()).unwrap()
}

fn terms(models: Models, budget: i64, payback: Option<f64>) -> Terms {
    let mut stance = Stance::offence();
    if let Some(periods) = payback {
        let within = Periods::new(periods).unwrap();
        stance = stance
            .with_payback_limit(within, PaybackOver::EachCustomer)
            .unwrap();
    }
    Terms::new(usd(budget), usd(100_000), stance, models)
}

fn planned(book: &Book, terms: &Terms) -> Plan {
    plan(book, &Census::take(book, &[]).unwrap(), terms).unwrap()
}

fn habitual(name: &str, contribution: i64, depths: &[Depth]) -> Customer {
    let habits = depths.iter().enumerate().map(|(place, depth)| {
        let practice = Practice::new(format!("p{place}")).unwrap();
        Habit::new(practice.clone(), practice, *depth, fraction(0.8))
    });
    let standing = Standing::Habitual(Habitual::new(habits.collect()).unwrap());
    Customer::new(id(name), usd(contribution), None, standing).unwrap()
}

fn starting(name: &str, contribution: i64, severities: &[f64]) -> Customer {
    let day = Date::new(2026, 3, 2).unwrap();
    let doubts = severities
        .iter()
        .enumerate()
        .map(|(place, severity)| Doubt::raise(id(&format!("d{place}")), day, fraction(*severity)));
    let behaviour = Behaviour::new(day, doubts.collect(), vec![]).unwrap();
    let standing = Standing::Starting(Starting::new(fraction(0.6), behaviour));
    Customer::new(id(name), usd(contribution), None, standing).unwrap()
}

#[test]
fn a_customer_in_the_programme_is_not_visited_for_what_the_programme_settles() {
    let book = Book::of(Currency::USD, [starting("a", 20_000, &[0.2])]).unwrap();
    let models = models().with_menus(menus(4)).unwrap();
    // Money for the programme alone, then for the visit as well.
    let lean = planned(&book, &terms(models.clone(), 10_000, None));
    let line = lean.line(&id("a")).unwrap();
    assert_eq!(line.spend, usd(1_300));
    assert_eq!(
        lean.reason(line).split(';').next(),
        Some(
            "take it into the programme of early warning: use becomes habit with 51.3 % instead of 43.2 %"
        )
    );
    let rich = planned(&book, &terms(models.clone(), 30_000, None));
    let line = rich.line(&id("a")).unwrap();
    let Some(Attack::Care { means, .. }) = &line.attack else {
        panic!("{line:?}");
    };
    let means = means.unwrap();
    assert_eq!((means.visits, means.early_warning), (1, true));
    assert_eq!(line.spend, usd(16_300));
    assert!(rich.totals().optimal && lean.totals().optimal);
    assert!(rich.reason(line).starts_with(
        "answer its severest doubt in person and take it into the programme of early warning: "
    ));
    // No payback in a hundredth of a period: nothing on the menu, and the reason says so.
    let hurried = planned(&book, &terms(models, 30_000, Some(0.01)));
    let line = hurried.line(&id("a")).unwrap();
    assert!(line.attack.is_none() && hurried.reason(line).contains("pay back in time"));
}

#[test]
fn steps_that_succeed_more_easily_are_taken_first() {
    let book = Book::of(Currency::USD, [habitual("a", 80_000, &[Depth::SHALLOWEST])]).unwrap();
    let to = |models: Models| {
        let plan = planned(&book, &terms(models, 60_000, None));
        match &plan.lines()[0].attack {
            Some(Attack::Iterate { to, chance, .. }) => (*to, *chance),
            other => panic!("{other:?}"),
        }
    };
    let plain = models();
    let rules = IterationModel::default()
        .with_success(Axis::Scope, Success::new(fraction(0.01), 2.0).unwrap())
        .with_success(Axis::Anchoring, Success::new(fraction(0.9), 1.0).unwrap());
    // A wider scope multiplies use, so by itself it comes first; where hardly anybody can be won, the rule does.
    assert_eq!(to(plain.clone()).0.to_string(), "group/benefit/custom");
    let bent = plain.with_iteration(rules);
    let (depth, chance) = to(bent.clone());
    assert_eq!(depth.to_string(), "individual/benefit/written_rule");
    assert!((chance - 0.9 * (1.0 - libm::exp(-4.0))).abs() < 1e-12);
    assert_eq!(to(bent.with_menus(menus(8)).unwrap()), (depth, chance));
}

#[test]
fn a_doubt_that_travels_is_settled_before_one_that_does_not() {
    let one = |name| starting(name, 20_000, &[0.4]);
    let listener = |name| habitual(name, 90_000, &[Depth::SHALLOWEST]);
    let customers = [one("a"), one("b"), listener("x"), listener("y")];
    let tie = |who, knows| Tie::new(id(who), id(knows), TieKind::Advice, fraction(1.0)).unwrap();
    let ties = [tie("x", "b"), tie("y", "x")];
    let book = Book::of(Currency::USD, customers).unwrap();
    let book = book.with_acquaintances(ties).unwrap();
    let with = |steps| {
        let listening = Listening::uniform(fraction(0.3)).unwrap();
        let care = models()
            .care()
            .clone()
            .with_hearsay(Hearsay::new(listening, steps));
        models().with_care(care)
    };
    // Nobody listens: equal doubts, equal prices, ties by id.
    let silent = models().price_doubts(&book).unwrap();
    assert_eq!(
        (&silent[0].customer, &silent[1].customer),
        (&id("a"), &id("b"))
    );
    assert!(silent.iter().all(|priced| priced.chain.links().is_empty()));
    // They do: b's doubt may cost .3 of x, and .09 of y.
    let stake = with(1).value_at_stake(book.get(&id("x")).unwrap());
    let first = with(1).first_habit_value(book.get(&id("b")).unwrap());
    for (steps, weight) in [(1, 0.3), (2, 0.39)] {
        let priced = with(steps).price_doubts(&book).unwrap();
        assert_eq!(priced[0].customer, id("b"));
        let expected = 0.6 * 0.4 * (first + weight * stake);
        assert!((priced[0].prices.together() - expected).abs() < 1e-9);
    }
    // And care follows the price: with money for one visit, the visit goes to b.
    let visited = |models: Models| {
        let stance = terms(models.clone(), 15_000, None);
        let market = Market::open(&book, &stance).unwrap();
        let spend = |name| market.allocation().line(&id(name)).unwrap().value;
        (spend("a"), spend("b"))
    };
    let (_, deaf) = visited(models().with_menus(menus(1)).unwrap());
    let (_, heard) = visited(with(2).with_menus(menus(1)).unwrap());
    assert!(heard > deaf);
}

proptest! {
    #[test]
    fn a_plan_of_menus_keeps_its_terms(
        book in any_book(8),
        budget in 0..600_000_i64,
        payback in prop::option::of(1.0..12.0),
    ) {
        let terms = terms(models().with_menus(menus(5)).unwrap(), budget, payback);
        let plan = planned(&book, &terms);
        prop_assert!(plan.spent().minor() <= budget);
        prop_assert!(plan.totals().bound >= plan.totals().value - 1e-6);
        for line in plan.lines() {
            let customer = book.get(&line.customer).unwrap();
            if let (Some(payback), Some(limit)) = (line.payback, terms.stance.payback_limit()) {
                let within = Periods::new(limit.within().get() + 1e-9).unwrap();
                prop_assert!(payback.is_within(within), "F1: {payback}");
            }
            match (&line.attack, customer.standing()) {
                (Some(Attack::Iterate { from, to, .. }), Standing::Habitual(habitual)) => {
                    prop_assert!(from < to);
                    prop_assert!(habitual.habits().iter().any(|habit| habit.depth() == *from));
                    prop_assert_eq!(line.spend.minor() % 15_000, 0);
                    prop_assert!(line.spend.minor() <= 5 * 15_000);
                }
                (Some(Attack::Care { means, adoption_before, adoption_after, .. }), Standing::Starting(starting)) => {
                    let means = means.unwrap();
                    let cost = 15_000 * i64::from(means.visits) + 1_300 * i64::from(means.early_warning);
                    prop_assert_eq!(line.spend.minor(), cost);
                    prop_assert!(adoption_after > adoption_before);
                    prop_assert!(*adoption_after <= starting.untroubled().get() + 1e-12);
                }
                (Some(Attack::Plant { .. }), Standing::Prospect(_)) | (None, _) => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let text = serde_json::to_string(&plan).unwrap();
        let back: Plan = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(back, plan);
    }

    /// Whole efforts on the best step are on the menu, so the menu brings no less than the curve.
    #[test]
    fn menus_bring_no_less_than_curves(book in any_book(6), efforts in 0_u32..8) {
        let customers = book.customers().iter().filter(|customer| customer.tier() == Tier::Habitual);
        let book = Book::of(Currency::USD, customers.cloned()).unwrap();
        let budget = 15_000 * i64::from(efforts);
        let curves = planned(&book, &terms(models(), budget, None));
        let listed = planned(&book, &terms(models().with_menus(menus(8)).unwrap(), budget, None));
        prop_assert!(listed.totals().value >= curves.totals().value - 1e-9);
        prop_assert!(curves.totals().optimal && listed.totals().optimal);
    }
}
