//! One journey along the chain of the doctrine: events become a book, the book a census and a plan, the plan a
//! ledger, and what comes of it the next book \[F4, T1, T2\].

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use sortie::calendar::{Date, DiscountRate, Horizon};
use sortie::campaign::models::{Economy, Models};
use sortie::campaign::what_if::{Change, Difference, Held, Replanned};
use sortie::campaign::{Attack, Plan, Terms, plan};
use sortie::census::{Census, CensusRecord};
use sortie::customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement};
use sortie::customer::habit::Practice;
use sortie::customer::willingness::{Stage, Willingness};
use sortie::customer::{Book, Customer, Prospect, Standing, Tier};
use sortie::evidence::{
    Door, EventLog, EventRow, Histories, Late, Notes, Promotion, ReadingRules, RowPolicy,
};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::quantity::Quantity;
use sortie::stance::Stance;
use sortie::virtual_budget::{Entry, EntryId, Event, Ledger, PromiseId, VirtualBudgetId};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn share(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

/// A log of purchases of 40.00 on days of a month.
fn log(as_of: Date, events: &[(&str, i8, std::ops::RangeInclusive<i8>)]) -> EventLog {
    let rows: Vec<(&str, String)> = events
        .iter()
        .flat_map(|(customer, month, days)| {
            days.clone()
                .map(move |day| (*customer, format!("2026-{month:02}-{day:02}")))
        })
        .collect();
    let rows = rows.iter().map(|(customer, date)| EventRow {
        customer,
        date,
        amount: Some("40.00"),
        ..EventRow::default()
    });
    let door = Door {
        as_of,
        currency: Some(Currency::USD),
        roster: None,
        policy: RowPolicy::default(),
    };
    EventLog::admit(rows, &door).unwrap().0
}

fn notes() -> Notes {
    let promotion = Promotion::of(Practice::new("orders by the ward's list").unwrap());
    Notes::new(promotion, share(0.5), share(0.6))
}

fn prospect() -> Customer {
    let scenario = |place: u32| {
        let situation = Situation::new(
            id(&format!("situation-{place}")),
            Statement::new("A patient is admitted at night without a chart").unwrap(),
            share(0.8),
        );
        DecisionScenario::new(DecisionDraft {
            id: id(&format!("scenario-{place}")),
            situation: situation.unwrap(),
            decision: "Order from the ward's list".to_owned(),
            benefit: "The first dose is there within the hour".to_owned(),
            benefit_weight: share(0.5),
            harm: "The night pharmacist is called in from home".to_owned(),
            harm_weight: share(0.5),
        })
        .unwrap()
    };
    let willingness = Willingness::new(Date::new(2026, 3, 1).unwrap());
    let candidates = (1..=3).map(scenario).collect();
    let standing = Standing::Prospect(Prospect::new(willingness, vec![], candidates).unwrap());
    Customer::new(id("new ward"), usd("500.00"), None, standing).unwrap()
}

fn census_of(book: &Book, spends: &[(&str, &str)]) -> Census {
    let record = |(customer, spend): &(&str, &str)| CensusRecord {
        customer: id(customer),
        result: Quantity::from_micros(0),
        spend: usd(spend),
    };
    let records: Vec<CensusRecord> = spends.iter().map(record).collect();
    Census::take(book, &records).unwrap()
}

fn terms() -> Terms {
    let economy = Economy {
        horizon: Horizon::new(12).unwrap(),
        discount: DiscountRate::new(0.01).unwrap(),
    };
    Terms::new(
        usd("1500.00"),
        usd("400.00"),
        Stance::offence().with_offensiveness_smallest(share(0.1)),
        Models::judged(economy, usd("50.00")).unwrap(),
    )
}

fn plan_for(book: &Book, census: &Census) -> Plan {
    plan(book, census, &terms()).unwrap()
}

/// Keeps the prospect's virtual budget through a month: gates passed, a promise made and claimed.
fn month_of_the_ledger(plan: &Plan) -> Ledger {
    let terms = plan
        .line(&id("new ward"))
        .unwrap()
        .virtual_budget
        .as_ref()
        .unwrap();
    let (budget, promise) = (
        || VirtualBudgetId::new("new ward 2026").unwrap(),
        || PromiseId::new("night training").unwrap(),
    );
    let mut ledger = Ledger::new(Currency::USD);
    let mut day = Date::new(2026, 4, 1).unwrap();
    let mut place = 0;
    let mut post = |event| {
        place += 1;
        day = day.plus_days(1).unwrap();
        let id = EntryId::new(format!("e{place}")).unwrap();
        ledger.post(Entry { id, on: day, event }).unwrap();
    };
    post(Event::Ceiling {
        ceiling: usd("400.00"),
    });
    post(Event::Plant {
        budget: budget(),
        customer: id("new ward"),
        cap: terms.cap(),
        stage: Stage::Unaware,
    });
    for gate in terms.gates() {
        post(Event::Accrue {
            budget: budget(),
            gate: gate.stage,
            amount: gate.accrues,
        });
    }
    let due = Date::new(2026, 6, 30).unwrap();
    let (amount, likelihood) = (terms.cap(), share(0.9));
    post(Event::Commit {
        budget: budget(),
        promise: promise(),
        amount,
        due,
        likelihood,
    });
    post(Event::Claim {
        budget: budget(),
        promise: promise(),
        amount,
    });
    assert_eq!(
        ledger.outstanding(),
        usd("0.00"),
        "what was promised is paid"
    );
    ledger
}

#[test]
fn a_plan_ends_in_the_next_one() {
    let march = Date::new(2026, 3, 31).unwrap();
    let first = log(
        march,
        &[("old ward", 3, 1..=31), ("young ward", 3, 20..=22)],
    );
    let mut histories = Histories::read(&first, ReadingRules::default());
    let rhythm = histories.fit_rhythm();
    let standings = histories.standings(march, &rhythm, &notes()).unwrap();
    let customers = standings.into_customers().into_iter().chain([prospect()]);
    let book = Book::of(Currency::USD, customers).unwrap();
    let tiers =
        |book: &Book| -> Vec<Tier> { book.customers().iter().map(Customer::tier).collect() };
    assert_eq!(
        tiers(&book),
        [Tier::Prospect, Tier::Habitual, Tier::Starting]
    );

    // All resources go to the first two tiers: the boundary is fixed [C3].
    let census = census_of(&book, &[("old ward", "900.00"), ("young ward", "100.00")]);
    assert_eq!(census.headroom(), usd("0.00"));
    let planned = plan_for(&book, &census);
    assert!(planned.totals().optimal && !planned.is_stalled());
    let attack = planned.line(&id("new ward")).unwrap().attack.clone();
    assert!(matches!(attack, Some(Attack::Plant { .. })), "{attack:?}");
    assert!(
        planned.census_after().headroom().minor() > 0,
        "the boundary moves"
    );

    let ledger = month_of_the_ledger(&planned);
    assert_eq!(ledger.journal().len(), 8);

    // The prospect begins to use, and use goes on elsewhere: outcomes come back as events.
    let april = Date::new(2026, 4, 30).unwrap();
    let second = [
        ("new ward", 4, 20..=22),
        ("old ward", 4, 1..=30),
        ("young ward", 4, 1..=30),
    ];
    histories.go_on(&log(april, &second), Late::Refuse).unwrap();
    let rhythm = histories.fit_rhythm();
    let standings = histories.standings(april, &rhythm, &notes()).unwrap();
    let next = book.revised(standings.into_customers()).unwrap();
    assert_eq!(
        tiers(&next),
        [Tier::Starting, Tier::Habitual, Tier::Habitual]
    );
    let spent: Vec<(String, String)> = planned
        .lines()
        .iter()
        .map(|line| (line.customer.to_string(), line.spend.amount_text()))
        .collect();
    let spent: Vec<(&str, &str)> = spent
        .iter()
        .map(|(c, s)| (c.as_str(), s.as_str()))
        .collect();
    let again = plan_for(&next, &census_of(&next, &spent));
    let attack = again.line(&id("new ward")).unwrap().attack.clone();
    assert!(
        attack.is_none() || matches!(attack, Some(Attack::Care { .. })),
        "one direction for each tier: {attack:?}"
    );
    assert_eq!(again.census_before().tier(Tier::Prospect).customers, 0);
}

/// The plan is questioned before it is carried out: less money, then a customer that turns out to be worth less.
#[test]
fn a_plan_is_questioned_and_follows() {
    let march = Date::new(2026, 3, 31).unwrap();
    let first = log(
        march,
        &[("old ward", 3, 1..=31), ("young ward", 3, 20..=22)],
    );
    let histories = Histories::read(&first, ReadingRules::default());
    let standings = histories
        .standings(march, &histories.fit_rhythm(), &notes())
        .unwrap();
    let customers = standings.into_customers().into_iter().chain([prospect()]);
    let book = Book::of(Currency::USD, customers).unwrap();
    let census = census_of(&book, &[("old ward", "900.00")]);
    let (terms, before) = (terms(), plan_for(&book, &census));

    let mut held = Held::open(&book, &terms).unwrap();
    assert_eq!(held.plan(&census).unwrap(), before);
    let old = book.get(&id("old ward")).unwrap();
    let poorer = Customer::new(old.id().clone(), usd("40.00"), None, old.standing().clone());
    let change = Change::Customer(Box::new(poorer.unwrap()));
    let question = held.what_if(Some(change.clone())).unwrap();
    let afresh = plan(question.book(), &census, question.terms()).unwrap();
    let difference = match held.change(change).unwrap() {
        Replanned::Followed { difference, .. } => *difference,
        Replanned::Afresh(asked) => asked.plan(&before, &census).unwrap().1,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(difference, Difference::between(&before, &afresh).unwrap());
    let losers = difference.losers();
    assert_eq!(
        losers.first().map(|change| &change.customer),
        Some(old.id())
    );
    let text = serde_json::to_string(&difference).unwrap();
    assert_eq!(
        serde_json::from_str::<Difference>(&text).unwrap(),
        difference
    );
}
