//! The journal in bytes: one line an entry, each sealed with a hash that runs through all lines before it.
//!
//! ```text
//! <16 hex digits> TAB sortie/journal/1 TAB USD LF
//! <16 hex digits> TAB <entry id> TAB 2026-01-05 TAB commit TAB <budget> TAB <promise> TAB 80.00 TAB 2026-04-05 TAB 0.5 LF
//! ```
//!
//! Ids can hold neither tab nor line feed, so nothing needs escaping. The hash of a line is FNV-1a, 64 bits,
//! continued from the hash of the line before: a line that is changed, lost, doubled or moved breaks it. It
//! detects accidents, not forgers.
//!
//! A write that is cut off leaves a last line without its line feed. Such a tail is dropped: the journal
//! is as before that entry, and says where to go on writing. A *complete* line that does not hold is damage
//! and is refused with its place.

#![deny(clippy::float_arithmetic)]

use core::{fmt::Display, str::FromStr};

use thiserror::Error;

use super::{Entry, EntryId, Event, Ledger, LedgerError, PromiseId, VirtualBudgetId};
use crate::{
    calendar::Date,
    customer::willingness::Stage,
    fraction::Fraction,
    id::Id,
    money::{Currency, Money},
};

/// The newest journal version that is read, and the one that is written.
pub const JOURNAL_VERSION: u32 = 1;
const SCHEMA: &str = "sortie/journal/";
/// Offset basis and prime of FNV-1a, 64 bits.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
const HASH_DIGITS: usize = 16;

/// A journal that is refused; lines count from 1, the header being the first.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A complete line whose seal does not fit it and the lines before it.
    #[error(
        "journal line {line} at byte {offset} is damaged: its seal is {found:?}, its content and the \
             lines before it give {expected:?}; restore it from a copy"
    )]
    Damaged {
        /// The line.
        line: usize,
        /// Where it starts.
        offset: usize,
        /// The seal that stands there.
        found: String,
        /// The seal that should.
        expected: String,
    },
    /// A sealed line that cannot be read.
    #[error("journal line {line} at byte {offset}: {what}")]
    Malformed {
        /// The line.
        line: usize,
        /// Where it starts.
        offset: usize,
        /// What was found and what is allowed.
        what: String,
    },
    /// A journal from the future.
    #[error(
        "journal is of version {found:?}; versions up to {JOURNAL_VERSION} are read, so update the reader"
    )]
    NewerVersion {
        /// The version.
        found: String,
    },
    /// A journal in another currency.
    #[error("journal is in {found}; {expected} was asked for")]
    Currency {
        /// The journal's.
        found: Currency,
        /// The caller's.
        expected: Currency,
    },
    /// An entry that the ledger refuses.
    #[error("journal line {line} at byte {offset}: {source}")]
    Refused {
        /// The line.
        line: usize,
        /// Where it starts.
        offset: usize,
        /// Why.
        source: LedgerError,
    },
}

/// Writes a journal, line by line, into bytes that the caller stores.
///
/// ```
/// use sortie::{calendar::Date, money::{Currency, Money}};
/// use sortie::virtual_budget::{Entry, EntryId, Event, JournalWriter, recover};
/// let mut bytes = Vec::new();
/// let mut writer = JournalWriter::start(Currency::USD, &mut bytes);
/// let ceiling = Money::parse("500.00", Currency::USD)?;
/// let entry = Entry { id: EntryId::new("e1")?, on: Date::new(2026, 1, 5)?, event: Event::Ceiling { ceiling } };
/// writer.append(&entry, &mut bytes);
/// let whole = recover(&bytes, Currency::USD)?;
/// assert_eq!(whole.ledger.journal(), [entry]);
/// let cut = recover(&bytes[..bytes.len() - 3], Currency::USD)?;
/// assert!(cut.ledger.journal().is_empty() && cut.torn_bytes > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalWriter {
    currency: Currency,
    seal: u64,
}

impl JournalWriter {
    /// Starts a journal: appends its header to `bytes`.
    #[must_use]
    pub fn start(currency: Currency, bytes: &mut Vec<u8>) -> Self {
        let mut writer = Self {
            currency,
            seal: FNV_BASIS,
        };
        writer.seal_line(&format!("{SCHEMA}{JOURNAL_VERSION}\t{currency}"), bytes);
        writer
    }

    /// Appends one entry to `bytes`.
    pub fn append(&mut self, entry: &Entry, bytes: &mut Vec<u8>) {
        self.seal_line(&payload(entry), bytes);
    }

    fn seal_line(&mut self, payload: &str, bytes: &mut Vec<u8>) {
        self.seal = sealed(self.seal, payload.as_bytes());
        bytes.extend_from_slice(format!("{:016x}\t", self.seal).as_bytes());
        bytes.extend_from_slice(payload.as_bytes());
        bytes.push(b'\n');
    }
}

/// A journal read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// The ledger of its entries.
    pub ledger: Ledger,
    /// Bytes of whole lines: cut the stored journal to this length before writing on.
    pub intact_bytes: usize,
    /// Bytes after them, of a line that was never finished.
    pub torn_bytes: usize,
    /// To write on with; `None` if not even the header is whole, so that a new journal is to be started.
    pub writer: Option<JournalWriter>,
}

/// The ledger of a journal in bytes.
///
/// Cut at any byte, the journal gives the state before or after an entry, never one between. Empty bytes
/// are an empty ledger.
///
/// # Errors
/// [`JournalError`] with the line and byte at which the journal is damaged, cannot be read, or is refused.
pub fn recover(bytes: &[u8], currency: Currency) -> Result<Recovered, JournalError> {
    let mut reader = JournalReader::new(bytes, currency);
    let mut ledger = Ledger::new(currency);
    while let Some(next) = reader.next() {
        let (line, offset) = (reader.line, reader.line_start);
        ledger.post(next?).map_err(|source| JournalError::Refused {
            line,
            offset,
            source,
        })?;
    }
    Ok(Recovered {
        ledger,
        intact_bytes: reader.offset,
        torn_bytes: bytes.len() - reader.offset,
        writer: (reader.line > 0).then_some(JournalWriter {
            currency,
            seal: reader.seal,
        }),
    })
}

/// Reads the entries of a journal one by one; stops for good at the first error or at a torn tail.
#[derive(Clone, Debug)]
pub struct JournalReader<'a> {
    bytes: &'a [u8],
    currency: Currency,
    seal: u64,
    line: usize,
    line_start: usize,
    offset: usize,
    failed: bool,
}

impl<'a> JournalReader<'a> {
    /// A reader of a journal kept in the given currency.
    #[must_use]
    pub const fn new(bytes: &'a [u8], currency: Currency) -> Self {
        Self {
            bytes,
            currency,
            seal: FNV_BASIS,
            line: 0,
            line_start: 0,
            offset: 0,
            failed: false,
        }
    }

    /// The payload of the next whole line, its seal checked; `None` at the end or at a torn tail.
    fn next_payload(&mut self) -> Option<Result<&'a str, JournalError>> {
        let rest = self.bytes.get(self.offset..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        let text = rest.get(..length)?;
        self.line += 1;
        self.line_start = self.offset;
        self.offset += length + 1;
        let (found, payload) = match text.split_at_checked(HASH_DIGITS) {
            Some((found, [b'\t', payload @ ..])) => (found, payload),
            _ => (text, &[][..]),
        };
        let seal = sealed(self.seal, payload);
        let expected = format!("{seal:016x}");
        if found != expected.as_bytes() {
            let shown = found.get(..found.len().min(HASH_DIGITS)).unwrap_or(found);
            return Some(Err(JournalError::Damaged {
                line: self.line,
                offset: self.line_start,
                found: String::from_utf8_lossy(shown).into_owned(),
                expected,
            }));
        }
        self.seal = seal;
        Some(core::str::from_utf8(payload).map_err(|_| self.malformed("is not UTF-8")))
    }

    fn read_header(&self, payload: &str) -> Result<(), JournalError> {
        let version = format!("{SCHEMA}{JOURNAL_VERSION}");
        let Some((schema, code)) = payload.split_once('\t') else {
            return Err(self.malformed(format_args!(
                "is no header; write {version:?}, a tab and a currency"
            )));
        };
        if schema != version {
            return match schema.strip_prefix(SCHEMA).map(u32::from_str) {
                Some(Ok(number)) if number > JOURNAL_VERSION => Err(JournalError::NewerVersion {
                    found: schema.to_owned(),
                }),
                _ => {
                    Err(self
                        .malformed(format_args!("schema is {schema:?}; it must be {version:?}")))
                }
            };
        }
        let found = Currency::from_code(code).map_err(|error| self.malformed(error))?;
        if found == self.currency {
            Ok(())
        } else {
            Err(JournalError::Currency {
                found,
                expected: self.currency,
            })
        }
    }

    fn malformed(&self, what: impl Display) -> JournalError {
        JournalError::Malformed {
            line: self.line,
            offset: self.line_start,
            what: what.to_string(),
        }
    }

    fn read_next(&mut self) -> Option<Result<Entry, JournalError>> {
        if self.line == 0 {
            let header = self.next_payload()?;
            if let Err(error) = header.and_then(|payload| self.read_header(payload)) {
                return Some(Err(error));
            }
        }
        let payload = self.next_payload()?;
        Some(payload.and_then(|payload| {
            read_entry(payload, self.currency).map_err(|what| self.malformed(what))
        }))
    }
}

impl Iterator for JournalReader<'_> {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.read_next();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

/// FNV-1a over the payload, continued from the seal before. Each step is a bijection of the state, so any
/// change confined to one byte changes the seal.
fn sealed(seal: u64, payload: &[u8]) -> u64 {
    payload.iter().fold(seal, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(FNV_PRIME)
    })
}

/// An entry as tab-separated text: id, date, verb, then what the event states, always in the same order.
fn payload(entry: &Entry) -> String {
    let event = &entry.event;
    let mut text = format!("{}\t{}\t{}", entry.id, entry.on, event.verb());
    let mut put = |part: &dyn Display| {
        text.push('\t');
        text.push_str(&part.to_string());
    };
    if let Some(budget) = event.budget() {
        put(budget);
    }
    if let Some(promise) = event.promise() {
        put(promise);
    }
    if let Some(amount) = event.amount() {
        put(&amount.amount_text());
    }
    match event {
        Event::Plant {
            customer, stage, ..
        } => {
            put(customer);
            put(stage);
        }
        Event::Accrue { gate: stage, .. } | Event::StepBack { to: stage, .. } => put(stage),
        Event::Commit {
            due, likelihood, ..
        } => {
            put(due);
            put(likelihood);
        }
        _ => {}
    }
    text
}

/// The tab-separated parts of a line, taken in order.
struct Parts<'a> {
    rest: core::str::Split<'a, char>,
    currency: Currency,
}

impl<'a> Parts<'a> {
    fn text(&mut self, what: &str) -> Result<&'a str, String> {
        self.rest.next().ok_or_else(|| format!("{what} is missing"))
    }

    fn read<T, E: Display>(
        &mut self,
        what: &str,
        read: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, String> {
        read(self.text(what)?).map_err(|error| format!("{what}: {error}"))
    }

    fn budget(&mut self) -> Result<VirtualBudgetId, String> {
        self.read("budget", VirtualBudgetId::new)
    }

    fn promise(&mut self) -> Result<PromiseId, String> {
        self.read("promise", PromiseId::new)
    }

    fn amount(&mut self) -> Result<Money, String> {
        let currency = self.currency;
        self.read("amount", |text| Money::parse(text, currency))
    }

    fn stage(&mut self) -> Result<Stage, String> {
        self.read("stage", |text| {
            Stage::from_name(text).ok_or_else(|| format!("{text:?} is no rung of the ladder"))
        })
    }

    fn end(mut self) -> Result<(), String> {
        match self.rest.next() {
            None => Ok(()),
            Some(more) => Err(format!("{more:?} is more than the entry has")),
        }
    }
}

fn read_entry(payload: &str, currency: Currency) -> Result<Entry, String> {
    let mut parts = Parts {
        rest: payload.split('\t'),
        currency,
    };
    let id = parts.read("entry id", EntryId::new)?;
    let on = parts.read("date", Date::from_str)?;
    let verb = parts.text("verb")?;
    let event = read_event(verb, &mut parts)?;
    parts.end()?;
    Ok(Entry { id, on, event })
}

fn read_event(verb: &str, parts: &mut Parts<'_>) -> Result<Event, String> {
    // Fields are read in the order in which they are written here, which is that of `payload`.
    Ok(match verb {
        "ceiling" => Event::Ceiling {
            ceiling: parts.amount()?,
        },
        "plant" => Event::Plant {
            budget: parts.budget()?,
            cap: parts.amount()?,
            customer: parts.read("customer", Id::new)?,
            stage: parts.stage()?,
        },
        "accrue" => Event::Accrue {
            budget: parts.budget()?,
            amount: parts.amount()?,
            gate: parts.stage()?,
        },
        "step_back" => Event::StepBack {
            budget: parts.budget()?,
            to: parts.stage()?,
        },
        "commit" => Event::Commit {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
            due: parts.read("due day", Date::from_str)?,
            likelihood: parts.read("likelihood", read_fraction)?,
        },
        "claim" => Event::Claim {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
        },
        "expire" => Event::Expire {
            budget: parts.budget()?,
            promise: parts.promise()?,
        },
        "release" => Event::Release {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
        },
        "release_uncommitted" => Event::ReleaseUncommitted {
            budget: parts.budget()?,
            amount: parts.amount()?,
        },
        "return" => Event::Return {
            budget: parts.budget()?,
            promise: parts.promise()?,
            amount: parts.amount()?,
        },
        other => return Err(format!("{other:?} is no verb of the ledger")),
    })
}

fn read_fraction(text: &str) -> Result<Fraction, String> {
    // Only what `Display` writes: digits and one point. `parse` alone would take "1e-3", "+1" and "inf".
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Err(format!("{text:?} is no plain decimal from 0 to 1"));
    }
    let number = f64::from_str(text).map_err(|error| format!("{text:?}: {error}"))?;
    Fraction::new(number).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::USD).unwrap()
    }

    /// One entry of every kind.
    pub(super) fn a_story() -> Vec<Entry> {
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
                vec!["sortie/ledger/1\tUSD"],
                "schema is \"sortie/ledger/1\"",
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
}
