//! From events to habits: practices mined, standings put together, a book admitted.

#![expect(clippy::unwrap_used, reason = "a test fails where a fixture does")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use sortie::calendar::Date;
use sortie::customer::behaviour::Doubt;
use sortie::customer::habit::{Anchoring, Divergence, Ground, Judgement, Practice};
use sortie::customer::{Book, Standing, Tier};
use sortie::evidence::{
    Carried, CustomerNotes, Door, EventLog, EventRow, EvidenceError, Histories, Notes, Oddity,
    PracticesFound, Promotion, ReadingRules, RowPolicy, StrengthModel, practices_kept,
};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};

/// A use: customer, day, amount in cents, user, practice.
type Use = (String, i32, i64, Option<String>, Option<String>);

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn practice(text: &str) -> Practice {
    Practice::new(text).unwrap()
}

fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn date(day: i32) -> Date {
    Date::from_day_number(day).unwrap()
}

fn log(uses: &[Use]) -> EventLog {
    let texts: Vec<(String, String)> = uses
        .iter()
        .map(|(_, day, cents, ..)| {
            let amount = Money::from_minor(*cents, Currency::USD);
            (date(*day).to_string(), amount.amount_text())
        })
        .collect();
    let rows = uses
        .iter()
        .zip(&texts)
        .map(|(one, (day, amount))| EventRow {
            customer: &one.0,
            date: day,
            amount: Some(amount),
            user: one.3.as_deref(),
            practice: one.4.as_deref(),
        });
    let policy = RowPolicy {
        out_of_order: Oddity::Admit,
        duplicate: Oddity::Admit,
        ..RowPolicy::default()
    };
    let door = Door {
        as_of: date(1_000),
        currency: Some(Currency::USD),
        roster: None,
        policy,
    };
    EventLog::admit(rows, &door).unwrap().0
}

/// A quick habit: four unbroken uses make one.
fn read(uses: &[Use]) -> Histories {
    let model = StrengthModel::new(0.2, 0.2, 0.5, 0.3).unwrap();
    Histories::read(&log(uses), ReadingRules::new(model, 30).unwrap())
}

fn promotion() -> Promotion {
    Promotion::of(practice("p")).with(id("b"), practice("q"))
}

fn mine(uses: &[Use]) -> PracticesFound {
    let histories = read(uses);
    let book = read(&[]).fit_rhythm();
    histories
        .mine(date(1_000), &book, &promotion(), fraction(0.2))
        .unwrap()
}

fn any_uses() -> impl Strategy<Value = Vec<Use>> {
    let one = (
        "[a-e]",
        900..1_000_i32,
        0..5_000_i64,
        prop::option::of("[u-w]"),
        prop::option::of("[p-s]"),
    );
    prop::collection::vec(one, 0..80)
}

proptest! {
    #[test]
    fn mining_counts_what_a_plain_count_counts(uses in any_uses()) {
        let mut by_customer: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for (customer, _, _, _, practice) in &uses {
            let counts = by_customer.entry(customer).or_default();
            if let Some(practice) = practice {
                *counts.entry(practice).or_default() += 1;
            }
        }
        let mut expected: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
        let (mut followed, mut silent) = ((0, 0), 0);
        for (customer, counts) in by_customer {
            let promoted = if customer == "b" { "q" } else { "p" };
            let all: u64 = counts.values().sum();
            let most = counts.values().max().copied().unwrap_or(0);
            // The most used of equals is the first by name.
            let foremost = counts.iter().find(|(_, uses)| **uses == most).map(|(name, _)| *name);
            silent += u64::from(foremost.is_none());
            for (name, uses) in counts {
                if Some(name) != foremost && uses * 5 < all {
                    continue;
                }
                let entry = if name == promoted {
                    &mut followed
                } else {
                    expected.entry((name.to_owned(), promoted.to_owned())).or_default()
                };
                *entry = (entry.0 + 1, entry.1 + uses);
            }
        }
        let mined = mine(&uses);
        prop_assert_eq!((mined.as_promoted().customers, mined.as_promoted().uses), followed);
        prop_assert_eq!(mined.unrecorded().customers, silent);
        let bare = uses.iter().filter(|one| one.4.is_none()).count();
        prop_assert_eq!(mined.unrecorded().uses, u64::try_from(bare).unwrap());
        prop_assert_eq!(mined.sampled(), 0);
        let book = read(&[]).fit_rhythm();
        let histories = read(&uses);
        let unseen = histories.readings(date(1_000), &book).unwrap();
        let unseen = unseen.iter().filter(|reading| {
            let practices = histories.get(reading.customer()).unwrap().practices();
            reading.tier() == Tier::Habitual && practices.uses() == 0
        });
        prop_assert_eq!(mined.unrecorded().habitual, u64::try_from(unseen.count()).unwrap());
        let found: BTreeMap<(String, String), (u64, u64)> = mined
            .divergences()
            .iter()
            .map(|(one, carried)| {
                let names = (one.observed().to_string(), one.promoted().to_string());
                (names, (carried.customers, carried.uses))
            })
            .collect();
        prop_assert_eq!(found.len(), mined.divergences().len());
        prop_assert_eq!(found, expected);
        for pair in mined.divergences().windows(2) {
            let rank = |(one, carried): &(Divergence, Carried)| {
                (u64::MAX - carried.customers, u64::MAX - carried.uses, one.clone())
            };
            prop_assert!(rank(&pair[0]) < rank(&pair[1]));
        }
        for (_, carried) in mined.divergences() {
            prop_assert!(carried.habitual <= carried.customers && carried.customers <= carried.uses);
        }
    }

    #[test]
    fn mining_parts_and_merging_is_mining_the_whole(uses in any_uses()) {
        let of = |names: &str| -> Vec<Use> {
            uses.iter().filter(|one| names.contains(&one.0)).cloned().collect()
        };
        let (ab, c, de) = (mine(&of("ab")), mine(&of("c")), mine(&of("de")));
        prop_assert_eq!(&ab.merge(&c).merge(&de), &mine(&uses));
        prop_assert_eq!(&de.merge(&ab.merge(&c)), &mine(&uses));
        prop_assert_eq!(&ab.merge(&PracticesFound::default()), &ab);
    }

    #[test]
    fn every_log_becomes_a_book_of_the_same_customers_and_tiers(uses in any_uses()) {
        let histories = read(&uses);
        let rhythm = histories.fit_rhythm();
        let notes = Notes::new(promotion(), fraction(0.5), fraction(0.4));
        let standings = histories.standings(date(1_000), &rhythm, &notes).unwrap();
        prop_assert!(standings.notes_unused().is_empty());
        let book = Book::of(Currency::USD, standings.into_customers()).unwrap();
        let readings = histories.readings(date(1_000), &rhythm).unwrap();
        prop_assert_eq!(book.customers().len(), readings.len());
        for (customer, reading) in book.customers().iter().zip(&readings) {
            prop_assert_eq!(customer.id(), reading.customer());
            prop_assert_eq!(customer.tier(), reading.tier());
            let history = histories.get(customer.id()).unwrap();
            match customer.standing() {
                Standing::Habitual(habitual) => {
                    let kept = practices_kept(history, fraction(0.2)).len();
                    prop_assert_eq!(habitual.habits().len(), kept.max(1));
                    for habit in habitual.habits() {
                        prop_assert!(habit.strength() <= reading.strength());
                    }
                }
                Standing::Starting(starting) => {
                    prop_assert_eq!(starting.behaviour().first_use(), history.rhythm().first());
                }
                Standing::Prospect(_) => prop_assert!(false, "an event is use"),
            }
        }
    }
}

/// A ward that uses daily by two nurses in two ways, and a newcomer with a doubt.
fn ward() -> Vec<Use> {
    let ward = |day: i32, user: &str, practice: &str| {
        let (user, practice) = (Some(user.to_owned()), Some(practice.to_owned()));
        ("ward".to_owned(), day, 1_000, user, practice)
    };
    let mut uses: Vec<Use> = (0..10)
        .map(|day| match day % 5 {
            0 | 1 => ward(960 + day, "ann", "by phone"),
            _ => ward(960 + day, "bea", "p"),
        })
        .collect();
    uses.push(("new".to_owned(), 965, 3_000, None, None));
    uses
}

#[test]
fn a_ward_and_a_newcomer_stand_as_their_events_and_notes_say() {
    let histories = read(&ward());
    let as_of = date(969);
    let judgement = Judgement::new(
        Ground::Profession,
        Anchoring::WrittenRule,
        "protocol on the wall, seen on the round",
        date(968),
    );
    let on_ward = CustomerNotes {
        judgement: judgement.ok(),
        territory: Some(id("north")),
        ..CustomerNotes::default()
    };
    let doubt = Doubt::raise(id("storage"), date(966), fraction(0.5));
    let on_newcomer = CustomerNotes {
        doubts: vec![doubt],
        contribution: Some(Money::from_minor(12_345, Currency::USD)),
        ..CustomerNotes::default()
    };
    let notes = Notes::new(promotion(), fraction(0.5), fraction(0.4))
        .with_customer(id("ward"), on_ward)
        .with_customer(id("new"), on_newcomer)
        .with_customer(id("nwe"), CustomerNotes::default());
    let rhythm = histories.fit_rhythm();
    let standings = histories.standings(as_of, &rhythm, &notes).unwrap();
    assert_eq!(standings.notes_unused(), [id("nwe")]);
    let [newcomer, ward] = standings.customers() else {
        panic!("two customers");
    };

    assert_eq!(newcomer.contribution().to_string(), "123.45 USD");
    let Standing::Starting(starting) = newcomer.standing() else {
        panic!("a newcomer starts");
    };
    assert_eq!(starting.behaviour().first_use(), date(965));
    assert!((starting.adoption().get() - 0.2).abs() < 1e-15);

    assert_eq!(ward.territory(), Some(&id("north")));
    let Standing::Habitual(habitual) = ward.standing() else {
        panic!("ten days in a row are a habit");
    };
    let habits: Vec<(&str, String)> = habitual
        .habits()
        .iter()
        .map(|habit| (habit.observed().as_str(), habit.depth().to_string()))
        .collect();
    let depth = "group/profession/written_rule".to_owned();
    assert_eq!(habits, [("by phone", depth.clone()), ("p", depth)]);
    // Daily from the first day on: A = 1 − .8¹⁰, of which four and six uses in ten are the practices'.
    for (habit, uses) in habitual.habits().iter().zip([4.0, 6.0]) {
        let expected = 1.0 - libm::pow(0.8, uses);
        assert!((habit.strength().get() - expected).abs() < 1e-12);
    }
    // 10.00 an occasion at half margin, an occasion every shrunk gap, over 30 days.
    let gap = rhythm.gap_days(histories.get(&id("ward")).unwrap().rhythm());
    let cents = 0.5 * 1_000.0 * 30.0 / gap;
    let found = ward.contribution().minor();
    assert!(
        (f64::from(i32::try_from(found).unwrap()) - cents).abs() <= 0.5,
        "{found} {cents}"
    );

    let mined = histories
        .mine(as_of, &rhythm, &promotion(), fraction(0.2))
        .unwrap();
    let (divergence, carried) = &mined.divergences()[0];
    assert_eq!(divergence.to_string(), "by phone instead of p");
    let expected = Carried {
        customers: 1,
        habitual: 1,
        uses: 4,
    };
    assert_eq!(*carried, expected);
    assert_eq!(mined.unrecorded().customers, 1);
}

/// Six uses in ten are one practice, four another: it is a habit of its own up to two fifths.
#[test]
fn the_least_share_says_what_is_a_habit_of_its_own() {
    let histories = read(&ward());
    let rhythm = histories.fit_rhythm();
    let habits = |share_least: Option<f64>| {
        let mut notes = Notes::new(promotion(), fraction(0.5), fraction(0.4));
        if let Some(share) = share_least {
            notes = notes.with_share_least(fraction(share));
        }
        let standings = histories.standings(date(969), &rhythm, &notes).unwrap();
        match standings.customers()[1].standing() {
            Standing::Habitual(habitual) => habitual.habits().len(),
            _ => 0,
        }
    };
    assert_eq!(habits(None), 2);
    assert_eq!(habits(Some(0.4)), 2);
    assert_eq!(habits(Some(0.41)), 1);
}

/// One in the habit and one who has just begun, neither with a practice on record.
#[test]
fn who_has_no_practice_on_record_is_counted_by_tier() {
    let bare = |customer: &str, day| (customer.to_owned(), day, 0, None, None);
    let mut uses: Vec<Use> = (960..=999).map(|day| bare("daily", day)).collect();
    uses.push(bare("new", 998));
    let expected = Carried {
        customers: 2,
        habitual: 1,
        uses: 41,
    };
    assert_eq!(mine(&uses).unrecorded(), expected);
}

#[test]
fn every_customer_that_does_not_fit_is_named() {
    let uses = ward();
    let histories = read(&uses);
    let rhythm = histories.fit_rhythm();
    let early = Doubt::raise(id("storage"), date(900), fraction(0.5));
    let euro = Money::from_minor(1, Currency::from_code("EUR").unwrap());
    let notes = Notes::new(promotion(), fraction(0.5), fraction(0.4))
        .with_customer(
            id("new"),
            CustomerNotes {
                doubts: vec![early],
                ..CustomerNotes::default()
            },
        )
        .with_customer(
            id("ward"),
            CustomerNotes {
                contribution: Some(euro),
                ..CustomerNotes::default()
            },
        );
    let refused = histories.standings(date(969), &rhythm, &notes).unwrap_err();
    let EvidenceError::Customers(faults) = &refused else {
        panic!("{refused}");
    };
    assert_eq!(faults.len(), 2);
    assert_eq!(
        refused.to_string(),
        "customer new: doubt storage is raised on 1972-06-19, before the first use on 1972-08-23: a \
         doubt of early use follows it; correct one of the dates; customer ward: its contribution is \
         noted as 0.01 EUR; the log is in USD"
    );
    // A day before the last event cannot be read.
    assert!(matches!(
        histories.standings(date(968), &rhythm, &notes),
        Err(EvidenceError::AfterAsOf { .. })
    ));

    let negative = CustomerNotes {
        contribution: Some(Money::from_minor(-1, Currency::USD)),
        ..CustomerNotes::default()
    };
    let notes =
        Notes::new(promotion(), fraction(0.5), fraction(0.4)).with_customer(id("new"), negative);
    let refused = histories.standings(date(969), &rhythm, &notes).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("customer new: contribution is -0.01 USD; it must be at least 0")
    );
}

#[test]
fn without_amounts_a_contribution_has_to_be_noted() {
    let row = EventRow {
        customer: "a",
        date: "2026-03-01",
        ..EventRow::default()
    };
    let as_of = Date::new(2026, 3, 1).unwrap();
    let door = Door {
        as_of,
        currency: None,
        roster: None,
        policy: RowPolicy::default(),
    };
    let (log, _) = EventLog::admit([row], &door).unwrap();
    let histories = Histories::read(&log, ReadingRules::default());
    let rhythm = histories.fit_rhythm();
    let notes = Notes::new(promotion(), Fraction::ONE, fraction(0.4));
    assert_eq!(
        histories
            .standings(as_of, &rhythm, &notes)
            .unwrap_err()
            .to_string(),
        "customer a: the log has no amounts and the notes no contribution; note what it contributes a period"
    );
    let on_a = CustomerNotes {
        contribution: Some(Money::from_minor(5, Currency::USD)),
        ..CustomerNotes::default()
    };
    let notes = notes.with_customer(id("a"), on_a);
    assert!(histories.standings(as_of, &rhythm, &notes).is_ok());

    // Credits that exceed what was paid say nothing of what it contributes.
    let credit = EventRow {
        amount: Some("-5.00"),
        ..row
    };
    let door = Door {
        currency: Some(Currency::USD),
        policy: RowPolicy {
            negative_amount: Oddity::Admit,
            ..RowPolicy::default()
        },
        ..door
    };
    let (log, _) = EventLog::admit([credit], &door).unwrap();
    let histories = Histories::read(&log, ReadingRules::default());
    let notes = Notes::new(promotion(), Fraction::ONE, fraction(0.4));
    assert_eq!(
        histories
            .standings(as_of, &rhythm, &notes)
            .unwrap_err()
            .to_string(),
        "customer a: its amounts come to -5.00 USD; note what it contributes a period"
    );
}

#[test]
fn the_tier_of_a_customer_is_that_of_its_events_alone() {
    let histories = read(&ward());
    let rhythm = histories.fit_rhythm();
    let readings = histories.readings(date(969), &rhythm).unwrap();
    let tiers: Vec<Tier> = readings
        .iter()
        .map(sortie::evidence::Reading::tier)
        .collect();
    assert_eq!(tiers, [Tier::Starting, Tier::Habitual]);
}
