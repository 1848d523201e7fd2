//! A year with forty prospects, drawn so that each day follows from the ledger and the date alone: a year
//! that was interrupted ends as one that was not.

use std::error::Error;

use sortie::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    numeric::{Draws, Stream},
    virtual_budget::{
        Entry, EntryId, Event, Ledger, Posted, Promise, PromiseId, VirtualBudget, VirtualBudgetId,
    },
};

pub(crate) const DAYS: i32 = 365;
const PROSPECTS: u64 = 40;

type Fallible<T> = Result<T, Box<dyn Error>>;

pub(crate) fn date(number: i32) -> Fallible<Date> {
    Ok(Date::new(2026, 1, 1)?.plus_days(number)?)
}

/// The day after the last that has entries; days without any come out empty again.
pub(crate) fn first_day(ledger: &Ledger) -> i32 {
    let start = date(0).map_or(0, Date::day_number);
    ledger
        .last_date()
        .map_or(0, |last| last.day_number() - start + 1)
}

/// Lives one day: posts its events and returns the entries that took effect.
pub(crate) fn live(ledger: &mut Ledger, number: i32) -> Fallible<Vec<Entry>> {
    let on = date(number)?;
    let draws = Draws::new(2026);
    let mut taken = Vec::new();
    if number == 0 {
        post(
            ledger,
            &mut taken,
            on,
            Event::Ceiling {
                ceiling: usd(2_500_000),
            },
        )?;
    }
    for (budget, promise) in ledger
        .lapsed(on)
        .into_iter()
        .map(|(b, p)| (b.clone(), p.clone()))
        .collect::<Vec<_>>()
    {
        post(ledger, &mut taken, on, Event::Expire { budget, promise })?;
    }
    for prospect in 0..PROSPECTS {
        let day = u64::try_from(number)?;
        let mut stream = draws.stream(&[day, prospect]);
        let id = VirtualBudgetId::new(format!("budget-{prospect:02}"))?;
        let event = match ledger.budget(&id) {
            Some(budget) => event_of(budget, number, &mut stream)?,
            None if day >= prospect * 4 => Some(Event::Plant {
                budget: id,
                customer: Id::new(format!("prospect-{prospect:02}"))?,
                cap: usd(100_000 + i64::try_from(stream.below(200))? * 1_000),
                stage: Stage::Unaware,
            }),
            None => None,
        };
        if let Some(event) = event {
            post(ledger, &mut taken, on, event)?;
        }
    }
    Ok(taken)
}

/// Posts an event under an id of its own. One refused for want of headroom is not an error of the story: the
/// promise is simply not made.
fn post(ledger: &mut Ledger, taken: &mut Vec<Entry>, on: Date, event: Event) -> Fallible<()> {
    let id = EntryId::new(format!("{on}/{}", taken.len()))?;
    let entry = Entry { id, on, event };
    match ledger.post(entry.clone()) {
        Ok(Posted::Now) => taken.push(entry),
        Ok(Posted::Before) => {
            return Err(format!("entry {} was there before its day", entry.id).into());
        }
        Err(sortie::virtual_budget::LedgerError::CeilingPassed { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// What happens to one prospect on one day, if anything does.
fn event_of(budget: &VirtualBudget, number: i32, draws: &mut Stream) -> Fallible<Option<Event>> {
    let id = budget.id().clone();
    if draws.happens(0.02) {
        let left = budget.cap().minor() - budget.accrued().minor();
        let amount = usd(left.min(budget.cap().minor() / 4));
        let gate = budget.stage().next();
        return Ok(gate
            .filter(|_| !amount.is_zero())
            .map(|gate| Event::Accrue {
                budget: id,
                gate,
                amount,
            }));
    }
    if draws.happens(0.004) && budget.stage() > Stage::Unaware {
        return Ok(Some(Event::StepBack {
            budget: id,
            to: Stage::Unaware,
        }));
    }
    if !budget.uncommitted().is_zero() && draws.happens(0.1) {
        let half = (budget.uncommitted().minor() + 1) / 2;
        return Ok(Some(Event::Commit {
            budget: id,
            promise: PromiseId::new(format!("promise-{}", budget.promises().len()))?,
            amount: usd(half),
            due: date(number + 30 + i32::try_from(draws.below(60))?)?,
            likelihood: Fraction::new(0.2 + 0.6 * draws.uniform())?,
        }));
    }
    for promise in budget.promises() {
        if let Some(event) = event_of_promise(&id, promise, draws) {
            return Ok(Some(event));
        }
    }
    Ok(None)
}

fn event_of_promise(
    budget: &VirtualBudgetId,
    promise: &Promise,
    draws: &mut Stream,
) -> Option<Event> {
    let (budget, id) = (budget.clone(), promise.id().clone());
    let held = promise.outstanding().minor();
    if held > 0 && draws.happens(0.02) {
        let amount = usd(if draws.happens(0.5) {
            held
        } else {
            (held + 2) / 3
        });
        return Some(Event::Claim {
            budget,
            promise: id,
            amount,
        });
    }
    if held > 0 && draws.happens(0.002) {
        return Some(Event::Release {
            budget,
            promise: id,
            amount: usd(held),
        });
    }
    if !promise.claimed().is_zero() && draws.happens(0.001) {
        return Some(Event::Return {
            budget,
            promise: id,
            amount: promise.claimed(),
        });
    }
    None
}

const fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}
