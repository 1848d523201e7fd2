//! The ledger: entries posted, journals replayed, memory held.
//!
//! A portfolio of budgets lives its whole life: planted, accrued at two gates, promised twice, claimed in part
//! twice, then expired, released, returned or stepped back: eight entries a budget. Every fourth entry has an id
//! of 36 characters, which is held on the heap. Entries are made beforehand and handed over by value; what is
//! measured is posting: admission, the state after, the index of ids and the journal. Dropping the ledger and
//! the host's empty buffer is not.
//!
//! Two baselines do less with the same entries: one pushes them into a vector, the other enters their ids into
//! the standard hash map. What posting costs above them is the ledger; what they cost is the machine's memory.
//!
//! `SORTIE_BENCH_LARGE=1` adds up to ten million entries at once, by the time on the core; `SORTIE_BENCH_MEMORY=1`
//! tells the memory of a million open budgets and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot build its input must stop, and says what it measured once"
)]

use std::{collections::HashMap, hint::black_box, time::Instant};

use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
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
    let mut number = 0_u64;
    let mut push = |on, event| {
        number += 1;
        let id = match number % 4 {
            0 => format!("{number:08x}-4c1e-4a7b-9d3f-{:012x}", number * 7_919),
            _ => format!("{number:010}"),
        };
        let id = EntryId::new(id).unwrap();
        entries.push(Entry { id, on, event });
    };
    let ceiling = usd(i64::MAX);
    push(day(0), Event::Ceiling { ceiling });
    for step in 0..steps {
        let on = day(i32::try_from(step).unwrap());
        for (place, (budget, customer)) in budgets.iter().enumerate() {
            push(on, event((step, place), budget, customer, &promises));
        }
    }
    entries
}

fn event(
    (step, place): (usize, usize),
    budget: &VirtualBudgetId,
    customer: &Id,
    promises: &[PromiseId; 2],
) -> Event {
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
        _ => match place % 4 {
            0 => Event::Expire {
                budget,
                promise: first,
            },
            1 => Event::Release {
                budget,
                promise: second,
                amount: usd(1_000),
            },
            2 => Event::Return {
                budget,
                promise: first,
                amount: usd(2_000),
            },
            _ => Event::StepBack {
                budget,
                to: Stage::Aware,
            },
        },
    }
}

type Posting = fn(&mut Vec<Entry>, &mut Ledger);

fn post_singly(entries: &mut Vec<Entry>, ledger: &mut Ledger) {
    for entry in entries.drain(..) {
        ledger.post(entry).unwrap();
    }
}

fn post_all(entries: &mut Vec<Entry>, ledger: &mut Ledger) {
    ledger.post_all(entries.drain(..)).unwrap();
}

fn posted(mut entries: Vec<Entry>) -> Ledger {
    let mut ledger = Ledger::new(Currency::USD);
    post_all(&mut entries, &mut ledger);
    ledger
}

/// The ways of posting: name, whether the ledger is told how many will come, how.
const WAYS: [(&str, bool, Posting); 3] = [
    ("post", false, post_singly),
    ("post all", false, post_all),
    ("post all with room", true, post_all),
];

fn new_ledger(entries: usize, with_room: bool) -> Ledger {
    if with_room {
        Ledger::with_room(Currency::USD, entries)
    } else {
        Ledger::new(Currency::USD)
    }
}

/// What the machine takes for less: the same entries pushed into a vector, their ids entered into a hash map.
fn baselines(group: &mut BenchmarkGroup<'_, WallTime>, count: usize, material: &[Entry]) {
    group.bench_function(
        BenchmarkId::new("baseline push into a vector", count),
        |b| {
            b.iter_batched_ref(
                || (material.to_vec(), Vec::new()),
                |(entries, pushed)| entries.drain(..).for_each(|entry| pushed.push(entry)),
                BatchSize::PerIteration,
            );
        },
    );
    let ids = || material.iter().map(|entry| entry.id.clone());
    group.bench_function(
        BenchmarkId::new("baseline ids into a hash map", count),
        |b| {
            b.iter_batched_ref(
                || (ids().collect::<Vec<EntryId>>(), HashMap::new()),
                |(ids, map)| {
                    for (id, place) in ids.drain(..).zip(0_u32..) {
                        map.insert(id, place);
                    }
                },
                BatchSize::PerIteration,
            );
        },
    );
}

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
        baselines(&mut group, count, &material);
        for (name, with_room, way) in WAYS {
            group.bench_function(BenchmarkId::new(name, count), |b| {
                b.iter_batched_ref(
                    || (material.clone(), new_ledger(material.len(), with_room)),
                    |(entries, ledger)| way(entries, ledger),
                    BatchSize::PerIteration,
                );
            });
        }
        group.bench_function(BenchmarkId::new("write journal", count), |b| {
            b.iter(|| written(black_box(&material)));
        });
        let bytes = written(&material);
        group.bench_function(BenchmarkId::new("recover from bytes", count), |b| {
            b.iter(|| recover(black_box(&bytes), Currency::USD).unwrap());
        });
        let state = posted(material);
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
        for (name, with_room, way) in WAYS {
            let mut material = entries(count, LIFE);
            let mut ledger = new_ledger(material.len(), with_room);
            let (clock, core) = (Instant::now(), on_core());
            way(&mut material, &mut ledger);
            let (core, taken) = (on_core() - core, clock.elapsed());
            println!(
                "{} entries by {name} in {core:.3} s on one core ({taken:.1?} by the clock): {:.2} million a second",
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
    let ledger = posted(entries(BUDGETS * LIFE, 3));
    let after = resident();
    println!(
        "{BUDGETS} open budgets with a promise each: {} bytes a budget for its state, its three entries, their ids and \
         the indices of ids; {} bytes for an entry handed over",
        (after - before) / BUDGETS,
        size_of::<Entry>()
    );
    black_box(ledger);
}

criterion_group!(benches, ledger);
criterion_main!(benches);
