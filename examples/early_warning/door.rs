//! `score`: fits on one event file, scores the customers of others.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sortie::{
    calendar::Date,
    evidence::models::{Record, lapse::LapseModel},
};

use crate::{
    USAGE,
    events::{Events, Fault},
};

/// Runs `score` with the arguments after that word.
pub(crate) fn score(arguments: &[String]) -> Result<(), Fault> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let (name, value) = if let Some((name, value)) = name.split_once('=') {
            (name, value.to_owned())
        } else {
            let value = rest
                .next()
                .ok_or_else(|| Fault(format!("{name} needs a value\n{USAGE}")))?;
            (name.as_str(), value.clone())
        };
        match name {
            "--fit" => options.fit = Some(value.into()),
            "--events" => options.events = Some(value.into()),
            "--as-of" => options.as_of = Some(day(&value)?),
            "--fit-end" => options.fit_end = Some(day(&value)?),
            "--horizon-days" => options.horizon = Some(horizon(&value)?),
            "--batch" => options.batch = Some(value.into()),
            _ => return Err(Fault(format!("unknown option {name}\n{USAGE}"))),
        }
    }
    match (
        &options.batch,
        options.fit,
        options.events,
        options.as_of,
        options.horizon,
    ) {
        (Some(directory), None, None, None, None) => batch(directory),
        (None, Some(fit), Some(events), Some(as_of), Some(horizon)) => {
            let model = fitted(&fit, options.fit_end, horizon)?;
            let out = scores(&model, &events, as_of)?;
            io::stdout()
                .write_all(out.as_bytes())
                .map_err(|e| Fault(format!("standard output: {e}")))
        }
        _ => Err(Fault(USAGE.to_owned())),
    }
}

#[derive(Default)]
struct Options {
    fit: Option<PathBuf>,
    events: Option<PathBuf>,
    batch: Option<PathBuf>,
    as_of: Option<i32>,
    fit_end: Option<i32>,
    horizon: Option<i32>,
}

pub(crate) fn day(text: &str) -> Result<i32, Fault> {
    Ok(text
        .parse::<Date>()
        .map_err(|e| Fault(e.to_string()))?
        .day_number())
}

pub(crate) fn horizon(text: &str) -> Result<i32, Fault> {
    text.parse().map_err(|_| {
        Fault(format!(
            "horizon {text:?} is no whole number of days; write 91, say"
        ))
    })
}

/// Fits once, then scores each date of `meta.json`.
fn batch(directory: &Path) -> Result<(), Fault> {
    let place = directory.join("meta.json");
    let fault = |what: &str| Fault(format!("{}: {what}", place.display()));
    let text = fs::read_to_string(&place).map_err(|e| fault(&e.to_string()))?;
    let meta: serde_json::Value = serde_json::from_str(&text).map_err(|e| fault(&e.to_string()))?;
    let days = meta["H_days"]
        .as_f64()
        .or_else(|| meta["H_days"].as_str().and_then(|text| text.parse().ok()))
        .ok_or_else(|| fault("H_days is missing or no number"))?;
    let horizon = horizon(&format!("{}", days.round()))?;
    let end = match meta["cal_end"].as_str() {
        Some(text) => Some(day(text)?),
        None => None,
    };
    let dates: Vec<&str> = meta["dates"]
        .as_array()
        .ok_or_else(|| fault("dates is missing or no list"))?
        .iter()
        .map(|date| date.as_str().ok_or_else(|| fault("a date is no string")))
        .collect::<Result<_, _>>()?;
    let model = fitted(&directory.join("fit_events.csv"), end, horizon)?;
    for (i, date) in dates.iter().enumerate() {
        eprintln!("date {} of {}: {date}", i + 1, dates.len());
        let out = scores(
            &model,
            &directory.join(format!("asof_{date}.csv")),
            day(date)?,
        )?;
        let place = directory.join(format!("scores_{date}.csv"));
        fs::write(&place, out).map_err(|e| Fault(format!("{}: {e}", place.display())))?;
    }
    Ok(())
}

fn fitted(path: &Path, end: Option<i32>, horizon: i32) -> Result<LapseModel, Fault> {
    let events = Events::read(path, end)?;
    tell(path, &events, "the end of the fit");
    let end = end.or_else(|| events.last_day()).unwrap_or(0);
    let histories: Vec<&Vec<i32>> = events
        .days
        .values()
        .filter(|days| !days.is_empty())
        .collect();
    let model = LapseModel::fit(&histories, end, horizon).map_err(|e| Fault(e.to_string()))?;
    let [r, alpha, a, b] = model.base().parameters();
    let (rows, dates) = model.rows_and_dates();
    eprintln!(
        "fitted on {} customers: k = {}, r = {r:.4}, alpha = {alpha:.3} days, a = {a:.4}, b = {b:.4}; \
         correction from {rows} customer-dates of {dates} dates, level {:+.3}, \
         share of windows {}{}",
        histories.len(),
        model.base().regularity(),
        model.level(),
        model.share_of_windows(),
        model
            .share_of_periods()
            .map_or(String::new(), |(share, period)| format!(
                "; share of the form of periods {share}, of {period:.1} days each"
            )),
    );
    Ok(model)
}

fn scores(model: &LapseModel, path: &Path, as_of: i32) -> Result<String, Fault> {
    let events = Events::read(path, Some(as_of))?;
    tell(path, &events, "the as-of date");
    let histories: Vec<&Vec<i32>> = events.days.values().collect();
    let model = model
        .on(&histories, as_of)
        .map_err(|e| Fault(e.to_string()))?;
    let mut out = String::from("customer_id,score,p_silent\n");
    for (id, days) in &events.days {
        // Whoever has not begun by then gives no alarm, and no use is promised.
        let (alarm, p_silent) = Record::of_days(days).map_or((0.0, 1.0), |record| {
            let found = model.assess(&record, as_of);
            (found.alarm, found.p_silent)
        });
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{},{alarm},{p_silent}", quoted(id));
    }
    Ok(out)
}

pub(crate) fn tell(path: &Path, events: &Events, limit: &str) {
    if events.later > 0 {
        eprintln!(
            "{}: {} events after {limit} set aside",
            path.display(),
            events.later
        );
    }
    if events.repeated > 0 {
        eprintln!(
            "{}: {} rows repeat a customer's day and count once",
            path.display(),
            events.repeated
        );
    }
    if events.rows == 0 {
        eprintln!("{}: no events", path.display());
    }
}

fn quoted(id: &str) -> String {
    if id.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", id.replace('"', "\"\""))
    } else {
        id.to_owned()
    }
}
