//! The audit of past spending: were calls tied to past prescriptions?

use std::error::Error;
use std::path::Path;

use sortie::customer::behaviour::{PastSpend, StructuralAudit};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::quantity::Quantity;

use super::{heading, logs};

/// Prescriptions of months 1 to 6, calls of months 7 to 9 at 150 dollars each.
const SALES_UNTIL: i32 = 6;
const SPEND_UNTIL: i32 = 9;
const CALL_CENTS: i64 = 15_000;

pub(crate) fn tell(data: &Path) -> Result<(), Box<dyn Error>> {
    heading(
        "5. Ties that crept in: calls of months 7–9 against prescriptions of months 1–6 (detailing)",
    );
    let panel = logs::physicians(data)?;
    let rows = panel
        .iter()
        .filter(|one| one.month <= SPEND_UNTIL)
        .map(|one| {
            let past = one.month <= SALES_UNTIL;
            let (sales, calls) = if past {
                (one.scripts, 0)
            } else {
                (0, one.calls)
            };
            Ok(PastSpend {
                customer: Id::new(&one.id)?,
                spend: Money::from_minor(CALL_CENTS * i64::from(calls), Currency::USD),
                sales: Quantity::parse(&sales.to_string())?,
            })
        });
    let rows = rows.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let audit = StructuralAudit::of(rows, Fraction::new(0.01)?)?;
    println!("{audit}.");
    for one in audit.foremost(3) {
        println!(
            "  physician {}: {} prescriptions, then {}",
            one.customer, one.sales, one.spend
        );
    }
    println!(
        "{}",
        if audit.is_flagged() {
            "Flagged: who had prescribed more was called on more. Calls are to follow what they change, not what was bought."
        } else {
            "Not flagged."
        }
    );
    Ok(())
}
