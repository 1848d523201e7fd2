//! The ledger against a second, simpler model that audits every entry.
//!
//! The model knows no ledger types: it keeps a table of balances and moves amounts from one named bucket to
//! another, refusing whatever would overdraw one. It shares no code with the library.
//!
//! `SORTIE_LEDGER_OPERATIONS` sets the number of operations (20 000 unless told; 1 000 000 before a release).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test fails loudly; a table of cases is as long as it is"
)]

mod host;
mod model;
mod refusals;
mod reports;
mod small;
mod traps;

use std::collections::BTreeMap;

use host::Host;
use model::{Model, Verdict};
use sortie::{
    money::Currency,
    numeric::Draws,
    virtual_budget::{JournalWriter, Ledger, Posted, recover},
};

fn operations() -> u64 {
    let told = std::env::var("SORTIE_LEDGER_OPERATIONS").ok();
    told.map_or(20_000, |text| {
        text.parse().expect("SORTIE_LEDGER_OPERATIONS is a number")
    })
}

#[test]
fn a_second_model_agrees_with_every_entry() {
    // Several shorter lives rather than one long one: the model is slow on purpose.
    let life = 4_000;
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for seed in 0..operations().div_ceil(life) {
        one_life(seed, life, &mut counts);
    }
    // The mix must have reached every verb, taken and refused, and retries of both kinds.
    let verbs = [
        "plant",
        "accrue",
        "step_back",
        "commit",
        "claim",
        "expire",
        "release",
        "release_uncommitted",
        "return",
        "ceiling",
    ];
    for verb in verbs {
        for verdict in ["Now", "Refused"] {
            let count = counts
                .get(&(verb.to_owned(), verdict.to_owned()))
                .copied()
                .unwrap_or(0);
            assert!(count > 0, "{verb} was never {verdict}: {counts:?}");
        }
    }
    println!("{counts:?}");
}

fn one_life(seed: u64, length: u64, counts: &mut BTreeMap<(String, String), u64>) {
    let (mut ledger, mut model) = (Ledger::new(Currency::USD), Model::new());
    let mut host = Host::new(Draws::new(77).stream(&[seed]));
    let (mut bytes, mut taken) = (Vec::new(), Vec::new());
    let mut writer = JournalWriter::start(Currency::USD, &mut bytes);
    for step in 0..length {
        let entry = host.entry(&ledger);
        let touched = entry
            .event
            .budget()
            .and_then(|id| ledger.budget(id))
            .cloned();
        let totals = (
            ledger.journal().len(),
            ledger.outstanding(),
            ledger.ceiling(),
            ledger.last_date(),
        );
        let before = i128::from(ledger.outstanding().minor());
        let predicted = model.judge(&entry, before);
        let posted = ledger.post(entry.clone());
        let verdict = match &posted {
            Ok(Posted::Now) => Verdict::Now,
            Ok(Posted::Before) => Verdict::Before,
            Err(_) => Verdict::Refused,
        };
        assert_eq!(
            verdict, predicted,
            "life {seed}, step {step}: {entry:?} gave {posted:?}"
        );
        *counts
            .entry((entry.event.verb().to_owned(), format!("{verdict:?}")))
            .or_insert(0) += 1;
        let now = entry.event.budget().and_then(|id| ledger.budget(id));
        if verdict == Verdict::Now {
            writer.append(&entry, &mut bytes);
            assert_eq!(ledger.journal().len(), totals.0 + 1);
            assert_eq!(ledger.journal().last().as_ref(), Some(&entry));
            taken.push(entry);
        } else {
            assert_eq!(
                now,
                touched.as_ref(),
                "a refused entry changed its budget: {entry:?}"
            );
            assert_eq!(
                (
                    ledger.journal().len(),
                    ledger.outstanding(),
                    ledger.ceiling(),
                    ledger.last_date()
                ),
                totals
            );
        }
        if let Some(budget) = now {
            model.audit(budget);
        }
        assert!(ledger.outstanding().minor() <= ledger.ceiling().minor());
        if step % 500 == 0 {
            assert_eq!(
                i128::from(ledger.outstanding().minor()),
                model.outstanding()
            );
            ledger
                .budgets()
                .iter()
                .for_each(|budget| model.audit(budget));
        }
    }
    // What the ledger keeps in short is told in full, whatever became of the budgets since.
    assert_eq!(ledger.journal(), taken[..]);
    // State is the fold of the journal: in memory, and through bytes.
    let again = Ledger::replay(Currency::USD, ledger.journal()).unwrap();
    assert_eq!(again.budgets(), ledger.budgets());
    assert_eq!(
        (again.outstanding(), again.ceiling()),
        (ledger.outstanding(), ledger.ceiling())
    );
    let recovered = recover(&bytes, Currency::USD).unwrap();
    assert_eq!(recovered.ledger, ledger);
    assert_eq!(recovered.ledger.budgets(), ledger.budgets());
}
