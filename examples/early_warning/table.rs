//! The back-test table: the default of the crate and its baselines, walked over the same dates.

use std::{fmt::Write as _, ops::ControlFlow};

use sortie::{
    calendar::Date,
    evidence::{
        backtest::{
            AtThreshold, BackTest, Foresight, Gone, ParetoGone, Report, Silent, calibration,
        },
        models::{
            BetaGeometric, Dropout, ModelError, ParetoNbd, Record, Sample,
            lapse::LapseModel,
            rules::{FixedHiatus, OwnMultiple},
        },
    },
    fraction::Fraction,
};

use crate::{
    USAGE,
    door::{day, horizon, tell},
    events::{Events, Fault},
};

/// Share of the returned silences that may be alarmed when leads are compared.
pub(crate) const FALSE_SHARE: f64 = 0.2;

/// The baselines count time in weeks, as their published fits do.
const UNIT_DAYS: f64 = 7.0;

pub(crate) fn fault(cause: impl std::fmt::Display) -> Fault {
    Fault(cause.to_string())
}

type Fitted = Result<Box<dyn Foresight>, ModelError>;
type Fit = fn(&[&[i32]], i32, i32) -> Fitted;

/// Every contender, by name, and how it is fitted to histories up to a date for a horizon.
const CONTENDERS: [(&str, Fit); 8] = [
    ("fixed hiatus", |_, _, _| Ok(Box::new(FixedHiatus))),
    ("own multiple", |_, _, _| Ok(Box::new(OwnMultiple))),
    ("BG/NBD 1-P(alive)", |past, end, _| {
        Ok(gone(BetaGeometric::fit(
            &sample(past, end)?,
            Dropout::AfterRepeat,
            1,
        )?))
    }),
    ("MBG/NBD 1-P(alive)", |past, end, _| {
        Ok(gone(BetaGeometric::fit(
            &sample(past, end)?,
            Dropout::AfterAny,
            1,
        )?))
    }),
    ("Pareto/NBD 1-P(alive)", |past, end, _| {
        let model = ParetoNbd::fit(&sample(past, end)?)?;
        Ok(Box::new(ParetoGone {
            model,
            unit_days: UNIT_DAYS,
        }))
    }),
    ("MBG/CNBD-k 1-P(alive)", |past, end, _| {
        Ok(gone(BetaGeometric::fit_regular(&sample(past, end)?)?))
    }),
    ("MBG/CNBD-k P(silent)", |past, end, _| {
        let model = BetaGeometric::fit_regular(&sample(past, end)?)?;
        Ok(Box::new(Silent {
            model,
            unit_days: UNIT_DAYS,
        }))
    }),
    ("sortie's default", |past, end, horizon| {
        Ok(Box::new(LapseModel::fit(past, end, horizon)?))
    }),
];

fn gone(model: BetaGeometric) -> Box<dyn Foresight> {
    Box::new(Gone {
        model,
        unit_days: UNIT_DAYS,
    })
}

fn sample(past: &[&[i32]], end: i32) -> Result<Sample, ModelError> {
    Sample::new(
        past.iter()
            .filter_map(|days| Record::until(days, end))
            .map(|record| record.summary(end, UNIT_DAYS)),
    )
}

/// Walks every contender; the text of the table, and the walk of the last, the default.
///
/// With `fit` the models are fitted on those histories, else on those that are walked; either way up to `from` only.
pub(crate) fn walk(
    test: &BackTest,
    from: Date,
    horizon: i32,
    fit: Option<&[Vec<i32>]>,
    histories: &[Vec<i32>],
) -> Result<(String, Option<Report>), Fault> {
    let mut out = format!(
        "{:<22} {:>7} {:>7} {:>7} {:>9} {:>11} {:>13} {:>12}\n",
        "",
        "A: AUC",
        "A:Brier",
        "R: AUC",
        "detected",
        "lead, weeks",
        "(median days)",
        "false/c.year"
    );
    let share = Fraction::new(FALSE_SHARE).map_err(fault)?;
    let mut last = None;
    for (number, (name, contender)) in (1..).zip(CONTENDERS) {
        eprintln!("back-test {number} of {}: {name}", CONTENDERS.len());
        let fitting = |past: &[&[i32]], as_of: Date| {
            let others: Vec<&[i32]> = fit.unwrap_or(&[]).iter().map(Vec::as_slice).collect();
            let past = if fit.is_some() { &others } else { past };
            contender(past, as_of.day_number(), horizon)
        };
        let report = test
            .walk_telling(histories, fitting, |done, of| {
                if done % 10 == 0 {
                    eprintln!("  date {done} of {of}");
                }
                ControlFlow::Continue(())
            })
            .map_err(fault)?;
        let alarms = report.alarms(report.thresholds(share));
        let _ = writeln!(
            out,
            "{name:<22} {:>7} {:>7} {:>7} {:>9} {:>11} {:>13} {:>12}",
            figure(report.auc_ahead(), 4),
            figure(report.brier(), 4),
            figure(report.auc_own(), 4),
            figure(alarms.detected.map(Fraction::get), 3),
            figure(alarms.lead_mean.map(|days| days / 7.0), 2),
            figure(alarms.lead_median, 0),
            figure(alarms.false_alarms_per_customer_year, 3),
        );
        last = Some(report);
    }
    let _ = writeln!(
        out,
        "Fitted up to {from}. A: silent for the next {horizon} days? R: silent for three of its own intervals?\n\
         Detected and lead: departures alarmed, and weeks before they are confirmed, at {:.0} % false alarms\n\
         in each third of own rhythm; false alarms are also given per customer and year watched.",
        100.0 * FALSE_SHARE
    );
    Ok((out, last))
}

/// How far the stated probabilities come true, and what warning from an even chance on would have done.
pub(crate) fn calibrated(report: &Report) -> String {
    let cases = report.ahead();
    let mut out = String::from("P(silent) stated   mean stated   came true     cases\n");
    for band in calibration(&cases, 10) {
        let _ = writeln!(
            out,
            "  from {:.1}            {:.3}         {:.3}     {:>7}",
            band.from, band.stated, band.happened, band.cases
        );
    }
    let even = AtThreshold::of(&cases, 0.5);
    let _ = writeln!(
        out,
        "Warned of from 0.5 on: {} of {} customer-dates, precision {}, recall {}.",
        even.warned,
        cases.len(),
        figure(even.precision.map(Fraction::get), 3),
        figure(even.recall.map(Fraction::get), 3)
    );
    out
}

fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// `backtest` with the arguments after that word.
pub(crate) fn of_files(arguments: &[String]) -> Result<String, Fault> {
    let named = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name);
        place
            .and_then(|place| arguments.get(place + 1))
            .ok_or_else(|| Fault(format!("{name} is missing\n{USAGE}")))
    };
    let known = [
        "--fit",
        "--events",
        "--from",
        "--end",
        "--horizon-days",
        "--confirm-days",
    ];
    for name in arguments.iter().step_by(2) {
        if !known.contains(&name.as_str()) {
            return Err(Fault(format!("unknown option {name}\n{USAGE}")));
        }
    }
    let (from, end) = (day(named("--from")?)?, day(named("--end")?)?);
    let horizon_days = horizon(named("--horizon-days")?)?;
    let confirm = horizon(named("--confirm-days")?)?;
    let mut read = Vec::new();
    for (name, until, limit) in [("--fit", from, "--from"), ("--events", end, "--end")] {
        let path = std::path::Path::new(named(name)?);
        let events = Events::read(path, Some(until))?;
        tell(path, &events, limit);
        read.push(events.days.into_values().collect::<Vec<_>>());
    }
    let date = |number| Date::from_day_number(number).map_err(fault);
    let past: Vec<&[i32]> = read[0].iter().map(Vec::as_slice).collect();
    let test = BackTest::new(date(from)?, date(end)?, 7, horizon_days, confirm)
        .map_err(fault)?
        .with_book_interval(sample(&past, from).map_err(fault)?.mean_gap() * UNIT_DAYS)
        .map_err(fault)?;
    let (mut out, report) = walk(&test, date(from)?, horizon_days, Some(&read[0]), &read[1])?;
    if let Some(report) = report {
        out.push('\n');
        out.push_str(&calibrated(&report));
    }
    Ok(out)
}
