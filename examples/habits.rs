//! From what customers do to where they stand: tiers, practices, habits, doubts and ties, read from event logs.
//!
//! ```text
//! cargo run --release --example habits
//! ```
//!
//! The wards are invented; the purchases (CDNOW) and the physicians (detailing) are real.

#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

#[path = "habits/flicker.rs"]
mod flicker;
#[path = "habits/logs.rs"]
mod logs;
#[path = "habits/ties.rs"]
mod ties;
#[path = "habits/wards.rs"]
mod wards;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    wards::tell(&data)?;
    flicker::tell(&data)?;
    ties::tell(&data)
}

/// A heading with a line below it.
pub(crate) fn heading(title: &str) {
    println!("\n{title}\n{}", "─".repeat(title.chars().count()));
}
