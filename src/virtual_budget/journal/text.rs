//! An entry as one line of text, and back.

#![deny(clippy::float_arithmetic)]

use core::{fmt::Display, str::FromStr};

use crate::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    virtual_budget::{Entry, EntryId, Event, PromiseId, VirtualBudgetId},
};

/// An entry as tab-separated text: id, date, verb, then what the event states, always in the same order.
pub(super) fn payload(entry: &Entry) -> String {
    let event = &entry.event;
    let mut text = String::with_capacity(96);
    text.push_str(entry.id.as_str());
    let mut put = |part: &str| {
        text.push('\t');
        text.push_str(part);
    };
    put(&entry.on.to_string());
    put(event.verb());
    if let Some(budget) = event.budget() {
        put(budget.as_str());
    }
    if let Some(promise) = event.promise() {
        put(promise.as_str());
    }
    if let Some(amount) = event.amount() {
        put(&amount.amount_text());
    }
    match event {
        Event::Plant {
            customer, stage, ..
        } => {
            put(customer.as_str());
            put(stage.name());
        }
        Event::Accrue { gate: stage, .. } | Event::StepBack { to: stage, .. } => put(stage.name()),
        Event::Commit {
            due, likelihood, ..
        } => {
            put(&due.to_string());
            put(&likelihood.to_string());
        }
        _ => {}
    }
    text
}

/// The tab-separated parts of a line, taken in order.
struct Parts<'a> {
    rest: core::str::Split<'a, char>,
    currency: Currency,
}

impl<'a> Parts<'a> {
    fn text(&mut self, what: &str) -> Result<&'a str, String> {
        self.rest.next().ok_or_else(|| format!("{what} is missing"))
    }

    fn read<T, E: Display>(
        &mut self,
        what: &str,
        read: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, String> {
        read(self.text(what)?).map_err(|error| format!("{what}: {error}"))
    }

    fn budget(&mut self) -> Result<VirtualBudgetId, String> {
        self.read("budget", VirtualBudgetId::new)
    }

    fn promise(&mut self) -> Result<PromiseId, String> {
        self.read("promise", PromiseId::new)
    }

    fn amount(&mut self) -> Result<Money, String> {
        let currency = self.currency;
        self.read("amount", |text| Money::parse(text, currency))
    }

    fn stage(&mut self) -> Result<Stage, String> {
        self.read("stage", |text| {
            Stage::from_name(text)
                .ok_or_else(|| format!("{} is no rung of the ladder", shown(text)))
        })
    }

    fn end(mut self) -> Result<(), String> {
        match self.rest.next() {
            None => Ok(()),
            Some(more) => Err(format!("{} is more than the entry has", shown(more))),
        }
    }
}

/// A part as an error repeats it: in quotes, escaped, cut short.
pub(super) fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

pub(super) fn read_entry(payload: &str, currency: Currency) -> Result<Entry, String> {
    let mut parts = Parts {
        rest: payload.split('\t'),
        currency,
    };
    let id = parts.read("entry id", EntryId::new)?;
    let on = parts.read("date", Date::from_str)?;
    let verb = parts.text("verb")?;
    let event = read_event(verb, &mut parts)?;
    parts.end()?;
    Ok(Entry { id, on, event })
}

fn read_event(verb: &str, parts: &mut Parts<'_>) -> Result<Event, String> {
    // Fields are read in the order in which they are written here, which is that of `payload`.
    Ok(match verb {
        "ceiling" => Event::Ceiling {
            ceiling: parts.amount()?,
        },
        "plant" => Event::Plant {
            budget: parts.budget()?,
            cap: parts.amount()?,
            customer: parts.read("customer", Id::new)?,
            stage: parts.stage()?,
        },
        "accrue" => Event::Accrue {
            budget: parts.budget()?,
            amount: parts.amount()?,
            gate: parts.stage()?,
        },
        "step_back" => Event::StepBack {
            budget: parts.budget()?,
            to: parts.stage()?,
        },
        "commit" => Event::Commit {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
            due: parts.read("due day", Date::from_str)?,
            likelihood: parts.read("likelihood", read_fraction)?,
        },
        "claim" => Event::Claim {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
        },
        "expire" => Event::Expire {
            budget: parts.budget()?,
            promise: parts.promise()?,
        },
        "release" => Event::Release {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
        },
        "release_uncommitted" => Event::ReleaseUncommitted {
            budget: parts.budget()?,
            amount: parts.amount()?,
        },
        "return" => Event::Return {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
        },
        other => return Err(format!("{} is no verb of the ledger", shown(other))),
    })
}

fn read_fraction(text: &str) -> Result<Fraction, String> {
    // Only what `Display` writes: digits and one point. `parse` alone would take "1e-3", "+1" and "inf".
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Err(format!("{} is no plain decimal from 0 to 1", shown(text)));
    }
    let number = f64::from_str(text).map_err(|error| format!("{}: {error}", shown(text)))?;
    Fraction::new(number).map_err(|error| error.to_string())
}
