use super::*;
use crate::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::Money,
    virtual_budget::{EntryId, Event, PromiseId, VirtualBudgetId},
};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

/// One entry of every kind.
fn a_story() -> Vec<Entry> {
    let (budget, promise) = (
        VirtualBudgetId::new("b 1").unwrap(),
        PromiseId::new("p·1").unwrap(),
    );
    let day = |n| Date::new(2026, 1, 1).unwrap().plus_days(n).unwrap();
    let (b, p) = (|| budget.clone(), || promise.clone());
    let events = [
        (
            0,
            Event::Ceiling {
                ceiling: usd("500.00"),
            },
        ),
        (
            0,
            Event::Plant {
                budget: b(),
                customer: Id::new("Größe").unwrap(),
                cap: usd("300.00"),
                stage: Stage::Unaware,
            },
        ),
        (
            1,
            Event::Accrue {
                budget: b(),
                gate: Stage::Aware,
                amount: usd("200.00"),
            },
        ),
        (
            2,
            Event::Commit {
                budget: b(),
                promise: p(),
                amount: usd("150.00"),
                due: day(9),
                likelihood: Fraction::new(0.300_000_000_000_000_04).unwrap(),
            },
        ),
        (
            3,
            Event::Claim {
                budget: b(),
                promise: p(),
                amount: usd("60.00"),
            },
        ),
        (
            4,
            Event::Release {
                budget: b(),
                promise: p(),
                amount: usd("10.01"),
            },
        ),
        (
            5,
            Event::ReleaseUncommitted {
                budget: b(),
                amount: usd("0.05"),
            },
        ),
        (
            6,
            Event::StepBack {
                budget: b(),
                to: Stage::Unaware,
            },
        ),
        (
            10,
            Event::Expire {
                budget: b(),
                promise: p(),
            },
        ),
        (
            11,
            Event::Return {
                budget: b(),
                promise: p(),
                amount: usd("20.00"),
            },
        ),
    ];
    let entries = events.into_iter().enumerate();
    entries
        .map(|(number, (on, event))| Entry {
            id: EntryId::new(format!("e{number}")).unwrap(),
            on: day(on),
            event,
        })
        .collect()
}

fn written(entries: &[Entry]) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = Vec::new();
    let mut writer = JournalWriter::start(Currency::USD, &mut bytes);
    let mut ends = vec![bytes.len()];
    for entry in entries {
        writer.append(entry, &mut bytes);
        ends.push(bytes.len());
    }
    (bytes, ends)
}

#[test]
fn the_form_is_stable() {
    let (bytes, _) = written(&a_story());
    let text = String::from_utf8(bytes).unwrap();
    let payloads: Vec<&str> = text.lines().map(|line| &line[17..]).collect();
    assert_eq!(
        payloads,
        [
            "sortie/journal/1\tUSD",
            "e0\t2026-01-01\tceiling\t500.00",
            "e1\t2026-01-01\tplant\tb 1\t300.00\tGröße\tunaware",
            "e2\t2026-01-02\taccrue\tb 1\t200.00\taware",
            "e3\t2026-01-03\tcommit\tb 1\tp·1\t150.00\t2026-01-10\t0.30000000000000004",
            "e4\t2026-01-04\tclaim\tb 1\tp·1\t60.00",
            "e5\t2026-01-05\trelease\tb 1\tp·1\t10.01",
            "e6\t2026-01-06\trelease_uncommitted\tb 1\t0.05",
            "e7\t2026-01-07\tstep_back\tb 1\tunaware",
            "e8\t2026-01-11\texpire\tb 1\tp·1",
            "e9\t2026-01-12\treturn\tb 1\tp·1\t20.00",
        ]
    );
    // The published test vector of FNV-1a, 64 bits, for "a".
    assert_eq!(sealed(FNV_BASIS, b"a"), 0xaf63_dc4c_8601_ec8c);
}

#[test]
fn a_journal_cut_at_every_byte_is_before_or_after_an_entry() {
    let story = a_story();
    let (bytes, ends) = written(&story);
    for cut in 0..=bytes.len() {
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let found = recover(&bytes[..cut], Currency::USD).unwrap();
        assert_eq!(
            found.ledger.journal(),
            &story[..whole.saturating_sub(1)],
            "cut at {cut}"
        );
        let intact = if whole == 0 { 0 } else { ends[whole - 1] };
        assert_eq!(
            (found.intact_bytes, found.torn_bytes),
            (intact, cut - intact)
        );
        assert_eq!(found.writer.is_some(), whole > 0);
        // Writing on from there gives the journal as it would have been.
        if let Some(mut writer) = found.writer {
            let mut again = bytes[..found.intact_bytes].to_vec();
            for entry in &story[whole - 1..] {
                writer.append(entry, &mut again);
            }
            assert_eq!(again, bytes);
        }
    }
}

#[test]
fn damage_in_any_byte_is_refused_with_its_line() {
    let story = a_story();
    let (bytes, ends) = written(&story);
    for place in 0..bytes.len() {
        for flip in [1_u8, 0x20, 0x80] {
            let mut damaged = bytes.clone();
            damaged[place] ^= flip;
            let line = ends.iter().filter(|end| **end <= place).count() + 1;
            let start = if line == 1 { 0 } else { ends[line - 2] };
            match recover(&damaged, Currency::USD) {
                Err(JournalError::Damaged {
                    line: found,
                    offset,
                    ..
                }) => {
                    assert_eq!(
                        (found, offset),
                        (line, start),
                        "byte {place} flipped by {flip}"
                    );
                }
                // The last line feed itself: the line looks unfinished, and is dropped whole.
                Ok(found) => {
                    assert_eq!(place, bytes.len() - 1);
                    assert_eq!(found.ledger.journal().len(), story.len() - 1);
                }
                Err(other) => panic!("byte {place}: {other}"),
            }
        }
    }
}

#[test]
fn lines_lost_doubled_or_moved_are_refused() {
    let (bytes, ends) = written(&a_story());
    let line = |n: usize| bytes[ends[n - 1]..ends[n]].to_vec();
    let head = bytes[..ends[0]].to_vec();
    for order in [vec![2, 3], vec![1, 1], vec![1, 3, 2], vec![1, 2, 4]] {
        let mut mixed = head.clone();
        for n in &order {
            mixed.extend(line(*n));
        }
        assert!(
            matches!(
                recover(&mixed, Currency::USD),
                Err(JournalError::Damaged { .. })
            ),
            "{order:?}"
        );
    }
}

/// A sealed journal of any lines.
fn sealed_lines(lines: &[&str]) -> Vec<u8> {
    let mut writer = JournalWriter {
        currency: Currency::USD,
        seal: FNV_BASIS,
    };
    let mut bytes = Vec::new();
    for line in lines {
        writer.seal_line(line, &mut bytes);
    }
    bytes
}

#[test]
fn sealed_lines_that_mean_nothing_are_refused_by_name() {
    let head = "sortie/journal/1\tUSD";
    for (lines, message) in [
        (
            vec!["sortie/journal/2\tUSD"],
            "journal is of version \"sortie/journal/2\"; versions up to 1",
        ),
        (
            vec!["sortie/journal/99999999999\tUSD"],
            "journal is of version \"sortie/journal/99999999999\"",
        ),
        (
            vec!["sortie/journal/+2\tUSD"],
            "schema is \"sortie/journal/+2\"",
        ),
        (
            vec!["sortie/ledger/1\tUSD"],
            "schema is \"sortie/ledger/1\"",
        ),
        (
            vec!["sortie/journal/0\tUSD"],
            "schema is \"sortie/journal/0\"",
        ),
        (
            vec!["sortie/journal/01\tUSD"],
            "schema is \"sortie/journal/01\"",
        ),
        (vec!["sortie/journal/1"], "is no header"),
        (
            vec!["sortie/journal/1\tEUR"],
            "journal is in EUR; USD was asked for",
        ),
        (vec!["sortie/journal/1\tXXQ"], "XXQ"),
        (vec![head, "e\t2026-02-30\tceiling\t1.00"], "date: "),
        (vec![head, "e\t2026-02-03\tceiling\t1.005"], "amount: "),
        (
            vec![head, "e\t2026-02-03\tceiling\t1.00\tmore"],
            "\"more\" is more than the entry has",
        ),
        (vec![head, "e\t2026-02-03\tceiling"], "amount is missing"),
        (
            vec![head, "e\t2026-02-03\tgrant\tb"],
            "\"grant\" is no verb",
        ),
        (
            vec![head, "e\t2026-02-03\tstep_back\tb\tkeen"],
            "\"keen\" is no rung",
        ),
        (
            vec![head, "e\t2026-02-03\tcommit\tb\tp\t1.00\t2026-02-03\t1e-3"],
            "\"1e-3\" is no plain decimal",
        ),
        (
            vec![head, "e\t2026-02-03\tcommit\tb\tp\t1.00\t2026-02-03\t1.5"],
            "fraction is 1.5",
        ),
        (
            vec![head, "e\t2026-02-03\tcommit\tb\tp\t1.00\t2026-02-03\t."],
            "likelihood: \".\"",
        ),
        (
            vec![head, "\t2026-02-03\tceiling\t1.00"],
            "entry id: id is empty",
        ),
        (
            vec![head, "e\t2026-02-03\tstep_back\tb\taware"],
            "virtual budget b is unknown",
        ),
    ] {
        let error = recover(&sealed_lines(&lines), Currency::USD)
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{lines:?} gave {error}");
        assert!(
            lines.len() == 1 || error.starts_with("journal line 2 at byte 38"),
            "{error}"
        );
    }
}

/// Lines are the journal's: an error shows a short piece of them and nothing that moves a terminal.
#[test]
fn hostile_lines_are_shown_short_and_escaped() {
    let head = "sortie/journal/1\tUSD";
    for hostile in [&*"x".repeat(100_000), "\u{1b}[2J", "\u{202e}"] {
        for line in [
            hostile.to_owned(),
            format!("{hostile}\t2026-02-03\tceiling\t1.00"),
            format!("e\t{hostile}\tceiling\t1.00"),
            format!("e\t2026-02-03\t{hostile}"),
            format!("e\t2026-02-03\tceiling\t{hostile}"),
            format!("e\t2026-02-03\tceiling\t1.00\t{hostile}"),
            format!("e\t2026-02-03\tstep_back\tb\t{hostile}"),
            format!("e\t2026-02-03\tcommit\tb\tp\t1.00\t2026-02-03\t{hostile}"),
            format!(
                "e\t2026-02-03\tcommit\tb\tp\t1.00\t2026-02-03\t{}",
                "1".repeat(100_000)
            ),
        ] {
            let error = recover(&sealed_lines(&[head, &line]), Currency::USD)
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("journal line 2 at byte 38") && error.len() < 400,
                "{error}"
            );
            assert!(
                !error.contains(char::is_control) && !error.contains('\u{202e}'),
                "{error}"
            );
        }
        for header in [
            hostile.to_owned(),
            format!("{hostile}\tUSD"),
            format!("sortie/journal/1\t{hostile}"),
        ] {
            let error = recover(&sealed_lines(&[&header]), Currency::USD)
                .unwrap_err()
                .to_string();
            assert!(
                error.len() < 400 && !error.contains(char::is_control),
                "{error}"
            );
        }
    }
}

#[test]
fn a_reader_stops_for_good_at_its_first_error() {
    let bytes = sealed_lines(&[
        "sortie/journal/1\tUSD",
        "bad",
        "e\t2026-02-03\tceiling\t1.00",
    ]);
    let mut reader = JournalReader::new(&bytes, Currency::USD);
    assert!(reader.next().unwrap().is_err());
    assert!(reader.next().is_none());
}
