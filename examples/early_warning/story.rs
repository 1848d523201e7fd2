//! The default run: the CDNOW sample from the first table to the ten most urgent warnings.

use std::{fmt::Write as _, fs};

use sortie::{
    calendar::Date,
    evidence::{
        Door, EventLog, EventRow, Oddity, RowPolicy,
        backtest::{BackTest, Report, days_of_use},
        models::{GammaGamma, Record, Spend, lapse::LapseModel},
        warning::{Urgency, Watch, Watched},
    },
    fraction::Fraction,
    money::{Currency, Money},
    numeric::cast,
};

use crate::{
    events::Fault,
    table::{self, FALSE_SHARE, fault},
    tiers,
};

const SAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/data/cdnow/cdnow_sample.csv"
);

/// Half a year of silence is a departure; warnings look a quarter ahead.
const HORIZON: i32 = 91;
const CONFIRM: i32 = 182;
const SHOWN: usize = 10;

/// The rows of the sample: `master_id,sample_id,date,n_cds,amount_usd`.
pub(crate) fn rows(text: &str) -> Vec<EventRow<'_>> {
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let [_, customer, date, _, amount] = cells[..] else {
                return None;
            };
            Some(EventRow {
                customer,
                date,
                amount: Some(amount),
                ..EventRow::default()
            })
        })
        .collect()
}

/// Admits rows up to a date. Two equal purchases on a day are two purchases.
pub(crate) fn admitted(rows: Vec<EventRow<'_>>, as_of: Date) -> Result<EventLog, Fault> {
    let door = Door {
        as_of,
        currency: Some(Currency::from_code("USD").map_err(fault)?),
        roster: None,
        policy: RowPolicy {
            duplicate: Oddity::Admit,
            ..RowPolicy::default()
        },
    };
    let (log, _) = EventLog::admit(rows, &door).map_err(fault)?;
    Ok(log)
}

pub(crate) fn tell() -> Result<String, Fault> {
    let text = fs::read_to_string(SAMPLE).map_err(|e| Fault(format!("{SAMPLE}: {e}")))?;
    let date = |y, m, d| Date::new(y, m, d).map_err(fault);
    let (from, end) = (date(1997, 9, 30)?, date(1998, 6, 30)?);
    let log = admitted(rows(&text), end)?;
    let histories = days_of_use(&log);
    let mut out = format!(
        "{} purchases of {} customers of an online music shop to {end} (CDNOW, Fader & Hardie's tenth).\n\n\
         Warn from the past, judge by the future: every week from {from}\n",
        log.events(),
        log.customers()
    );
    let walked = BackTest::new(from, end, 7, HORIZON, CONFIRM).map_err(fault)?;
    let (table, report) = table::walk(&walked, from, HORIZON, None, &histories)?;
    out.push_str(&table);
    if let Some(report) = report {
        let _ = write!(
            out,
            "\nAre the default's probabilities true?\n{}\n",
            table::calibrated(&report)
        );
        out.push_str(&warnings(&log, &histories, end, &report)?);
    }
    out.push_str(&tiers::by_month(&text)?);
    Ok(out)
}

/// The most urgent warnings of the last day, with the thresholds that the walk has found.
fn warnings(
    log: &EventLog,
    histories: &[Vec<i32>],
    end: Date,
    report: &Report,
) -> Result<String, Fault> {
    eprintln!("fitting on the whole log for the warnings of {end}");
    let model = LapseModel::fit(histories, end.day_number(), HORIZON).map_err(fault)?;
    let thresholds = report.thresholds(Fraction::new(FALSE_SHARE).map_err(fault)?);
    let watch = Watch::new(&model, thresholds, CONFIRM).map_err(fault)?;
    let records: Vec<Record> = histories
        .iter()
        .map(|days| Record::of_days(days).map_err(fault))
        .collect::<Result<_, _>>()?;
    let values = values(log, &records, &model)?;
    let watched =
        log.iter()
            .zip(records.iter().zip(&values))
            .map(|((customer, _), (record, value))| Watched {
                customer,
                record,
                value: *value,
            });
    let found = watch.warn(watched, end).map_err(fault)?;
    let mut out = format!(
        "The {SHOWN} most urgent of {} warnings on {end}, by what is at stake\n\
         {:>8} {:>11}  {:<7} {:>4} {:>10} {:>6} {:>8} {:>7} {:>9} {:>6} {:>13} {:>9}\n",
        found.warnings().len(),
        "customer",
        "at stake",
        "urgency",
        "uses",
        "last use",
        "silent",
        "own gap",
        "window",
        "P(silent)",
        "P(gone)",
        "alarm (from)",
        "days left"
    );
    for warning in found.warnings().iter().take(SHOWN) {
        let _ = writeln!(
            out,
            "{:>8} {:>11}  {:<7} {:>4} {:>10} {:>5}d {:>7.1}d {:>6.0}d {:>9.2} {:>7.2} {:>6.3} ({:.3}) {:>7}d",
            warning.customer.as_str(),
            warning.at_stake.to_string(),
            match warning.urgency {
                Urgency::Early => "early",
                Urgency::Overdue => "overdue",
            },
            warning.uses,
            Date::from_day_number(warning.last)
                .map_err(fault)?
                .to_string(),
            warning.silent_days,
            warning.interval_days,
            warning.window_days,
            warning.p_silent,
            warning.p_gone,
            warning.alarm,
            warning.threshold,
            warning.lead_days,
        );
    }
    let _ = writeln!(
        out,
        "Own gap: mean days between its purchases, drawn towards the book's; window: three of them. At stake: P(silent for\n\
         {HORIZON} days) x what it would buy in them at its own rhythm. Days left: until half a year of silence is complete.\n\
         Below their threshold: {}. Already silent for half a year: {}. One purchase only, so without a rhythm to be late\n\
         by: {}{}.\n",
        found.quiet(),
        found.lapsed(),
        found.first_use_only().len(),
        found
            .first_use_only()
            .first()
            .map_or_else(String::new, |one| format!(
                "{} is silent for {} days, P(silent) {:.2}",
                one.customer.as_str(),
                one.silent_days,
                one.p_silent
            )),
    );
    Ok(out)
}

/// What each customer would buy in the horizon at its own rhythm: purchases times their expected amount (gamma-gamma).
fn values(log: &EventLog, records: &[Record], model: &LapseModel) -> Result<Vec<Money>, Fault> {
    let currency = Currency::from_code("USD").map_err(fault)?;
    let paid: Vec<Option<Spend>> = log
        .iter()
        .zip(records)
        .map(|((_, events), record)| {
            let minor: i64 = events.iter().map(|event| event.amount_minor).sum();
            let mean = cast::f64_of_i64(minor) / 100.0 / f64::from(record.uses());
            Spend::new(record.uses(), mean).ok()
        })
        .collect();
    let known: Vec<Spend> = paid.iter().flatten().copied().collect();
    let amounts = GammaGamma::fit(&known).map_err(fault)?;
    let value = |(spend, record): (&Option<Spend>, &Record)| {
        let mean = spend.map_or(0.0, |spend| amounts.expected_mean(&spend));
        let purchases = f64::from(HORIZON) / record.mean_interval(model.book_interval());
        let cents = cast::i64_clamped(100.0 * mean * purchases, 0, i64::MAX);
        Money::from_minor(cents, currency)
    };
    Ok(paid.iter().zip(records).map(value).collect())
}
