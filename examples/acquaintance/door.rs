//! Two files of rows at the door: each fault with its file, line and column.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::Path,
    str::FromStr,
};

use sortie::{
    customer::acquaintance::{AcquaintanceGraph, Tie, TieKind},
    fraction::Fraction,
    id::Id,
};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Who was watched, when each adopted, and who knows whom.
pub(crate) struct People {
    graph: AcquaintanceGraph,
    /// By place in the graph.
    persons: Vec<Person>,
    months: u32,
    towns: u32,
    outside: usize,
}

pub(crate) struct Person {
    pub(crate) town: u32,
    /// Above the last month for none.
    pub(crate) month: u32,
    /// Representatives and journals, where both are recorded.
    pub(crate) contacts: Option<[f64; 2]>,
}

/// A file of comma-separated rows without quotes, its columns found by name.
struct Table {
    name: String,
    columns: BTreeMap<String, usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(folder: &Path, name: &str) -> Fallible<Self> {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let mut lines = text.lines();
        let split = |line: &str| -> Vec<String> {
            line.split(',').map(|cell| cell.trim().to_owned()).collect()
        };
        let header = lines.next().ok_or_else(|| format!("{name} is empty"))?;
        let columns: BTreeMap<String, usize> = split(header)
            .into_iter()
            .enumerate()
            .map(|(at, column)| (column, at))
            .collect();
        let rows: Vec<Vec<String>> = lines.map(split).collect();
        for (number, row) in rows.iter().enumerate() {
            if row.len() != columns.len() {
                return Err(format!(
                    "{name} line {}: {} cells under {} columns",
                    number + 2,
                    row.len(),
                    columns.len()
                )
                .into());
            }
        }
        Ok(Self {
            name: name.to_owned(),
            columns,
            rows,
        })
    }

    fn cell(&self, row: usize, column: &str) -> Fallible<&str> {
        let at = self
            .columns
            .get(column)
            .ok_or_else(|| format!("{} has no column {column:?}", self.name))?;
        let cell = self.rows.get(row).and_then(|row| row.get(*at));
        cell.map(String::as_str)
            .ok_or_else(|| format!("{} has no row {row}", self.name).into())
    }

    fn number<T: FromStr>(&self, row: usize, column: &str) -> Fallible<T> {
        let cell = self.cell(row, column)?;
        cell.parse().map_err(|_| {
            let (name, line) = (&self.name, row + 2);
            format!("{name} line {line}, {column}: {cell:?} is no number that fits").into()
        })
    }

    /// A number that may be left blank, or its whole column be missing.
    fn optional(&self, row: usize, column: &str) -> Fallible<Option<f64>> {
        match self.columns.get(column) {
            None => Ok(None),
            Some(_) if self.cell(row, column)?.is_empty() => Ok(None),
            Some(_) => {
                let number: f64 = self.number(row, column)?;
                if number.is_finite() {
                    Ok(Some(number))
                } else {
                    Err(format!("{} line {}, {column} is not finite", self.name, row + 2).into())
                }
            }
        }
    }
}

impl People {
    pub(crate) fn read(folder: &Path) -> Fallible<Self> {
        let table = Table::read(folder, "physicians.csv")?;
        let mut by_id = BTreeMap::new();
        for row in 0..table.rows.len() {
            let town: u32 = table.number(row, "city")?;
            let month: u32 = table.number(row, "toa")?;
            let contacts = (
                table.optional(row, "detail2")?,
                table.optional(row, "journ2")?,
            );
            let person = Person {
                town,
                month,
                contacts: contacts.0.zip(contacts.1).map(|(a, b)| [a, b]),
            };
            // Numbers repeat between towns.
            let id = name(town, table.cell(row, "id")?)?;
            if month == 0 || by_id.insert(id.clone(), person).is_some() {
                let line = row + 2;
                return Err(format!(
                    "physicians.csv line {line}: {id} stands twice, or its month is 0"
                )
                .into());
            }
        }
        let (ties, outside) = read_ties(folder, &by_id)?;
        let last = by_id.values().map(|person| person.month).max();
        let towns: BTreeSet<u32> = by_id.values().map(|person| person.town).collect();
        let graph = AcquaintanceGraph::new(by_id.keys().cloned().collect(), ties)?;
        Ok(Self {
            graph,
            persons: by_id.into_values().collect(),
            months: last.unwrap_or(1).saturating_sub(1),
            towns: u32::try_from(towns.len())?,
            outside,
        })
    }

    pub(crate) const fn graph(&self) -> &AcquaintanceGraph {
        &self.graph
    }

    pub(crate) fn persons(&self) -> &[Person] {
        &self.persons
    }

    pub(crate) fn count(&self) -> usize {
        self.persons.len()
    }

    pub(crate) const fn months(&self) -> u32 {
        self.months
    }

    pub(crate) const fn towns(&self) -> u32 {
        self.towns
    }

    /// Nominations of people who were not watched.
    pub(crate) const fn outside(&self) -> usize {
        self.outside
    }

    pub(crate) fn adopters(&self) -> usize {
        let adopted = |person: &&Person| person.month <= self.months;
        self.persons.iter().filter(adopted).count()
    }

    pub(crate) fn has_controls(&self) -> bool {
        self.persons.iter().any(|person| person.contacts.is_some())
    }

    pub(crate) fn adopted_before(&self, place: usize, month: u32) -> bool {
        let person = self.persons.get(place);
        person.is_some_and(|person| person.month < month)
    }

    /// The month after half of the adopters have adopted.
    pub(crate) fn median_month(&self) -> u32 {
        let mut months: Vec<u32> = self.persons.iter().map(|person| person.month).collect();
        months.retain(|month| *month <= self.months);
        months.sort_unstable();
        months.get(months.len() / 2).map_or(1, |month| month + 1)
    }
}

fn name(town: u32, id: &str) -> Fallible<Id> {
    Ok(Id::new(format!("{town}/{id}"))?)
}

/// Nominations among those watched, each once, and how many lead elsewhere.
fn read_ties(folder: &Path, people: &BTreeMap<Id, Person>) -> Fallible<(Vec<Tie>, usize)> {
    let table = Table::read(folder, "edges.csv")?;
    let (mut ties, mut outside) = (BTreeMap::new(), 0);
    for row in 0..table.rows.len() {
        let town: u32 = table.number(row, "city")?;
        let who = name(town, table.cell(row, "id_from")?)?;
        let knows = name(town, table.cell(row, "id_to")?)?;
        let kind = match table.cell(row, "relation")? {
            "advice" => TieKind::Advice,
            "discuss" => TieKind::Discussion,
            "friend" => TieKind::Friendship,
            other => {
                let line = row + 2;
                return Err(format!(
                    "edges.csv line {line}, relation: {other:?} is none of advice, discuss, friend"
                )
                .into());
            }
        };
        if !people.contains_key(&who) || !people.contains_key(&knows) || who == knows {
            outside += 1;
            continue;
        }
        let tie = Tie::new(who.clone(), knows.clone(), kind, Fraction::ONE)?;
        ties.insert((who, knows, kind), tie);
    }
    Ok((ties.into_values().collect(), outside))
}
