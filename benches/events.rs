//! Events per second through the evidence room: a columnar log, sorted by customer, is read into
//! histories (rhythm, strength, marks, sums), the book's rhythm is fitted, and every customer's tier
//! is read. One core; no rows are parsed here, for that is the door's work, once.
//!
//! Sizes from 10⁵ to 10⁷ events, so that the time per event can be seen to stay flat. Customers have
//! gaps of all lengths from a day to a year, ten occasions each on average, and some events fall on
//! one day. The figures that count are the throughput lines.
//!
//! The yardstick beside them is the least that any pass can do: `sum` adds up the amounts and the days
//! of the same slice. What separates the two lines is the price of the twenty rhythms at which every
//! customer's strength is kept, so that a state can be continued without replay.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use sortie::calendar::Date;
use sortie::customer::Book;
use sortie::customer::habit::Practice;
use sortie::evidence::{Event, EventLog, Histories, NameCode, Notes, Promotion, ReadingRules};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::Currency;
use sortie::numeric::Draws;
use sortie::numeric::cast::i64_clamped;

/// Customers' own mean gaps, from this many days …
const GAP_LEAST: f64 = 1.0;
/// … to about this many times as many.
const GAP_RANGE: f64 = 120.0;
const EVENTS_A_CUSTOMER: usize = 10;

/// Users and practices of each customer, where they are recorded.
const USERS: u64 = 6;
const PRACTICES: u64 = 3;

/// A log; with users and practices, or without.
fn log(events: usize, named: bool) -> EventLog {
    let draws = Draws::new(1);
    let customers = events / EVENTS_A_CUSTOMER;
    let mut columns = Vec::with_capacity(customers);
    let mut rows = Vec::with_capacity(events);
    for customer in 0..customers {
        let mut stream = draws.stream(&[u64::try_from(customer).unwrap_or(0)]);
        let own = GAP_LEAST * libm::pow(GAP_RANGE, stream.uniform());
        let mut day = i64_clamped(stream.uniform() * 365.0, 0, 365);
        for _ in 0..EVENTS_A_CUSTOMER {
            let date = i32::try_from(day)
                .ok()
                .and_then(|day| Date::from_day_number(day).ok());
            let Some(date) = date else { continue };
            let (user, practice) = (stream.below(USERS), USERS + stream.below(PRACTICES));
            let code = |place: u64| usize::try_from(place).ok().and_then(NameCode::of);
            rows.push(Event {
                date,
                amount_minor: 1_000,
                user: code(user).filter(|_| named),
                practice: code(practice).filter(|_| named),
            });
            day += i64_clamped(stream.exponential(1.0 / own), 0, 5_000);
        }
        let Ok(id) = Id::new(format!("c{customer:09}")) else {
            continue;
        };
        columns.push((id, EVENTS_A_CUSTOMER));
    }
    let told = (0..USERS + PRACTICES).map(|place| Id::new(format!("name {place}")));
    let told = told.filter_map(Result::ok).collect();
    match EventLog::from_columns(columns, rows, told, Some(Currency::USD)) {
        Ok(log) => log,
        Err(error) => unreachable!("{error}"),
    }
}

fn events(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("events");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    for size in [100_000, 1_000_000, 10_000_000] {
        let log = log(size, false);
        let Some(as_of) = log.last_day() else {
            continue;
        };
        group.throughput(Throughput::Elements(
            u64::try_from(log.events()).unwrap_or(0),
        ));
        group.bench_function(BenchmarkId::new("sum", size), |bencher| {
            bencher.iter(|| {
                let events = black_box(&log).iter().flat_map(|(_, events)| events);
                events.fold((0_i64, 0_i64), |(amount, days), event| {
                    (
                        amount.wrapping_add(event.amount_minor),
                        days.wrapping_add(i64::from(event.date.day_number())),
                    )
                })
            });
        });
        group.bench_function(BenchmarkId::new("histories", size), |bencher| {
            bencher.iter(|| Histories::read(black_box(&log), ReadingRules::default()));
        });
        group.bench_function(
            BenchmarkId::new("histories_rhythm_tiers", size),
            |bencher| {
                bencher.iter(|| {
                    let histories = Histories::read(black_box(&log), ReadingRules::default());
                    let book = histories.fit_rhythm();
                    histories
                        .readings(as_of, &book)
                        .map(|readings| readings.len())
                });
            },
        );
        book(&mut group, size, &log, as_of);
    }
    let named = log(1_000_000, true);
    group.throughput(Throughput::Elements(1_000_000));
    group.bench_function(
        BenchmarkId::new("histories_with_names", 1_000_000),
        |bencher| {
            bencher.iter(|| Histories::read(black_box(&named), ReadingRules::default()));
        },
    );
    group.finish();
}

/// From the log to the customers of a book: the whole of what a host does each night.
fn book(group: &mut BenchmarkGroup<'_, WallTime>, size: usize, log: &EventLog, as_of: Date) {
    let Ok(promoted) = Practice::new("as promoted") else {
        return;
    };
    let notes = Notes::new(
        Promotion::of(promoted),
        Fraction::clamped(0.5),
        Fraction::clamped(0.5),
    );
    group.bench_function(BenchmarkId::new("log_to_book", size), |bencher| {
        bencher.iter(|| {
            let histories = Histories::read(black_box(log), ReadingRules::default());
            let rhythm = histories.fit_rhythm();
            let standings = histories.standings(as_of, &rhythm, &notes).ok();
            standings.and_then(|found| Book::of(Currency::USD, found.into_customers()).ok())
        });
    });
}

criterion_group!(benches, events);
criterion_main!(benches);
