//! Small types, each fed everything.

use sortie::calendar::{Date, DiscountRate, Horizon};
use sortie::customer::acquaintance::{Listening, Tie, TieKind};
use sortie::customer::decision::{DecisionDraft, DecisionScenario, Situation, Statement};
use sortie::customer::willingness::{Stage, Step, Transitions, Willingness};
use sortie::customer::{Habitual, Prospect, Standing, Starting, Tier};
use sortie::fraction::Fraction;
use sortie::id::Id;
use sortie::money::{Currency, Money};
use sortie::quantity::Quantity;
use sortie::virtual_budget::{EntryId, PromiseId, VirtualBudgetId};

use super::{hostile_values, read};

macro_rules! fed {
    ($($kind:ty),* $(,)?) => {
        $(for value in hostile_values() {
            let what = stringify!($kind);
            if let Err(error) = read::<$kind>(what, &value) {
                assert!(error.len() < 8_000, "{what}: {} bytes", error.len());
            }
        })*
    };
}

#[test]
fn nothing_panics_and_what_is_read_is_written_as_itself() {
    fed!(
        Money,
        Currency,
        Quantity,
        Fraction,
        Date,
        DiscountRate,
        Horizon,
        Id,
        EntryId,
        PromiseId,
        VirtualBudgetId,
        Statement,
        Situation,
        DecisionDraft,
        DecisionScenario,
        Stage,
        Step,
        Willingness,
        Transitions,
        Tie,
        TieKind,
        Listening,
        Standing,
        Habitual,
        Starting,
        Prospect,
        Tier,
    );
}

/// A number is no money, an amount without its currency neither, and `null` is nothing at all.
#[test]
fn what_is_no_value_is_refused() {
    for json in [
        "12",
        "12.3",
        "null",
        "\"12.3\"",
        "\"12.345 USD\"",
        "\"1 DEM\"",
        "\"1  USD\"",
        "\"1 usd\"",
        "\" 1 USD\"",
        "[]",
    ] {
        assert!(read::<Money>("Money", json).is_err(), "{json}");
    }
    for json in ["6.5", "6", "null", "\"-1\"", "\"1e3\"", "\"0.0000001\""] {
        assert!(read::<Quantity>("Quantity", json).is_err(), "{json}");
    }
    for json in [
        "75",
        "-1",
        "1e400",
        "null",
        "\"0.5\"",
        "1.0000000000000002",
        "-5e-324",
    ] {
        assert!(read::<Fraction>("Fraction", json).is_err(), "{json}");
    }
    for json in [
        "0",
        "-1",
        "1.5",
        "1e3",
        "40001",
        "4294967296",
        "null",
        "\"12\"",
    ] {
        assert!(read::<Horizon>("Horizon", json).is_err(), "{json}");
    }
    for json in ["-0.01", "1e400", "null", "\"0.1\""] {
        assert!(
            read::<DiscountRate>("DiscountRate", json).is_err(),
            "{json}"
        );
    }
}

#[test]
fn ten_megabytes_of_text_are_refused_in_a_line() {
    let long = format!("\"{}\"", "9".repeat(10_000_000));
    let spaced = format!("\"{}\"", " ".repeat(10_000_000));
    for text in [&long, &spaced] {
        for error in [
            read::<Id>("Id", text).unwrap_err(),
            read::<Money>("Money", text).unwrap_err(),
            read::<Currency>("Currency", text).unwrap_err(),
            read::<Quantity>("Quantity", text).unwrap_err(),
            read::<Date>("Date", text).unwrap_err(),
            read::<Statement>("Statement", text).unwrap_err(),
        ] {
            assert!(error.len() < 300, "{} bytes", error.len());
        }
    }
}
