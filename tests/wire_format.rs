//! The wire format is a promise: each document kind is held by a golden file, both ways.
//!
//! `SORTIE_BLESS=1 cargo test --test wire_format` writes the files anew after a change that is meant.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sortie::allocate::{Allocation, AllocationDocument, Problem, solve};
use sortie::calendar::{Date, DiscountRate, Horizon};
use sortie::campaign::models::{Economy, Models};
use sortie::campaign::what_if::{Change, WhatIf};
use sortie::campaign::{Hours, Plan, Terms, Territory, plan};
use sortie::census::{Census, CensusRecord};
use sortie::customer::behaviour::{Behaviour, Doubt};
use sortie::customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement};
use sortie::customer::habit::{Anchoring, Depth, Ground, Habit, Practice, Scope};
use sortie::customer::willingness::{Stage, Willingness};
use sortie::customer::{Book, ByTier, Customer, Habitual, Prospect, Standing, Starting};
use sortie::evidence::{Door, EventLog, EventRow, Histories, ReadingRules, RowPolicy};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::quantity::Quantity;
use sortie::stance::{Convention, PaybackOver, Periods, Stance};
use sortie::virtual_budget::{
    Entry, EntryId, Event, JournalWriter, Ledger, PromiseId, VirtualBudgetId, recover,
};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Compares text with a golden file, or writes the file when blessed.
fn hold(name: &str, text: &str) {
    let path = file(name);
    if std::env::var_os("SORTIE_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        golden == text,
        "{} differs from what is written now:\n{text}",
        path.display()
    );
}

/// A document is written as its golden file, and the file is read as the document.
fn hold_document<T>(name: &str, document: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string_pretty(document).unwrap() + "\n";
    hold(name, &text);
    let read: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, document, "{name} is read as something else");
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn share(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn day(month: i8, day: i8) -> Date {
    Date::new(2026, month, day).unwrap()
}

fn scenario(place: u32, words: &str, chance: f64) -> DecisionScenario {
    DecisionScenario::new(DecisionDraft {
        id: id(&format!("scenario-{place}")),
        situation: Situation::new(
            id(&format!("situation-{place}")),
            Statement::new(words).unwrap(),
            share(chance),
        )
        .unwrap(),
        decision: "Send the receipts from the archive in one export".to_owned(),
        benefit: "The audit closes the same week".to_owned(),
        benefit_weight: share(0.6),
        harm: "Two people search paper folders for ten days".to_owned(),
        harm_weight: share(0.7),
    })
    .unwrap()
}

fn book() -> Book {
    let habit = |observed: &str, scope, ground, anchoring, promoted: &str| {
        Habit::new(
            Practice::new(observed).unwrap(),
            Practice::new(promoted).unwrap(),
            Depth::new(scope, ground, anchoring).unwrap(),
            share(0.8),
        )
    };
    let habitual = Standing::Habitual(
        Habitual::new(vec![
            habit(
                "files expenses",
                Scope::Group,
                Ground::Profession,
                Anchoring::Custom,
                "files expenses",
            ),
            habit(
                "keeps paper receipts",
                Scope::Individual,
                Ground::Benefit,
                Anchoring::Custom,
                "books travel",
            ),
        ])
        .unwrap(),
    );
    let doubt = Doubt::raise(id("price"), day(2, 2), share(0.4));
    let behaviour = Behaviour::new(day(1, 5), vec![doubt], vec![]).unwrap();
    let starting = Standing::Starting(Starting::new(share(0.35), behaviour));
    let prospect = Standing::Prospect(
        Prospect::new(
            Willingness::new(day(1, 5)),
            vec![scenario(
                1,
                "The auditor asks for last quarter's receipts",
                0.5,
            )],
            vec![
                scenario(2, "A traveller loses a paper receipt", 0.9),
                scenario(3, "The month closes on a holiday", 0.3),
            ],
        )
        .unwrap(),
    );
    let customers = [
        ("ada", "120.00", Some("north"), habitual),
        ("bo", "75.50", None, starting),
        ("cy", "260.00", Some("south"), prospect),
    ];
    let customers = customers.map(|(name, contribution, territory, standing)| {
        Customer::new(id(name), usd(contribution), territory.map(id), standing).unwrap()
    });
    Book::of(Currency::USD, customers).unwrap()
}

fn census() -> Census {
    let record = |customer: &str, result: &str, spend: &str| CensusRecord {
        customer: id(customer),
        result: Quantity::parse(result).unwrap(),
        spend: usd(spend),
    };
    let records = [
        record("ada", "12.5", "900.00"),
        record("ada", "3", "0.01"),
        record("bo", "2", "150.00"),
    ];
    Census::take(&book(), &records).unwrap()
}

fn stance() -> Stance {
    Stance::offence()
        .with_convention(Convention::discounted(DiscountRate::new(0.01).unwrap()))
        .with_payback_limit(Periods::new(9.0).unwrap(), PaybackOver::EachCustomer)
        .unwrap()
        .with_offensiveness_smallest(share(0.1))
        .with_headroom_smallest(usd("50.00"))
        .unwrap()
}

fn terms() -> Terms {
    let economy = Economy {
        horizon: Horizon::new(12).unwrap(),
        discount: DiscountRate::new(0.01).unwrap(),
    };
    Terms::new(
        usd("1000.00"),
        usd("300.00"),
        stance(),
        Models::judged(economy, usd("50.00")).unwrap(),
    )
}

#[test]
fn book_census_and_stance() {
    hold_document("book.json", &book());
    hold_document("census.json", &census());
    hold_document("stance.json", &stance());
}

#[test]
fn plan_and_the_difference_of_two() {
    let (book, census, terms) = (book(), census(), terms());
    let before: Plan = plan(&book, &census, &terms).unwrap();
    hold_document("plan.json", &before);
    let what_if = WhatIf::new(&book, &terms, [Change::Budget(usd("150.00"))]).unwrap();
    let (_, difference) = what_if.plan(&before, &census).unwrap();
    hold_document("difference.json", &difference);
}

#[test]
fn a_plan_with_territories_hours_and_a_payback_of_the_whole() {
    let hours = |text: &str| Quantity::parse(text).unwrap();
    let per_effort = ByTier {
        habitual: hours("1.5"),
        starting: hours("1"),
        prospect: hours("2.25"),
    };
    let territories = vec![
        Territory::new(id("country")).with_cap(usd("900.00")),
        Territory::new(id("north"))
            .within(id("country"))
            .with_floor(usd("50.00"))
            .with_cap(usd("150.00"))
            .with_hours(hours("6")),
    ];
    let whole = stance()
        .with_payback_limit(Periods::new(8.0).unwrap(), PaybackOver::WholePlan)
        .unwrap();
    let terms = Terms {
        stance: whole,
        ..terms()
    };
    let terms = terms
        .with_territories(territories)
        .with_hours(Hours::new(hours("12"), per_effort).with_heads(3));
    let planned: Plan = plan(&book(), &census(), &terms).unwrap();
    hold_document("plan_with_resources.json", &planned);
    let text = fs::read_to_string(file("plan_with_resources.json")).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        serde_json::from_str::<Plan>(&changed)
            .unwrap_err()
            .to_string()
    };
    let error = refused(r#""limit": "12","#, r#""limit": "1","#);
    assert!(
        error.contains("utilisation must be used over limit"),
        "{error}"
    );
    let error = refused(r#""cap": "900.00""#, r#""cap": "9.00""#);
    assert!(
        error.contains("territory country: it spends more than its cap"),
        "{error}"
    );
    let error = refused(r#""value_per_head": "#, r#""value_per_head": 1"#);
    assert!(
        error.contains("value_per_head: it must be what value, hours and heads come to"),
        "{error}"
    );
}

#[test]
fn problem_and_allocation() {
    let given = fs::read_to_string(file("problem.json")).unwrap();
    let problem: Problem = serde_json::from_str(&given).unwrap();
    hold_document("problem.json", &problem);
    let allocation: Allocation = solve(&problem).unwrap();
    let text = serde_json::to_string_pretty(&allocation).unwrap() + "\n";
    hold("allocation.json", &text);
    let read: AllocationDocument = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap() + "\n", text);
}

#[test]
fn histories() {
    let row = |customer, date, amount| EventRow {
        customer,
        date,
        amount: Some(amount),
        ..EventRow::default()
    };
    let rows = [
        row("ada", "2026-01-05", "12.50"),
        row("ada", "2026-01-12", "9.99"),
        row("ada", "2026-01-20", "30.00"),
        row("bo", "2026-01-18", "4.00"),
    ];
    let door = Door {
        as_of: day(2, 1),
        currency: Some(Currency::USD),
        roster: None,
        policy: RowPolicy::default(),
    };
    let (log, _) = EventLog::admit(rows, &door).unwrap();
    hold_document(
        "histories.json",
        &Histories::read(&log, ReadingRules::default()),
    );
}

#[test]
fn journal_of_virtual_budgets() {
    let budget = || VirtualBudgetId::new("cy-1").unwrap();
    let promise = || PromiseId::new("training").unwrap();
    let events = [
        (
            day(1, 5),
            Event::Ceiling {
                ceiling: usd("300.00"),
            },
        ),
        (
            day(1, 5),
            Event::Plant {
                budget: budget(),
                customer: id("cy"),
                cap: usd("200.00"),
                stage: Stage::Unaware,
            },
        ),
        (
            day(2, 2),
            Event::Accrue {
                budget: budget(),
                gate: Stage::Interested,
                amount: usd("120.00"),
            },
        ),
        (
            day(2, 9),
            Event::Commit {
                budget: budget(),
                promise: promise(),
                amount: usd("80.00"),
                due: day(4, 5),
                likelihood: share(0.5),
            },
        ),
        (
            day(3, 1),
            Event::Claim {
                budget: budget(),
                promise: promise(),
                amount: usd("30.00"),
            },
        ),
        (
            day(3, 9),
            Event::Return {
                budget: budget(),
                promise: promise(),
                amount: usd("10.00"),
            },
        ),
        (
            day(3, 20),
            Event::StepBack {
                budget: budget(),
                to: Stage::Aware,
            },
        ),
        (
            day(4, 6),
            Event::Expire {
                budget: budget(),
                promise: promise(),
            },
        ),
    ];
    let mut ledger = Ledger::new(Currency::USD);
    let mut bytes = Vec::new();
    let mut writer = JournalWriter::start(Currency::USD, &mut bytes);
    for (place, (on, event)) in events.into_iter().enumerate() {
        let id = EntryId::new(format!("e{place}")).unwrap();
        let entry = Entry { id, on, event };
        writer.append(&entry, &mut bytes);
        ledger.post(entry).unwrap();
    }
    hold("journal.txt", std::str::from_utf8(&bytes).unwrap());
    let golden = fs::read(file("journal.txt")).unwrap();
    let recovered = recover(&golden, Currency::USD).unwrap();
    assert_eq!(recovered.ledger, ledger);
    assert_eq!(recovered.torn_bytes, 0);
}
