//! Lawful and almost lawful problems built from bytes: solved, verified, bounded.
#![no_main]

#[path = "../checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::allocate(bytes));
