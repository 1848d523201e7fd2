//! Ties by the million: the graph built, everybody's ease, and the thousand prospects to admit first.
//!
//! Every customer knows ten others, most of them near by, as people do. One in ten has a habit already; the
//! others are candidates.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot build its input must stop, and says what it measured once"
)]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sortie::{
    customer::acquaintance::{AcquaintanceGraph, Listening, TieByPlace, TieKind},
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    numeric::{Draws, cast},
    planting::{Candidate, Spread},
};

/// Ties of each customer.
const KNOWN: usize = 10;
/// Admitted at most.
const FIRST: usize = 1_000;

fn ids(customers: usize) -> Vec<Id> {
    (0..customers)
        .map(|n| Id::new(format!("c{n:08}")).unwrap())
        .collect()
}

fn ties(customers: usize) -> Vec<TieByPlace> {
    let mut ties = Vec::with_capacity(customers * KNOWN);
    for who in 0..customers {
        let mut draws = Draws::new(4).stream(&[cast::u64_of_usize(who)]);
        let mut known: Vec<usize> = Vec::with_capacity(KNOWN);
        while known.len() < KNOWN {
            // Three in four are among the next two hundred.
            let reach = if draws.below(4) < 3 {
                200
            } else {
                customers - 1
            };
            let step = usize::try_from(draws.below(cast::u64_of_usize(reach))).unwrap() + 1;
            let other = (who + step) % customers;
            if other != who && !known.contains(&other) {
                known.push(other);
            }
        }
        ties.extend(known.into_iter().map(|other| TieByPlace {
            who: cast::u32_of_usize(who),
            knows: cast::u32_of_usize(other),
            kind: TieKind::Advice,
            strength: Fraction::new(0.2 + 0.8 * draws.uniform()).unwrap(),
        }));
    }
    ties
}

fn candidates(customers: usize) -> Vec<Candidate> {
    (0..customers)
        .filter(|place| place % 10 != 0)
        .map(|place| {
            let mut draws = Draws::new(5).stream(&[cast::u64_of_usize(place)]);
            let calls = i64::try_from(1 + draws.below(4)).unwrap();
            Candidate {
                place,
                cost: Money::from_minor(15_000 * calls, Currency::USD),
                chance: Fraction::new(0.05 + 0.4 * draws.uniform()).unwrap(),
                value: 100.0 + 900.0 * draws.uniform(),
                depth: Fraction::new(0.5).unwrap(),
            }
        })
        .collect()
}

fn depth(place: usize) -> Fraction {
    Fraction::clamped(if place % 10 == 0 { 0.75 } else { 0.0 })
}

fn acquaintance(c: &mut Criterion) {
    let mut group = c.benchmark_group("acquaintance");
    group.sample_size(10);
    let listening = Listening::uniform(Fraction::new(0.1).unwrap()).unwrap();
    for customers in [100_000, 1_000_000] {
        group.throughput(Throughput::Elements(cast::u64_of_usize(customers)));
        let before = resident();
        let (names, links) = (ids(customers), ties(customers));
        let material = resident();
        let graph = AcquaintanceGraph::from_places(names.clone(), links.clone()).unwrap();
        println!(
            "{customers} customers, {} ties: graph {} MB beside ids and ties of {} MB",
            graph.ties(),
            (resident() - material) / 1_000_000,
            (material - before) / 1_000_000
        );
        group.bench_function(BenchmarkId::new("graph", customers), |b| {
            b.iter_batched(
                || (names.clone(), links.clone()),
                |(names, links)| AcquaintanceGraph::from_places(names, links).unwrap(),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("ease of everybody", customers), |b| {
            b.iter(|| {
                let eases = (0..customers).map(|place| graph.ease(place, &listening, depth).get());
                eases.sum::<f64>()
            });
        });
        let all = candidates(customers);
        let budget = Money::from_minor(15_000 * 1_500, Currency::USD);
        group.bench_function(BenchmarkId::new("select 1000", customers), |b| {
            b.iter_batched(
                || all.clone(),
                |all| {
                    let spread = Spread::new(&graph, listening, all, depth).unwrap();
                    spread.select(black_box(budget), FIRST).unwrap()
                },
                BatchSize::LargeInput,
            );
        });
        let spread = Spread::new(&graph, listening, all, depth).unwrap();
        let admission = spread.select(budget, FIRST).unwrap();
        println!(
            "{} admitted for {}, worth {:.1}; proved: none worth more than {:.1} ({:.3} %)",
            admission.admitted.len(),
            admission.spent,
            admission.value,
            admission.bound,
            100.0 * (admission.bound / admission.value - 1.0)
        );
    }
    group.finish();
}

/// Resident memory of this process in bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}

criterion_group!(benches, acquaintance);
criterion_main!(benches);
