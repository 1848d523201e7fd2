//! The main job, end to end, on real customers: who they are, where resources go, where to attack next.
//!
//! ```text
//! cargo run --release --example campaign                  month 6, two thirds of last month's money
//! cargo run --release --example campaign -- 12 90000      month 12, 90,000 dollars
//! cargo run --release --example campaign -- --json        the plan document alone
//! ```

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "an example prints, and counts months and calls in small numbers"
)]

#[path = "detailing/assumptions.rs"]
mod assumptions;
#[path = "detailing/backtest.rs"]
mod backtest;
#[path = "detailing/estimate.rs"]
mod estimate;
#[path = "detailing/month.rs"]
mod month;
#[path = "detailing/panel.rs"]
mod panel;
#[path = "detailing/people.rs"]
mod people;
#[path = "campaign/report.rs"]
mod report;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use sortie::campaign::Market;
use sortie::money::{Currency, Money};

use month::Month;

const HELP: &str = "\
Where a sales team attacks next: 1,000 physicians, 23 months of calls and prescriptions.

usage: campaign [AS_OF] [BUDGET] [--json] [--data DIR]

  AS_OF       the month from whose end the plan looks ahead, 6 to 22; default 6
  BUDGET      money for the coming month in dollars, such as 90000.00; default: two thirds
              of what last month's calls cost
  --json      print the plan document (sortie/plan/1) alone
  --data DIR  a folder with counts.csv and demo.csv; default: examples/data/detailing";

struct Arguments {
    as_of: usize,
    budget: Option<Money>,
    json: bool,
    data: PathBuf,
}

fn arguments() -> Result<Option<Arguments>, Box<dyn Error>> {
    let mut parsed = Arguments {
        as_of: 6,
        budget: None,
        json: false,
        data: month::data(),
    };
    let mut places = 0;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--json" => parsed.json = true,
            "--data" => parsed.data = words.next().ok_or("--data needs a folder")?.into(),
            _ if places == 0 => {
                places = 1;
                parsed.as_of = month::as_of(&word)?;
            }
            _ if places == 1 => {
                places = 2;
                parsed.budget = Some(Money::parse(&word, Currency::USD)?);
            }
            _ => return Err(format!("unexpected argument {word:?}; see --help").into()),
        }
    }
    Ok(Some(parsed))
}

fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let month = Month::open(&arguments.data, arguments.as_of, arguments.budget)?;
    let market = Market::open(&month.book, &month.terms)?;
    let plan = market.plan(&month.census)?;
    if arguments.json {
        return Ok(serde_json::to_string_pretty(&plan)?);
    }
    report::write(&report::Told {
        panel: &month.panel,
        as_of: month.as_of,
        estimates: &month.estimates,
        plan: &plan,
        rules: &people::rules_of_thumb(&month.panel, month.as_of, &market)?,
    })
}

fn main() -> ExitCode {
    let outcome = arguments().and_then(|arguments| match arguments {
        None => Ok(HELP.to_owned()),
        Some(arguments) => run(&arguments),
    });
    month::end("campaign", outcome)
}
