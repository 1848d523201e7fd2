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

mod text;

use core::{fmt::Display, str::FromStr};

use thiserror::Error;

use super::{Entry, Ledger, LedgerError};
use crate::money::Currency;
use text::{payload, read_entry, shown};

/// The newest journal version that is read, and the one that is written.
pub const JOURNAL_VERSION: u32 = 1;
const SCHEMA: &str = "sortie/journal/";
/// Offset basis and prime of FNV-1a, 64 bits.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
const HASH_DIGITS: usize = 16;
/// Digits that are read as a version, however new.
const VERSION_DIGITS_MOST: usize = 15;

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
            let number = schema.strip_prefix(SCHEMA).filter(|number| {
                number.len() <= VERSION_DIGITS_MOST
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            return match number.map(u64::from_str) {
                Some(Ok(number)) if number > u64::from(JOURNAL_VERSION) => {
                    Err(JournalError::NewerVersion {
                        found: schema.to_owned(),
                    })
                }
                _ => Err(self.malformed(format_args!(
                    "schema is {}; it must be {version:?}",
                    shown(schema)
                ))),
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

#[cfg(test)]
mod tests;
