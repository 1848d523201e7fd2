//! A year of virtual budgets, kept in a database that may be killed at any moment.
//!
//! ```text
//! cargo run --example virtual_budget -- ledger.db
//! ```
//!
//! Every entry is a sealed line in one table of an `SQLite` database, a day's entries in one transaction. At
//! each start the ledger is rebuilt from the lines alone, and the year goes on where it stopped: kill it
//! whenever you like and start it again. The last entry is then posted once more, as a host does that never
//! saw the answer; the ledger knows it and does nothing. With no path the database is in memory.
//!
//! The line `day <n> kept` is printed only after the day's transaction is committed.

#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

#[path = "virtual_budget/store.rs"]
mod store;
#[path = "virtual_budget/story.rs"]
mod story;

use std::{error::Error, io::Write as _};

use sortie::{
    money::Currency,
    virtual_budget::{Ledger, Posted, Report},
};
use store::Store;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    live_the_year(path.as_deref())
}

/// Lives what is left of the year in the database at a path, or a whole one in memory.
pub(crate) fn live_the_year(path: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut store = Store::open(path)?;
    let (mut ledger, mut writer) = store.load(Currency::USD)?;
    println!("{} entries found", ledger.journal().len());
    if let Some(last) = ledger.journal().last() {
        // The answer to the last post may have been lost, so the host posts it again.
        let again = ledger.post(last)?;
        if again != Posted::Before {
            return Err("the last entry was not known on its return".into());
        }
    }
    for number in story::first_day(&ledger)..story::DAYS {
        let entries = story::live(&mut ledger, number)?;
        store.append(&mut writer, &entries)?;
        println!("day {number} kept");
        std::io::stdout().flush()?;
        if number % 91 == 90 {
            print_report(&ledger.report(story::date(number)?)?);
        }
    }
    print_report(&ledger.report(story::date(story::DAYS - 1)?)?);
    print_prospects(&ledger);
    Ok(())
}

fn print_report(report: &Report) {
    println!("\n--- {} ---", report.as_of);
    println!(
        "budgets planted {}, open {}",
        report.budgets, report.budgets_open
    );
    for (name, amount) in [
        ("accrued", report.accrued),
        ("= uncommitted", report.uncommitted),
        ("+ outstanding", report.outstanding),
        ("+ claimed", report.claimed),
        ("+ expired", report.expired),
        ("+ released", report.released),
        ("ceiling", report.ceiling),
        ("exposure (worst case)", report.exposure),
    ] {
        println!("{name:<24}{amount:>16}");
    }
    println!(
        "{:<24}{:>12.2} {}",
        "expected claims",
        report.expected_claims,
        report.ceiling.currency()
    );
    for due in report.falling_due.iter().take(5) {
        println!(
            "  due {}: {:>14} in {} promises, {:.2} expected",
            due.due, due.amount, due.promises, due.expected
        );
    }
    let later = report.falling_due.len().saturating_sub(5);
    if later > 0 {
        println!("  and {later} later days");
    }
}

fn print_prospects(ledger: &Ledger) {
    println!("\nprospect      stage            cap      accrued      claimed   worst case");
    for budget in ledger.budgets().iter().take(8) {
        println!(
            "{:<12}  {:<10} {:>10} {:>12} {:>12} {:>12}",
            budget.customer(),
            budget.stage(),
            budget.cap().amount_text(),
            budget.accrued().amount_text(),
            budget.claimed().amount_text(),
            budget.worst_case().amount_text(),
        );
    }
    println!("and {} more", ledger.budgets().len().saturating_sub(8));
}
