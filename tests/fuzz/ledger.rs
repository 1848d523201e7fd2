//! What must hold of a ledger and its journal, whatever is posted or read. Shared by the fuzz targets and by
//! the test that runs them on a stable toolchain.

use sortie::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
    virtual_budget::{
        Entry, EntryId, Event, JournalWriter, Ledger, Posted, PromiseId, VirtualBudgetId, recover,
    },
};

/// Any bytes as a stored journal: refused with a reason, or a ledger that is written and read back as itself.
pub(crate) fn journal(bytes: &[u8]) {
    match recover(bytes, Currency::USD) {
        Ok(found) => {
            assert_eq!(found.intact_bytes + found.torn_bytes, bytes.len());
            lawful(&found.ledger);
            let mut again = Vec::new();
            let mut writer = JournalWriter::start(Currency::USD, &mut again);
            for entry in found.ledger.journal() {
                writer.append(&entry, &mut again);
            }
            let again = recover(&again, Currency::USD).expect("what was written can be read");
            assert!(again.ledger == found.ledger && again.torn_bytes == 0);
        }
        Err(error) => assert!(error.to_string().contains("journal")),
    }
}

/// Any lines with a lawful seal, so that what they say is read and not only their seal. The header is given.
pub(crate) fn sealed_lines(bytes: &[u8]) {
    let mut journaled = Vec::new();
    let mut seal: u64 = 0xcbf2_9ce4_8422_2325;
    for line in [&b"sortie/journal/1\tUSD"[..]]
        .into_iter()
        .chain(bytes.split(|byte| *byte == b'\n'))
    {
        // FNV-1a, 64 bits, through all lines.
        seal = line.iter().fold(seal, |state, byte| {
            (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        journaled.extend_from_slice(format!("{seal:016x}\t").as_bytes());
        journaled.extend_from_slice(line);
        journaled.push(b'\n');
    }
    journal(&journaled);
}

/// Bytes as operations, eight each: taken or refused, and the laws hold after every one.
pub(crate) fn operations(bytes: &[u8]) {
    let mut ledger = Ledger::new(Currency::USD);
    for (number, dice) in bytes.chunks_exact(8).enumerate() {
        let entry = entry(number, dice, &ledger);
        let budget = entry.event.budget().cloned();
        let before = budget.as_ref().and_then(|id| ledger.budget(id)).cloned();
        let totals = (
            ledger.journal().len(),
            ledger.outstanding(),
            ledger.ceiling(),
        );
        let posted = ledger.post(entry);
        if !matches!(posted, Ok(Posted::Now)) {
            let after = budget.as_ref().and_then(|id| ledger.budget(id)).cloned();
            assert_eq!(before, after, "{posted:?}");
            assert_eq!(
                totals,
                (
                    ledger.journal().len(),
                    ledger.outstanding(),
                    ledger.ceiling()
                )
            );
        }
        lawful(&ledger);
    }
    let again = Ledger::replay(Currency::USD, ledger.journal());
    let again = again.expect("what was posted can be replayed");
    assert_eq!(again.budgets(), ledger.budgets());
}

/// Accrued = uncommitted + outstanding + claimed + expired + released, each ≥ 0, within cap and ceiling.
fn lawful(ledger: &Ledger) {
    let mut promised = 0;
    for budget in ledger.budgets() {
        let parts = [
            budget.uncommitted(),
            budget.outstanding(),
            budget.claimed(),
            budget.expired(),
            budget.released(),
        ];
        assert!(parts.iter().all(|part| !part.is_negative()), "{budget:?}");
        let sum: i128 = parts.iter().map(|part| i128::from(part.minor())).sum();
        assert_eq!(sum, i128::from(budget.accrued().minor()), "{budget:?}");
        assert!(
            budget.accrued().minor() <= budget.cap().minor(),
            "{budget:?}"
        );
        promised += i128::from(budget.outstanding().minor());
    }
    assert_eq!(promised, i128::from(ledger.outstanding().minor()));
    assert!(ledger.outstanding().minor() <= ledger.ceiling().minor());
}

fn entry(number: usize, dice: &[u8], ledger: &Ledger) -> Entry {
    let &[verb, which, size, scale, days, rung, chance, name] = dice else {
        unreachable!("operations have eight bytes")
    };
    let budget = VirtualBudgetId::new(format!("b{}", which % 4)).expect("an id");
    let promise = PromiseId::new(format!("p{}", which / 4 % 4)).expect("an id");
    // From nothing to the largest amount there is, and below nothing.
    let minor = (i64::from(size) << (scale % 56)).wrapping_add(i64::from(scale % 3) - 1);
    let amount = Money::from_minor(minor, Currency::USD);
    let stage = Stage::ALL[usize::from(rung) % Stage::COUNT];
    let last = ledger.last_date().map_or(20_000, Date::day_number);
    let day = |number: i32| Date::from_day_number(number).expect("a day of this century");
    let event = match verb % 10 {
        0 => Event::Ceiling { ceiling: amount },
        1 => Event::Plant {
            budget,
            customer: Id::new("c").expect("an id"),
            cap: amount,
            stage,
        },
        2 => Event::Accrue {
            budget,
            gate: stage,
            amount,
        },
        3 => Event::StepBack { budget, to: stage },
        4 => Event::Commit {
            budget,
            promise,
            amount,
            due: day(last + i32::from(days % 16) - 1),
            likelihood: Fraction::new(f64::from(chance) / 255.0).expect("a fraction"),
        },
        5 => Event::Claim {
            budget,
            promise,
            amount,
        },
        6 => Event::Expire { budget, promise },
        7 => Event::Release {
            budget,
            promise,
            amount,
        },
        8 => Event::ReleaseUncommitted { budget, amount },
        _ => Event::Return {
            budget,
            promise,
            amount,
        },
    };
    // Some ids come again, with the same content or another.
    let id = if name < 16 {
        usize::from(name)
    } else {
        number + 16
    };
    Entry {
        id: EntryId::new(format!("e{id}")).expect("an id"),
        on: day(last + i32::from(days / 32) - 1),
        event,
    }
}
