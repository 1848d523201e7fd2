//! Early warning on a log of purchases: `cargo run --release --example early_warning`.
//!
//! Without arguments: on the CDNOW sample (examples/data/cdnow), the back-test of the default beside its baselines, the
//! ten most urgent warnings with their evidence, and the tiers found month by month. `--help` tells the rest.

#![expect(clippy::print_stderr, reason = "an example tells what it does")]

#[path = "early_warning/door.rs"]
mod door;
#[path = "early_warning/events.rs"]
mod events;
#[path = "early_warning/story.rs"]
mod story;
#[path = "early_warning/table.rs"]
mod table;
#[path = "early_warning/tiers.rs"]
mod tiers;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use events::Fault;

pub(crate) const USAGE: &str = "usage: early_warning [COMMAND]

  (none)     on the CDNOW sample: back-test beside the baselines, ten warnings, tiers by month

  score --fit FIT.csv --events EVENTS.csv --as-of YYYY-MM-DD --horizon-days N [--fit-end YYYY-MM-DD]
             fits on the first file, prints customer_id,score,p_silent of each customer of the second
  score --batch DIR
             the same for many dates: DIR holds meta.json (H_days, dates, cal_end), fit_events.csv and
             asof_DATE.csv; writes scores_DATE.csv beside each, fitting once

  backtest --fit FIT.csv --events EVENTS.csv --from YYYY-MM-DD --end YYYY-MM-DD --horizon-days N --confirm-days N
             fits every model on the first file up to --from, then walks the second week by week up to --end,
             warning from the past and judging by the future

Event files: a header with customer_id and date (other columns are ignored), one use a row, dates YYYY-MM-DD, in any
order; several uses of a customer on a day count once. score runs from 0 to 1, higher the more alarming; p_silent is
the probability of no use in the N days after the as-of date. Progress goes to standard error.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        None => story::tell(),
        Some("score") => return exit(door::score(&arguments[1..])),
        Some("backtest") => table::of_files(&arguments[1..]),
        Some("--help" | "-h" | "help") => Ok(format!("{USAGE}\n")),
        Some(other) => Err(Fault(format!("unknown command {other:?}\n{USAGE}"))),
    };
    exit(done.and_then(|text| {
        io::stdout()
            .write_all(text.as_bytes())
            .map_err(|e| Fault(format!("standard output: {e}")))
    }))
}

fn exit(done: Result<(), Fault>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("early_warning: {fault}");
            ExitCode::FAILURE
        }
    }
}
