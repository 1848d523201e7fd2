//! Fits of the models of lapse, and the warnings of a large book.
//!
//! The fits are of the CDNOW sample (2,357 customers, 39 weeks) and of ten copies of it with their ages spread by a few
//! days, so that rows do not collapse into the sample's (23,570 customers). Warnings are for a million customers with
//! records at hand, on one core, sorted by what is at stake. The table that states what this says is
//! docs/benchmarks/early-warning.md.

use std::{collections::BTreeMap, hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sortie::{
    calendar::Date,
    evidence::{
        backtest::Thresholds,
        models::{BetaGeometric, Dropout, ParetoNbd, Record, Sample, lapse::LapseModel},
        warning::{Watch, Watched},
    },
    id::Id,
    money::{Currency, Money},
    numeric::Draws,
};

const LOG: &str = include_str!("../examples/data/cdnow/cdnow_sample.csv");
/// 1997-09-30.
const SPLIT: i32 = 10_134;
const MILLION: u32 = 1_000_000;

fn histories() -> Vec<Vec<i32>> {
    let mut all: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for line in LOG.lines().skip(1) {
        let mut cells = line.split(',').skip(1);
        if let (Some(id), Some(date)) = (cells.next(), cells.next()) {
            if let Ok(date) = date.parse::<Date>() {
                all.entry(id).or_default().push(date.day_number());
            }
        }
    }
    let mut histories: Vec<Vec<i32>> = all.into_values().collect();
    for days in &mut histories {
        days.sort_unstable();
        days.dedup();
        days.retain(|day| *day <= SPLIT);
    }
    histories
}

fn copies(histories: &[Vec<i32>], count: i32) -> Vec<Vec<i32>> {
    (0..count)
        .flat_map(|shift| {
            histories
                .iter()
                .map(move |days| days.iter().map(|day| day - shift).collect())
        })
        .collect()
}

fn sample(histories: &[Vec<i32>]) -> Option<Sample> {
    let records = histories
        .iter()
        .filter_map(|days| Record::of_days(days).ok());
    Sample::new(records.map(|record| record.summary(SPLIT, 7.0))).ok()
}

fn fits(criterion: &mut Criterion) {
    let one = histories();
    let mut group = criterion.benchmark_group("fit");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    for count in [1, 10] {
        let histories = copies(&one, count);
        let customers = histories.len();
        let Some(sample) = sample(&histories) else {
            continue;
        };
        group.bench_function(BenchmarkId::new("BG-NBD", customers), |b| {
            b.iter(|| BetaGeometric::fit(black_box(&sample), Dropout::AfterRepeat, 1));
        });
        group.bench_function(BenchmarkId::new("MBG-CNBD-k", customers), |b| {
            b.iter(|| BetaGeometric::fit_regular(black_box(&sample)));
        });
        group.bench_function(BenchmarkId::new("Pareto-NBD", customers), |b| {
            b.iter(|| ParetoNbd::fit(black_box(&sample)));
        });
        group.bench_function(BenchmarkId::new("default", customers), |b| {
            b.iter(|| LapseModel::fit(black_box(&histories), SPLIT, 91));
        });
    }
    group.finish();
}

/// A log of 2,000 customers whose uses come on the dates that `date` gives for a customer and a period: each uses in a
/// period by its own chance, and leaves after one use in twenty.
fn on_dates(periods: u8, date: impl Fn(u64, u8) -> Option<i32>) -> Vec<Vec<i32>> {
    let draws = Draws::new(9);
    (0..2_000)
        .map(|who| {
            let mut own = draws.stream(&[who]);
            let often = 0.3 + 0.6 * own.uniform();
            let mut here = true;
            let mut days = Vec::new();
            for period in 0..periods {
                if here && (days.is_empty() || own.happens(often)) {
                    days.extend(date(who, period));
                    here = !own.happens(0.05);
                }
            }
            days
        })
        .collect()
}

/// The first of the months from 2001 on.
fn first_of(month: u8) -> Option<i32> {
    let year = 2001 + i16::from(month) / 12;
    let month = i8::try_from(month % 12 + 1).ok()?;
    Some(Date::new(year, month, 1).ok()?.day_number())
}

fn repeaters(histories: &[Vec<i32>]) -> Vec<Record> {
    let records = histories
        .iter()
        .filter_map(|days| Record::of_days(days).ok());
    records.filter(|record| record.uses() > 1).collect()
}

fn warnings(criterion: &mut Criterion) {
    let ids: Vec<Id> = (0..MILLION)
        .filter_map(|i| Id::new(format!("customer {i}")).ok())
        .collect();
    let mut group = criterion.benchmark_group("warn");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(u64::from(MILLION)));
    let sample = histories();
    let all: Vec<Record> = sample
        .iter()
        .filter_map(|days| Record::of_days(days).ok())
        .collect();
    let months = on_dates(36, |_, month| first_of(month));
    let weekdays = on_dates(60, |who, week| {
        Some(7 * i32::from(week) + i32::try_from(who % 7).ok()?)
    });
    let (quarter, two_months) = (91, 56);
    for (name, log, end, horizon, records) in [
        ("of the sample's kinds", &sample, SPLIT, quarter, all),
        (
            "all with repeats",
            &sample,
            SPLIT,
            quarter,
            repeaters(&sample),
        ),
        (
            "on the first of months",
            &months,
            first_of(35).unwrap_or(0),
            quarter,
            repeaters(&months),
        ),
        (
            "on weekdays of their own",
            &weekdays,
            420,
            two_months,
            repeaters(&weekdays),
        ),
    ] {
        let (Ok(model), Ok(as_of)) = (
            LapseModel::fit(log, end, horizon),
            Date::from_day_number(end),
        ) else {
            continue;
        };
        let Ok(watch) = Watch::new(&model, Thresholds::same(0.6), 2 * horizon) else {
            continue;
        };
        group.bench_function(BenchmarkId::new("a million customers", name), |b| {
            b.iter(|| {
                let watched = ids
                    .iter()
                    .zip(records.iter().cycle())
                    .zip((1_i64..=1_000).cycle())
                    .map(|((customer, record), value)| Watched {
                        customer,
                        record,
                        value: Money::from_minor(100 * value, Currency::USD),
                    });
                watch
                    .warn(watched, black_box(as_of))
                    .map(|found| found.warnings().len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, fits, warnings);
criterion_main!(benches);
