//! Any bytes as a stored journal, and as the lines of one.
#![no_main]

#[path = "../ledger.rs"]
mod ledger;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ledger::journal(bytes);
    ledger::sealed_lines(bytes);
});
