//! The checks of the fuzz targets, on drawn bytes and on mutations of a journal.

use sortie::{
    money::Currency,
    numeric::{Draws, Stream},
    virtual_budget::JournalWriter,
};

use small::a_small_ledger;

#[path = "ledger.rs"]
mod checks;
#[path = "../virtual_budget_laws/small.rs"]
mod small;

/// Inputs for each check; `SORTIE_MUTATIONS` sets another number.
fn inputs() -> u64 {
    let told = std::env::var("SORTIE_MUTATIONS").ok();
    told.map_or(2_000, |text| text.parse().unwrap())
}

fn byte(draws: &mut Stream) -> u8 {
    u8::try_from(draws.below(256)).unwrap()
}

/// One to four bytes changed, taken out or put in.
fn mutated(bytes: &[u8], draws: &mut Stream) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=draws.below(4) {
        let at = draws.below(u64::try_from(bytes.len()).unwrap());
        let at = usize::try_from(at).unwrap();
        match draws.below(4) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, byte(draws)),
            2 => bytes[at] = *b"\t\n.0-9ab".get(usize::from(byte(draws)) % 8).unwrap(),
            _ => bytes[at] = byte(draws),
        }
    }
    bytes
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/tests/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn the_corpus_holds() {
    for bytes in corpus("journal") {
        checks::journal(&bytes);
        checks::sealed_lines(&bytes);
    }
    for bytes in corpus("ledger") {
        checks::operations(&bytes);
    }
}

#[test]
fn drawn_operations_keep_the_laws() {
    for number in 0..inputs() {
        let mut draws = Draws::new(31).stream(&[number]);
        let length = 8 * usize::try_from(draws.below(120)).unwrap();
        let bytes: Vec<u8> = (0..length).map(|_| byte(&mut draws)).collect();
        checks::operations(&bytes);
    }
}

#[test]
fn mutated_journals_are_refused_or_read_back_as_themselves() {
    let mut journal = Vec::new();
    let mut writer = JournalWriter::start(Currency::USD, &mut journal);
    for entry in a_small_ledger().journal() {
        writer.append(&entry, &mut journal);
    }
    let text = String::from_utf8(journal.clone()).unwrap();
    let lines: Vec<&str> = text.lines().skip(1).map(|line| &line[17..]).collect();
    let lines = lines.join("\n").into_bytes();
    checks::journal(&journal);
    checks::sealed_lines(&lines);
    for number in 0..inputs() {
        let mut draws = Draws::new(32).stream(&[number]);
        checks::journal(&mutated(&journal, &mut draws));
        checks::sealed_lines(&mutated(&lines, &mut draws));
    }
}
