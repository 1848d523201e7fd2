//! A ledger small enough to know by heart.

use sortie::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    virtual_budget::{Entry, EntryId, Event, Ledger, Posted, PromiseId, VirtualBudgetId},
};

/// A ledger with one budget of 100.00 accrued under a cap of 150.00, a promise `p` of 60.00 due on day 10
/// (40.00 of it claimed), and a ceiling of 80.00. Last date: day 2.
pub(crate) fn a_small_ledger() -> Ledger {
    let mut ledger = Ledger::new(Currency::USD);
    for (number, (on, event)) in [
        (
            0,
            Event::Ceiling {
                ceiling: usd(8_000),
            },
        ),
        (
            0,
            Event::Plant {
                budget: b(),
                customer: Id::new("c").unwrap(),
                cap: usd(15_000),
                stage: Stage::Aware,
            },
        ),
        (
            1,
            Event::Accrue {
                budget: b(),
                gate: Stage::Interested,
                amount: usd(10_000),
            },
        ),
        (1, commit("p", 6_000, 10)),
        (
            2,
            Event::Claim {
                budget: b(),
                promise: p("p"),
                amount: usd(4_000),
            },
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = EntryId::new(format!("e{number}")).unwrap();
        assert_eq!(
            ledger.post(Entry {
                id,
                on: day(on),
                event
            }),
            Ok(Posted::Now)
        );
    }
    ledger
}

pub(crate) fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

pub(crate) fn b() -> VirtualBudgetId {
    VirtualBudgetId::new("b").unwrap()
}

pub(crate) fn p(text: &str) -> PromiseId {
    PromiseId::new(text).unwrap()
}

pub(crate) fn day(number: i32) -> Date {
    Date::new(2026, 1, 1).unwrap().plus_days(number).unwrap()
}

pub(crate) fn commit(promise: &str, amount: i64, due: i32) -> Event {
    let likelihood = Fraction::new(0.5).unwrap();
    Event::Commit {
        budget: b(),
        promise: p(promise),
        amount: usd(amount),
        due: day(due),
        likelihood,
    }
}
