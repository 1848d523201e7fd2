//! Reading event files: `customer_id,date` and whatever other columns there are.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use sortie::calendar::Date;

/// Days of use of each customer, strictly increasing (none if all are later than asked for), and what was met on the way.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) days: BTreeMap<String, Vec<i32>>,
    /// Rows that repeat a customer-day.
    pub(crate) repeated: usize,
    /// Rows dated after the last day asked for, set aside.
    pub(crate) later: usize,
    pub(crate) rows: usize,
}

/// What is wrong with a file, where, and what to do.
pub(crate) struct Fault(pub(crate) String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Events {
    /// Reads a file, setting aside what comes after `until`.
    pub(crate) fn read(path: &Path, until: Option<i32>) -> Result<Self, Fault> {
        let bytes = fs::read(path).map_err(|e| Fault(format!("{}: {e}", path.display())))?;
        let text = String::from_utf8(bytes)
            .map_err(|e| Fault(format!("{}: not UTF-8: {e}", path.display())))?;
        Self::parse(&text, until).map_err(|fault| Fault(format!("{}: {fault}", path.display())))
    }

    /// Reads the text of a file.
    pub(crate) fn parse(text: &str, until: Option<i32>) -> Result<Self, Fault> {
        let mut rows = Rows {
            text: text.trim_start_matches('\u{feff}'),
            line: 0,
        };
        let mut events = Self::default();
        let Some(header) = rows.next_row()? else {
            return Ok(events);
        };
        let column = |name: &str| {
            header
                .iter()
                .position(|cell| cell.trim().eq_ignore_ascii_case(name))
                .ok_or_else(|| {
                    Fault(format!(
                        "line 1: no column {name:?} in the header; write customer_id,date"
                    ))
                })
        };
        let (id_at, date_at) = (column("customer_id")?, column("date")?);
        while let Some(cells) = rows.next_row()? {
            if cells.len() == 1 && cells[0].trim().is_empty() {
                continue;
            }
            let line = rows.line;
            let (Some(id), Some(date)) = (cells.get(id_at), cells.get(date_at)) else {
                return Err(Fault(format!(
                    "line {line}: {} cells, fewer than the header has",
                    cells.len()
                )));
            };
            if id.is_empty() {
                return Err(Fault(format!("line {line}: customer_id is empty")));
            }
            let day = date
                .trim()
                .parse::<Date>()
                .map_err(|e| Fault(format!("line {line}: {e}")))?
                .day_number();
            events.rows += 1;
            if until.is_some_and(|until| day > until) {
                events.later += 1;
                // It is a customer of the file, of whom nothing is known yet.
                events.days.entry(id.clone()).or_default();
                continue;
            }
            match events.days.get_mut(id.as_str()) {
                Some(days) => days.push(day),
                None => {
                    events.days.insert(id.clone(), vec![day]);
                }
            }
        }
        for days in events.days.values_mut() {
            let before = days.len();
            days.sort_unstable();
            days.dedup();
            events.repeated += before - days.len();
        }
        Ok(events)
    }

    /// The last day of any event.
    pub(crate) fn last_day(&self) -> Option<i32> {
        self.days
            .values()
            .filter_map(|days| days.last())
            .max()
            .copied()
    }
}

/// Rows of comma-separated values with quotes as RFC 4180 has them.
struct Rows<'t> {
    text: &'t str,
    /// Number of the row last returned.
    line: usize,
}

impl Rows<'_> {
    fn next_row(&mut self) -> Result<Option<Vec<String>>, Fault> {
        if self.text.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        // Most rows have no quotes and end at the line break.
        let end = self.text.find('\n').unwrap_or(self.text.len());
        let plain = &self.text[..end];
        if !plain.contains('"') {
            let cells = plain
                .trim_end_matches('\r')
                .split(',')
                .map(str::to_owned)
                .collect();
            self.text = self.text.get(end + 1..).unwrap_or("");
            return Ok(Some(cells));
        }
        self.quoted_row()
    }

    fn quoted_row(&mut self) -> Result<Option<Vec<String>>, Fault> {
        let mut cells = Vec::new();
        let mut cell = String::new();
        let mut quoted = false;
        let mut chars = self.text.char_indices().peekable();
        while let Some((_, c)) = chars.next() {
            match c {
                '"' if quoted && chars.peek().is_some_and(|next| next.1 == '"') => {
                    cell.push('"');
                    chars.next();
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                '\r' if !quoted && chars.peek().is_none_or(|next| next.1 == '\n') => {}
                '\n' if !quoted => {
                    let rest = chars.peek().map_or(self.text.len(), |next| next.0);
                    self.text = &self.text[rest..];
                    cells.push(cell);
                    return Ok(Some(cells));
                }
                _ => cell.push(c),
            }
        }
        if quoted {
            return Err(Fault(format!(
                "line {}: a quote is opened and never closed",
                self.line
            )));
        }
        self.text = "";
        cells.push(cell);
        Ok(Some(cells))
    }
}
