//! The whole path: rows in, a census, a plan out; and its parts.
//!
//! Cost per customer is the figure to watch: it must stay flat from 100,000 to 1,000,000.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot build its input must stop"
)]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rust_decimal::Decimal;
use sortie::calendar::{Date, DiscountRate, Horizon};
use sortie::campaign::models::{Economy, Models};
use sortie::campaign::what_if::{Change, Held, Replanned};
use sortie::campaign::{Market, Terms, plan};
use sortie::census::{Census, CensusRecord};
use sortie::customer::behaviour::{Behaviour, Doubt};
use sortie::customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement};
use sortie::customer::habit::{Anchoring, Depth, Ground, Habit, Practice, Scope};
use sortie::customer::willingness::Willingness;
use sortie::customer::{Book, Customer, CustomerRow, Habitual, Prospect, Standing, Starting};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::numeric::Draws;
use sortie::quantity::Quantity;
use sortie::stance::Stance;

/// A book's raw material: rows as a host has them, and last period's records.
#[derive(Clone)]
struct Material {
    rows: Vec<CustomerRow>,
    records: Vec<CensusRecord>,
}

fn habit(active: f64) -> Habit {
    let practice = || Practice::new("files the expense report").unwrap();
    let depth = Depth::new(Scope::Group, Ground::Profession, Anchoring::Custom).unwrap();
    Habit::new(
        practice(),
        practice(),
        depth,
        Fraction::new(active).unwrap(),
    )
}

fn starting(untroubled: f64, doubted: bool) -> Standing {
    let since = Date::new(2026, 1, 5).unwrap();
    let doubt = || {
        let raised = Date::new(2026, 2, 2).unwrap();
        Doubt::raise(
            Id::new("price").unwrap(),
            raised,
            Fraction::new(0.4).unwrap(),
        )
    };
    let doubts = if doubted { vec![doubt()] } else { vec![] };
    let behaviour = Behaviour::new(since, doubts, vec![]).unwrap();
    Standing::Starting(Starting::new(Fraction::new(untroubled).unwrap(), behaviour))
}

fn prospect(weight: f64) -> Standing {
    let scenario = |place: u32| {
        DecisionScenario::new(DecisionDraft {
            id: Id::new(format!("scenario-{place}")).unwrap(),
            situation: Situation::new(
                Id::new(format!("situation-{place}")).unwrap(),
                Statement::new("The auditor asks for last quarter's receipts by Friday").unwrap(),
                Fraction::new(0.1 + 0.1 * f64::from(place)).unwrap(),
            )
            .unwrap(),
            decision: "Send them from the archive in one export".to_owned(),
            benefit: "The audit closes the same week".to_owned(),
            benefit_weight: Fraction::new(weight).unwrap(),
            harm: "Two people search paper folders for ten days".to_owned(),
            harm_weight: Fraction::new(weight).unwrap(),
        })
        .unwrap()
    };
    let willingness = Willingness::new(Date::new(2026, 1, 5).unwrap());
    Standing::Prospect(Prospect::new(willingness, vec![], (0..4).map(scenario).collect()).unwrap())
}

/// Six in ten habitual, three starting, one prospect; contributions spread over two orders of magnitude.
fn material(customers: u32) -> Material {
    let draws = Draws::new(20);
    let mut rows = Vec::new();
    let mut records = Vec::new();
    for place in 0..customers {
        let mut keyed = draws.stream(&[u64::from(place)]);
        let (kind, size, share) = (keyed.uniform(), keyed.uniform(), keyed.uniform());
        let id = format!("customer-{place:08}");
        let standing = if kind < 0.6 {
            Standing::Habitual(Habitual::new(vec![habit(share)]).unwrap())
        } else if kind < 0.9 {
            starting(share, size < 0.3)
        } else {
            prospect(0.2 + 0.6 * share)
        };
        let contribution = Decimal::try_from(10.0 + 990.0 * size * size)
            .unwrap()
            .round_dp(2);
        records.push(CensusRecord {
            customer: Id::new(&id).unwrap(),
            result: Quantity::parse("1").unwrap(),
            spend: Money::parse("12.50", Currency::USD).unwrap(),
        });
        rows.push(CustomerRow {
            id,
            contribution,
            territory: None,
            standing,
        });
    }
    Material { rows, records }
}

fn terms(customers: u32) -> Terms {
    let economy = Economy {
        horizon: Horizon::new(24).unwrap(),
        discount: DiscountRate::new(0.01).unwrap(),
    };
    let dollars = |whole: u32| Money::from_minor(i64::from(whole) * 100, Currency::USD);
    Terms::new(
        dollars(customers * 10),
        dollars(customers),
        Stance::offence().with_offensiveness_smallest(Fraction::new(0.05).unwrap()),
        Models::judged(economy, dollars(50)).unwrap(),
    )
}

fn whole_path(c: &mut Criterion) {
    let mut group = c.benchmark_group("campaign");
    group.sample_size(10);
    for customers in [1_000_u32, 100_000, 1_000_000] {
        let material = material(customers);
        let terms = terms(customers);
        group.throughput(Throughput::Elements(u64::from(customers)));
        group.bench_function(BenchmarkId::new("admit, census, plan", customers), |b| {
            b.iter_batched(
                || material.clone(),
                |Material { rows, records }| {
                    let book = Book::admit(Currency::USD, rows).unwrap();
                    let census = Census::take(&book, &records).unwrap();
                    let plan = plan(&book, &census, &terms).unwrap();
                    (book, plan)
                },
                BatchSize::PerIteration,
            );
        });
        let book = Book::admit(Currency::USD, material.rows.clone()).unwrap();
        group.bench_function(BenchmarkId::new("admit", customers), |b| {
            b.iter_batched(
                || material.rows.clone(),
                |rows| Book::admit(Currency::USD, rows).unwrap(),
                BatchSize::PerIteration,
            );
        });
        group.bench_function(BenchmarkId::new("census", customers), |b| {
            b.iter(|| Census::take(black_box(&book), black_box(&material.records)).unwrap());
        });
        let census = Census::take(&book, &material.records).unwrap();
        group.bench_function(BenchmarkId::new("plan", customers), |b| {
            b.iter(|| plan(black_box(&book), &census, &terms).unwrap());
        });
    }
    group.finish();
}

/// One customer changed in a book of a million: followed, against planned afresh.
fn what_if(c: &mut Criterion) {
    let mut group = c.benchmark_group("what if");
    group.sample_size(10);
    for customers in [100_000_u32, 1_000_000] {
        let book = Book::admit(Currency::USD, material(customers).rows).unwrap();
        let terms = terms(customers);
        group.bench_function(BenchmarkId::new("afresh", customers), |b| {
            b.iter(|| Market::open(black_box(&book), &terms).unwrap());
        });
        let mut held = Held::open(&book, &terms).unwrap();
        let mut turn = 0;
        // Every fifth customer in turn contributes a tenth more, then as before.
        let mut follow = || {
            turn += 1;
            let place = (turn / 2 * 7_919) % book.customers().len();
            let old = &book.customers()[place];
            let more = if turn % 2 == 0 { 11 } else { 10 };
            let contribution = old.contribution().checked_mul(more).unwrap();
            let contribution = Money::from_minor(contribution.minor() / 10, Currency::USD);
            let standing = old.standing().clone();
            let changed = Customer::new(old.id().clone(), contribution, None, standing).unwrap();
            let change = Change::Customer(Box::new(changed));
            let looked_at = match held.change(change).unwrap() {
                Replanned::Followed { looked_at, .. } => looked_at,
                _ => usize::MAX,
            };
            assert!(looked_at < 1_000, "not followed");
            looked_at
        };
        // The first changes set up what later ones share.
        for _ in 0..4 {
            follow();
        }
        group.bench_function(BenchmarkId::new("one customer followed", customers), |b| {
            b.iter(&mut follow);
        });
    }
    group.finish();
}

criterion_group!(benches, whole_path, what_if);
criterion_main!(benches);
