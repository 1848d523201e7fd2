//! The published fits of the baselines, reproduced from the CDNOW sample in the repository.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be read fails its test"
)]

use std::collections::BTreeMap;

use sortie::{
    calendar::Date,
    evidence::models::{
        BetaGeometric, Dropout, GammaGamma, ParetoNbd, Record, Sample, Spend, Summary,
    },
};

struct Customer {
    /// Day and cents, days distinct and increasing.
    days: BTreeMap<i32, i64>,
}

fn customers() -> Vec<Customer> {
    let text = include_str!("../examples/data/cdnow/cdnow_sample.csv");
    let mut all: BTreeMap<&str, Customer> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let day = cells[2].parse::<Date>().unwrap().day_number();
        let cents: i64 = cells[4].replace('.', "").parse().unwrap();
        let customer = all.entry(cells[1]).or_insert_with(|| Customer {
            days: BTreeMap::new(),
        });
        *customer.days.entry(day).or_insert(0) += cents;
    }
    all.into_values().collect()
}

fn split_day() -> i32 {
    Date::new(1997, 9, 30).unwrap().day_number()
}

/// Each customer's summary in weeks at the end of calibration, and its events in the 39 weeks after.
fn calibration() -> Vec<(Summary, f64)> {
    customers()
        .iter()
        .map(|customer| {
            let days: Vec<i32> = customer.days.keys().copied().collect();
            let record = Record::until(&days, split_day()).unwrap();
            let later = days.iter().filter(|day| **day > split_day()).count();
            (
                record.summary(split_day(), 7.0),
                f64::from(u32::try_from(later).unwrap()),
            )
        })
        .collect()
}

fn sample() -> Sample {
    Sample::new(calibration().into_iter().map(|pair| pair.0)).unwrap()
}

fn close(got: f64, published: f64, within: f64) {
    assert!(
        (got - published).abs() <= within,
        "{got} against {published}"
    );
}

#[test]
fn the_sample_is_the_published_one() {
    let sample = sample();
    assert_eq!(sample.customers(), 2_357);
    assert!(sample.distinct() < 1_200, "{}", sample.distinct());
    let held_out: f64 = calibration().iter().map(|pair| pair.1).sum();
    close(held_out, 1_882.0, 0.0);
}

#[test]
fn bg_nbd() {
    let fit = BetaGeometric::fit(&sample(), Dropout::AfterRepeat, 1).unwrap();
    let [r, alpha, a, b] = fit.parameters();
    close(r, 0.2426, 5e-5);
    close(alpha, 4.4136, 5e-5);
    close(a, 0.7929, 5e-5);
    close(b, 2.4259, 5e-5);
    close(fit.ln_likelihood(), -9_582.43, 5e-3);
}

#[test]
fn mbg_nbd() {
    let fit = BetaGeometric::fit(&sample(), Dropout::AfterAny, 1).unwrap();
    let [r, alpha, a, b] = fit.parameters();
    close(r, 0.5248, 5e-5);
    close(alpha, 6.1831, 5e-5);
    close(a, 0.8914, 5e-5);
    close(b, 1.6140, 5e-5);
    close(fit.ln_likelihood(), -9_582.14, 5e-3);
}

#[test]
fn pareto_nbd() {
    let fit = ParetoNbd::fit(&sample()).unwrap();
    let [r, alpha, s, beta] = fit.parameters();
    close(r, 0.5533, 1e-4);
    close(alpha, 10.578, 1e-3);
    close(s, 0.6062, 1e-4);
    close(beta, 11.667, 4e-3);
    close(fit.ln_likelihood(), -9_594.98, 5e-3);
}

#[test]
fn gamma_gamma() {
    let spends: Vec<Spend> = customers()
        .iter()
        .filter_map(|customer| {
            let repeats: Vec<i64> = customer
                .days
                .iter()
                .skip(1)
                .filter(|(day, _)| **day <= split_day())
                .map(|(_, cents)| *cents)
                .collect();
            let events = u32::try_from(repeats.len()).unwrap();
            let total = f64::from(i32::try_from(repeats.iter().sum::<i64>()).unwrap()) / 100.0;
            Spend::new(events, total / f64::from(events.max(1))).ok()
        })
        .collect();
    assert_eq!(spends.len(), 946);
    let fit = GammaGamma::fit(&spends).unwrap();
    let [p, q, v] = fit.parameters();
    close(p, 6.2496, 2e-3);
    close(q, 3.7442, 2e-3);
    close(v, 15.4435, 1e-2);
}

#[test]
fn the_hold_out_is_forecast_as_published() {
    let rmse = |expected: &dyn Fn(&Summary) -> f64| {
        let squares: f64 = calibration()
            .iter()
            .map(|(summary, later)| (expected(summary) - later) * (expected(summary) - later))
            .sum();
        (squares / 2_357.0).sqrt()
    };
    let bg = BetaGeometric::fit(&sample(), Dropout::AfterRepeat, 1).unwrap();
    let mbg = BetaGeometric::fit(&sample(), Dropout::AfterAny, 1).unwrap();
    let pareto = ParetoNbd::fit(&sample()).unwrap();
    close(rmse(&|s| bg.expected_events(s, 39.0).unwrap()), 1.608, 5e-4);
    close(
        rmse(&|s| mbg.expected_events(s, 39.0).unwrap()),
        1.607,
        5e-4,
    );
    close(
        rmse(&|s| pareto.expected_events(s, 39.0).unwrap()),
        1.603,
        5e-4,
    );
}

#[test]
fn fader_and_hardies_worked_customer() {
    let model = BetaGeometric::new(Dropout::AfterRepeat, 1, 0.243, 4.414, 0.793, 2.426).unwrap();
    let customer = Summary::new(2, 30.43, 38.86, 0.0).unwrap();
    close(model.expected_events(&customer, 39.0).unwrap(), 1.226, 5e-4);
    close(model.p_alive(&customer), 0.726_579, 5e-7);
    let new = Summary::new(0, 0.0, 38.86, 0.0).unwrap();
    close(model.p_alive(&new), 1.0, 0.0);
}

#[test]
fn regularity_one_is_chosen_on_this_log() {
    assert_eq!(
        BetaGeometric::fit_regular(&sample()).unwrap().regularity(),
        1
    );
}
