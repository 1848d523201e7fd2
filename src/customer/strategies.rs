//! Strategies that build lawful customers, for the tests of every room above.

use proptest::prelude::*;

use super::acquaintance::{Tie, TieKind};
use super::behaviour::{Behaviour, Doubt};
use super::decision::{DecisionDraft, DecisionScenario, Situation, Statement};
use super::habit::{Depth, Habit, Practice};
use super::willingness::{Stage, Step, Willingness};
use super::{Book, Customer, Habitual, Prospect, Standing, Starting, Tier};
use crate::calendar::Date;
use crate::fraction::Fraction;
use crate::id::Id;
use crate::money::{Currency, Money};

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(crate) fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn statement(text: &str) -> Statement {
    Statement::new(text).unwrap()
}

fn day(number: i32) -> Date {
    Date::from_day_number(number).unwrap()
}

pub(crate) fn any_depth() -> impl Strategy<Value = Depth> {
    prop::sample::select(Depth::all())
}

fn any_habit() -> impl Strategy<Value = Habit> {
    ("[a-d]", "[a-d]", any_depth(), 0.0..=1.0).prop_map(|(observed, promoted, depth, strength)| {
        let practice = |name: &str| Practice::new(name).unwrap();
        Habit::new(
            practice(&observed),
            practice(&promoted),
            depth,
            fraction(strength),
        )
    })
}

fn habitual() -> impl Strategy<Value = Standing> {
    prop::collection::vec(any_habit(), 1..4).prop_map(|mut habits| {
        habits.sort_by(|a, b| a.observed().cmp(b.observed()));
        habits.dedup_by(|a, b| a.observed() == b.observed());
        Standing::Habitual(Habitual::new(habits).unwrap())
    })
}

fn starting() -> impl Strategy<Value = Standing> {
    let severities = prop::collection::vec(0.0..=1.0, 0..4);
    (0.0..=1.0, severities).prop_map(|(untroubled, severities)| {
        let doubts = severities.iter().enumerate().map(|(place, severity)| {
            Doubt::raise(
                id(&format!("doubt-{place}")),
                day(20_000),
                fraction(*severity),
            )
        });
        let behaviour = Behaviour::new(day(19_990), doubts.collect(), vec![]).unwrap();
        Standing::Starting(Starting::new(fraction(untroubled), behaviour))
    })
}

pub(crate) fn scenario(name: &str, situation: &str, chance: f64, pull: f64) -> DecisionScenario {
    DecisionScenario::new(DecisionDraft {
        id: id(name),
        situation: Situation::new(
            id(situation),
            statement("a case arrives at night"),
            fraction(chance),
        )
        .unwrap(),
        decision: "use it at once".to_owned(),
        benefit: "an hour is saved".to_owned(),
        benefit_weight: fraction(pull),
        harm: "the case waits until morning".to_owned(),
        harm_weight: fraction(pull),
    })
    .unwrap()
}

fn prospect() -> impl Strategy<Value = Standing> {
    let scenarios = prop::collection::vec((0_u8..3, 0.05..0.9), 0..5);
    let stages = prop::collection::vec(prop::sample::select(Stage::ALL.to_vec()), 0..3);
    (scenarios, 0_usize..5, stages).prop_map(|(scenarios, planted, stages)| {
        let mut all: Vec<DecisionScenario> = scenarios
            .iter()
            .enumerate()
            .map(|(place, (situation, pull))| {
                let chance = 0.2 + 0.2 * f64::from(*situation);
                scenario(
                    &format!("s{place}"),
                    &format!("night-{situation}"),
                    chance,
                    *pull,
                )
            })
            .collect();
        let candidates = all.split_off(planted.min(all.len()));
        let mut willingness = Willingness::new(day(19_000));
        for (offset, stage) in (1..).zip(stages) {
            let step = Step {
                on: day(19_000 + offset),
                to: stage,
                evidence: statement("asked for a trial"),
            };
            // A step to the rung already held is refused; the strategy leaves it out.
            let _ = willingness.record(step);
        }
        Standing::Prospect(Prospect::new(willingness, all, candidates).unwrap())
    })
}

/// Any lawful standing, each tier as often.
pub(crate) fn any_standing() -> impl Strategy<Value = Standing> {
    prop_oneof![habitual(), starting(), prospect()]
}

/// The lawful ones of these ties between places, each pair once.
fn ties_among(ends: &[Id], mut ties: Vec<(usize, usize, f64)>) -> Vec<Tie> {
    ties.sort_by_key(|(who, knows, _)| (*who, *knows));
    ties.dedup_by_key(|(who, knows, _)| (*who, *knows));
    ties.into_iter()
        .filter_map(|(who, knows, strength)| {
            let (who, knows) = (ends.get(who)?.clone(), ends.get(knows)?.clone());
            Tie::new(who, knows, TieKind::Advice, fraction(strength)).ok()
        })
        .collect()
}

/// A lawful book of up to `most` customers.
pub(crate) fn any_book(most: usize) -> impl Strategy<Value = Book> {
    let customer = (
        "[A-Ca-c]{1,3}",
        0..1_000_000_i64,
        any_standing(),
        prop::option::of("[x-z]"),
    );
    let ties = prop::collection::vec((0..most.max(1), 0..most.max(1), 0.01..=1.0), 0..8);
    (prop::collection::vec(customer, 0..=most), ties).prop_map(|(rows, ties)| {
        let mut customers: Vec<Customer> = rows
            .into_iter()
            .map(|(name, minor, standing, territory)| {
                let contribution = Money::from_minor(minor, Currency::USD);
                Customer::new(
                    id(&name),
                    contribution,
                    territory.as_deref().map(id),
                    standing,
                )
                .unwrap()
            })
            .collect();
        customers.sort_by(|a, b| a.id().cmp(b.id()));
        customers.dedup_by(|a, b| a.id() == b.id());
        let ends: Vec<Id> = customers.iter().map(|c| c.id().clone()).collect();
        let book = Book::of(Currency::USD, customers).unwrap();
        book.with_acquaintances(ties_among(&ends, ties)).unwrap()
    })
}

proptest! {
    /// The strategy itself: across a run each tier occurs, and books are not mostly empty.
    #[test]
    fn books_hold_every_tier(books in prop::collection::vec(any_book(12), 60)) {
        for tier in Tier::ALL {
            let with = books.iter().filter(|book| book.customers().iter().any(|c| c.tier() == tier)).count();
            prop_assert!(with >= 15, "{tier}: {with} of 60");
        }
    }
}
