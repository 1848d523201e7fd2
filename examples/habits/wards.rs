//! Wards: practices observed against the one promoted, habits, the steps open to them, doubts and care.

use std::error::Error;
use std::path::Path;

use sortie::calendar::{Date, DiscountRate, Horizon};
use sortie::campaign::models::{CareModes, Economy, Models};
use sortie::customer::behaviour::{CareMode, Doubt};
use sortie::customer::habit::{Anchoring, Ground, Judgement, Practice};
use sortie::customer::{Book, Standing};
use sortie::evidence::{
    CustomerNotes, Histories, Notes, Promotion, ReadingRules, RowKind, StrengthModel,
};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};

use super::{heading, logs};

fn usd(text: &str) -> Result<Money, Box<dyn Error>> {
    Ok(Money::parse(text, Currency::USD)?)
}

/// What somebody noted on the wards, beside the events.
fn notes(as_of: Date) -> Result<Notes, Box<dyn Error>> {
    let promotion = Promotion::of(Practice::new("as promoted")?);
    let judged = |ground, anchoring, evidence: &str| -> Result<CustomerNotes, Box<dyn Error>> {
        Ok(CustomerNotes {
            judgement: Some(Judgement::new(ground, anchoring, evidence, as_of)?),
            ..CustomerNotes::default()
        })
    };
    let doubted = |doubts: &[(&str, i32, f64)]| -> Result<CustomerNotes, Box<dyn Error>> {
        let doubts = doubts.iter().map(|(id, days_ago, severity)| {
            let raised = as_of.plus_days(-days_ago)?;
            Ok(Doubt::raise(
                Id::new(id)?,
                raised,
                Fraction::new(*severity)?,
            ))
        });
        Ok(CustomerNotes {
            doubts: doubts.collect::<Result<_, Box<dyn Error>>>()?,
            ..CustomerNotes::default()
        })
    };
    Ok(
        Notes::new(promotion, Fraction::new(0.6)?, Fraction::new(0.5)?)
            .with_customer(
                Id::new("intensive care")?,
                judged(
                    Ground::Institution,
                    Anchoring::WrittenRule,
                    "standing order 14, on the door of the drug room",
                )?,
            )
            .with_customer(
                Id::new("anaesthesia")?,
                judged(
                    Ground::Profession,
                    Anchoring::Custom,
                    "the head of department swears by it; nothing is written down",
                )?,
            )
            .with_customer(Id::new("maternity")?, doubted(&[("milk", 20, 0.5)])?)
            .with_customer(
                Id::new("paediatrics")?,
                doubted(&[("dose by weight", 9, 0.6), ("taste", 3, 0.1)])?,
            ),
    )
}

pub(crate) fn tell(data: &Path) -> Result<(), Box<dyn Error>> {
    let as_of = Date::new(2026, 2, 28)?;
    let (log, noticed) = logs::wards(data, as_of)?;
    heading("1. Wards (invented): what is really done with the product");
    println!(
        "{} events of {} wards; {} equal rows set aside.",
        log.events(),
        log.customers(),
        noticed.set_aside(RowKind::Duplicate).len()
    );
    let strength = StrengthModel::reaching(30, 0.95, 0.2, 0.5, 0.3)?;
    let histories = Histories::read(&log, ReadingRules::new(strength, 30)?);
    let rhythm = histories.fit_rhythm();
    println!(
        "The book's rhythm: a use every {:.1} days; own gaps outweigh it from {:.1} on.",
        rhythm.gap_days_typical(),
        rhythm.weight_in_gaps()
    );
    let notes = notes(as_of)?;
    let mined = histories.mine(as_of, &rhythm, notes.promotion(), Fraction::new(0.2)?)?;
    println!(
        "\n{:<42} {:>9} {:>9} {:>6}",
        "practice", "customers", "habitual", "uses"
    );
    let promoted = mined.as_promoted();
    println!(
        "{:<42} {:>9} {:>9} {:>6}",
        "as promoted", promoted.customers, promoted.habitual, promoted.uses
    );
    for (divergence, carried) in mined.divergences() {
        println!(
            "{:<42} {:>9} {:>9} {:>6}",
            divergence.to_string(),
            carried.customers,
            carried.habitual,
            carried.uses
        );
    }
    let standings = histories.standings(as_of, &rhythm, &notes)?;
    let book = Book::of(Currency::USD, standings.into_customers())?;
    let economy = Economy {
        horizon: Horizon::new(12)?,
        discount: DiscountRate::new(0.01)?,
    };
    let models = Models::judged(economy, usd("150.00")?)?;
    habits(&book, &models);
    doubts(&book, &models)
}

fn habits(book: &Book, models: &Models) {
    heading("2. Habits, the step that brings most, and what doing nothing costs");
    println!(
        "{:<16} {:>10} {:<20} {:>8} {:<33} {:<12} {:>7} {:>9}",
        "ward", "a month", "practice", "strength", "depth", "next axis", "worth", "idle cost"
    );
    for customer in book.customers() {
        let month = customer.contribution();
        let Standing::Habitual(habitual) = customer.standing() else {
            println!("{:<16} {:>10} starting", customer.id(), month.amount_text());
            continue;
        };
        for (place, habit) in habitual.habits().iter().enumerate() {
            let step = models
                .iterations(habitual.habits())
                .into_iter()
                .find(|step| step.habit == place);
            let axis = step.as_ref().and_then(|step| {
                let raised = |axis: &sortie::customer::habit::Axis| step.iteration.raises(*axis);
                sortie::customer::habit::Axis::ALL.into_iter().find(raised)
            });
            println!(
                "{:<16} {:>10} {:<20} {:>8.2} {:<33} {:<12} {:>7.2} {:>9.0}",
                customer.id(),
                month.amount_text(),
                habit.observed().as_str(),
                habit.strength().get(),
                habit.depth().to_string(),
                axis.map_or("none", sortie::customer::habit::Axis::name),
                step.map_or(0.0, |step| step.gain),
                models.price_of_doing_nothing(month, habit.depth())
            );
        }
    }
    println!(
        "Worth: what the step brings over 12 months, in months of contribution, if it succeeds. Idle cost: what erosion takes."
    );
}

fn doubts(book: &Book, models: &Models) -> Result<(), Box<dyn Error>> {
    heading("3. What doubts left open cost, and how they are settled best");
    for priced in models.price_doubts(book)? {
        for doubt in priced.prices.each() {
            println!(
                "{:<16} {:<16} takes {:>4.1} % off the chance of a habit: {:>7.2} USD",
                priced.customer,
                doubt.doubt,
                doubt.chance_taken * 100.0,
                doubt.total()
            );
        }
        println!(
            "{:<16} {:<16} {:>51.2} USD",
            priced.customer,
            "together",
            priced.prices.together()
        );
    }
    let visit = CareMode::person_to_person(usd("150.00")?, Fraction::new(0.6)?)?;
    let programme = CareMode::early_warning(usd("200.00")?, usd("10.00")?, Fraction::new(0.5)?)?;
    let care = CareModes::new(visit)?.with_programme(programme)?;
    let starting = book
        .customers()
        .iter()
        .filter_map(|customer| match customer.standing() {
            Standing::Starting(starting) => Some(starting),
            _ => None,
        });
    println!(
        "\n{:<18} {:>9} {:>9} {:>11} {:>13} {:>16}",
        "mode of care", "customers", "incidents", "cost", "habits added", "cost of a habit"
    );
    for one in models.compare_care(starting, &care) {
        let cost = one.cost.map_or(f64::NAN, |cost| {
            cost.minor().to_string().parse::<f64>().unwrap_or(f64::NAN) / 100.0
        });
        println!(
            "{:<18} {:>9} {:>9} {cost:>11.2} {:>13.3} {:>16.0}",
            one.mode.name(),
            one.customers,
            one.incidents,
            one.habits,
            cost / one.habits
        );
    }
    Ok(())
}
