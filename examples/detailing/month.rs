//! What the examples on the panel begin and end with: a month to plan for, from the months before it; and the door.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sortie::campaign::Terms;
use sortie::census::Census;
use sortie::customer::Book;
use sortie::money::Money;

use crate::assumptions as assumed;
use crate::estimate::{self, Estimates};
use crate::panel::Panel;
use crate::people;

/// The month that is planned for, and everything that the plan may know.
pub struct Month {
    pub panel: Panel,
    /// The month from whose end the plan looks ahead.
    pub as_of: usize,
    pub book: Book,
    pub census: Census,
    pub estimates: Estimates,
    pub terms: Terms,
}

impl Month {
    /// Reads the panel in a folder up to a month. The budget is a share of last month's calls unless it is given.
    pub fn open(data: &Path, as_of: usize, budget: Option<Money>) -> Result<Self, Box<dyn Error>> {
        let panel = Panel::read(data)?;
        if as_of < people::WINDOW || as_of >= panel.months {
            let (first, last) = (people::WINDOW, panel.months - 1);
            return Err(format!("as-of month {as_of} is outside {first} to {last}").into());
        }
        let (book, records) = people::book_of(&panel, as_of)?;
        let census = Census::take(&book, &records)?;
        let estimates = estimate::estimate(&panel, as_of)?;
        let share = calls_of(&panel, as_of) * assumed::BUDGET_SHARE_PERCENT / 100;
        let budget = match budget {
            Some(budget) => budget,
            None => people::dollars(assumed::COST_OF_CALL)?.checked_mul(share)?,
        };
        let terms = people::terms_of(&estimates, budget)?;
        Ok(Self {
            panel,
            as_of,
            book,
            census,
            estimates,
            terms,
        })
    }
}

/// The calls of a month on all physicians.
pub fn calls_of(panel: &Panel, month: usize) -> i64 {
    let calls = panel.physicians.iter();
    calls.map(|one| i64::from(one.calls_in(month, month))).sum()
}

/// The panel in this repository.
pub fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data/detailing")
}

/// An as-of month as it was typed.
pub fn as_of(word: &str) -> Result<usize, Box<dyn Error>> {
    let month = word.parse();
    Ok(month.map_err(|_| format!("as-of month {word:?} is no whole number"))?)
}

/// Prints what came of it; exit code 2 for an error.
pub fn end(name: &str, outcome: Result<String, Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::from(2)
        }
    }
}
