//! The corpus of the fuzz targets, and mutations of it, on a stable toolchain.
//!
//! `SORTIE_MUTATIONS` sets the number of mutated inputs for each target (2 000 unless told).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails loudly"
)]

mod checks;
mod ledger_drawn;

use sortie::numeric::{Draws, Stream};

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/tests/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn mutations() -> u64 {
    std::env::var("SORTIE_MUTATIONS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(2_000)
}

fn below(draw: &mut Stream, limit: usize) -> usize {
    usize::try_from(draw.below(u64::try_from(limit).unwrap().max(1))).unwrap()
}

/// A few bytes changed, taken out, doubled, or spliced in from another input.
fn mutated(inputs: &[Vec<u8>], draw: &mut Stream) -> Vec<u8> {
    let mut bytes = inputs[below(draw, inputs.len())].clone();
    for _ in 0..=below(draw, 6) {
        let at = below(draw, bytes.len());
        let end = (at + 1 + below(draw, 12)).min(bytes.len());
        match draw.below(5) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(draw.below(256)).unwrap(),
            1 if at < bytes.len() => bytes[at] ^= 1 << draw.below(8),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                let place = below(draw, bytes.len() + 1);
                bytes.splice(place..place, piece);
            }
            _ => {
                let other = &inputs[below(draw, inputs.len())];
                let from = below(draw, other.len());
                let to = (from + below(draw, 40)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
    bytes
}

fn run(target: &str, check: fn(&[u8])) {
    let inputs = corpus(target);
    assert!(!inputs.is_empty());
    for input in &inputs {
        check(input);
    }
    for number in 0..mutations() {
        let mut draw = Draws::new(20).stream(&[number]);
        let input = mutated(&inputs, &mut draw);
        let outcome = std::panic::catch_unwind(|| check(&input));
        assert!(
            outcome.is_ok(),
            "mutation {number}: {:?}",
            String::from_utf8_lossy(&input)
        );
    }
}

#[test]
fn documents() {
    run("document", checks::document);
}

#[test]
fn problems() {
    run("allocate", checks::allocate);
}
