//! The ledger: entries posted, journals replayed, memory held.
//!
//! A portfolio of budgets lives its whole life: planted, accrued at two gates, promised twice, claimed in part
//! and whole, a rest expired: eight entries a budget. Entries are made beforehand and handed over; what is
//! measured is posting: admission, the state after, the index of ids and the journal.
//!
//! `SORTIE_BENCH_LARGE=1` adds up to ten million entries at once, by the time on the core; `SORTIE_BENCH_MEMORY=1`
//! tells the memory of a million open budgets and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot build its input must stop, and says what it measured once"
)]

use std::{hint::black_box, time::Instant};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sortie::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    numeric::cast,
    virtual_budget::{
        Entry, EntryId, Event, JournalWriter, Ledger, PromiseId, VirtualBudgetId, recover,
    },
};

/// Entries in the life of one budget.
const LIFE: usize = 8;

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn day(number: i32) -> Date {
    Date::from_day_number(20_000 + number).unwrap()
}

/// The first `steps` entries of the lives of `count / LIFE` budgets: first every budget's first entry, then every budget's second, as a
/// portfolio lives.
fn entries(count: usize, steps: usize) -> Vec<Entry> {
    let budgets: Vec<(VirtualBudgetId, Id)> = (0..count / LIFE)
        .map(|n| {
            let name = |kind: &str| format!("{kind}-{n:07}");
            (
                VirtualBudgetId::new(name("budget")).unwrap(),
                Id::new(name("customer")).unwrap(),
            )
        })
        .collect();
    let promises = ["first", "second"].map(|name| PromiseId::new(name).unwrap());
    let mut entries = Vec::with_capacity(1 + budgets.len() * steps);
    let mut number = 0;
    let mut push = |on, event| {
        number += 1;
        let id = EntryId::new(format!("{number:010}")).unwrap();
        entries.push(Entry { id, on, event });
    };
    let ceiling = usd(i64::MAX);
    push(day(0), Event::Ceiling { ceiling });
    for step in 0..steps {
        let on = day(i32::try_from(step).unwrap());
        for (budget, customer) in &budgets {
            push(on, event(step, budget, customer, &promises));
        }
    }
    entries
}

fn event(step: usize, budget: &VirtualBudgetId, customer: &Id, promises: &[PromiseId; 2]) -> Event {
    let budget = budget.clone();
    let [first, second] = promises.clone();
    let accrue = |budget, gate| Event::Accrue {
        budget,
        gate,
        amount: usd(10_000),
    };
    let commit = |budget, promise, due| Event::Commit {
        budget,
        promise,
        amount: usd(8_000),
        due: day(due),
        likelihood: Fraction::ONE,
    };
    let claim = |budget, promise| Event::Claim {
        budget,
        promise,
        amount: usd(5_000),
    };
    match step {
        0 => Event::Plant {
            budget,
            customer: customer.clone(),
            cap: usd(30_000),
            stage: Stage::Unaware,
        },
        1 => accrue(budget, Stage::Aware),
        2 => commit(budget, first, 6),
        3 => accrue(budget, Stage::Interested),
        4 => commit(budget, second, 90),
        5 => claim(budget, first),
        6 => claim(budget, second),
        _ => Event::Expire {
            budget,
            promise: first,
        },
    }
}

fn post_singly(entries: Vec<Entry>) -> Ledger {
    let mut ledger = Ledger::new(Currency::USD);
    for entry in entries {
        ledger.post(entry).unwrap();
    }
    ledger
}

fn post_all(entries: Vec<Entry>) -> Ledger {
    let mut ledger = Ledger::new(Currency::USD);
    ledger.post_all(entries).unwrap();
    ledger
}

const POST_SINGLY: fn(Vec<Entry>) -> Ledger = post_singly;
const POST_ALL: fn(Vec<Entry>) -> Ledger = post_all;

fn written(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = JournalWriter::start(Currency::USD, &mut bytes);
    for entry in entries {
        writer.append(entry, &mut bytes);
    }
    bytes
}

fn ledger(c: &mut Criterion) {
    if std::env::var_os("SORTIE_BENCH_MEMORY").is_some() {
        return memory();
    }
    let mut group = c.benchmark_group("ledger");
    group.sample_size(10);
    for count in [100_000, 1_000_000] {
        let material = entries(count, LIFE);
        group.throughput(Throughput::Elements(cast::u64_of_usize(material.len())));
        for (name, posted) in [("post", POST_SINGLY), ("post all", POST_ALL)] {
            group.bench_function(BenchmarkId::new(name, count), |b| {
                b.iter_batched(|| material.clone(), posted, BatchSize::LargeInput);
            });
        }
        group.bench_function(BenchmarkId::new("write journal", count), |b| {
            b.iter(|| written(black_box(&material)));
        });
        let bytes = written(&material);
        group.bench_function(BenchmarkId::new("recover from bytes", count), |b| {
            b.iter(|| recover(black_box(&bytes), Currency::USD).unwrap());
        });
        let state = post_all(material);
        group.bench_function(BenchmarkId::new("report", count), |b| {
            b.iter(|| state.report(black_box(day(7))).unwrap());
        });
    }
    group.finish();
    if std::env::var_os("SORTIE_BENCH_LARGE").is_some() {
        large();
    }
}

/// Resident memory of this process in bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Time that this thread has run, in seconds: on a busy machine the clock on the wall tells of others too.
fn on_core() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told
        .split(' ')
        .next()
        .and_then(|text| text.parse::<u64>().ok());
    cast::f64_of_u64(nanoseconds.unwrap_or(0)) * 1e-9
}

/// Up to ten million entries, once each.
fn large() {
    const ENTRIES: usize = 10_000_000;
    for count in [10_000, 100_000, 1_000_000, ENTRIES] {
        for (name, posted) in [
            ("posted singly", POST_SINGLY),
            ("posted together", POST_ALL),
        ] {
            let material = entries(count, LIFE);
            let (clock, core) = (Instant::now(), on_core());
            let ledger: Ledger = posted(material);
            let (core, taken) = (on_core() - core, clock.elapsed());
            println!(
                "{} entries {name} in {core:.3} s on one core ({taken:.1?} by the clock): {:.2} million a second",
                ledger.journal().len(),
                cast::f64_of_usize(ledger.journal().len()) / core / 1e6
            );
        }
    }
}

/// The memory of a million open budgets, in a process that has held nothing else.
fn memory() {
    const BUDGETS: usize = 1_000_000;
    let before = resident();
    // Planted, accrued and promised once: three entries a budget.
    let open = entries(BUDGETS * LIFE, 3);
    let made = resident();
    let ledger = post_all(open);
    let after = resident();
    println!(
        "{BUDGETS} open budgets with a promise each: {} bytes a budget for its state and the index of ids, beside {} \
         bytes for its three entries",
        (after - made) / BUDGETS,
        (made - before) / BUDGETS
    );
    black_box(ledger);
}

criterion_group!(benches, ledger);
criterion_main!(benches);
