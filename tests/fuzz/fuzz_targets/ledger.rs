//! Operations on a ledger built from bytes.
#![no_main]

#[path = "../ledger.rs"]
mod ledger;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ledger::operations(bytes));
