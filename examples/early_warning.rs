//! Early warning on a log of purchases: `cargo run --release --example early_warning`.

#![expect(clippy::print_stderr, reason = "an example tells what it does")]

#[path = "early_warning/door.rs"]
mod door;
#[path = "early_warning/events.rs"]
mod events;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some("score") => door::score(&arguments[1..]),
        _ => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("early_warning: {fault}");
            ExitCode::FAILURE
        }
    }
}
