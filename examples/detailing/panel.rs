//! The panel: physicians, months, prescriptions written and sales calls received.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// One physician over all months of the panel.
#[derive(Clone, Debug)]
pub struct Physician {
    /// The number used in the data.
    pub id: u32,
    /// General practitioner, specialist, or neither.
    pub kind: PhysicianKind,
    /// Prescriptions of the month before the panel began.
    pub scripts_before: u32,
    /// New prescriptions, by month from 1.
    pub scripts: Vec<u32>,
    /// Sales calls, by month from 1.
    pub calls: Vec<u32>,
}

/// What the demographic file says of a physician.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhysicianKind {
    General,
    Specialist,
    Other,
}

impl PhysicianKind {
    pub const ALL: [Self; 3] = [Self::General, Self::Specialist, Self::Other];
}

/// All physicians, by their number.
#[derive(Debug)]
pub struct Panel {
    pub physicians: Vec<Physician>,
    pub months: usize,
}

impl Panel {
    /// Reads `counts.csv` and `demo.csv` of a folder.
    pub fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let counts = std::fs::read_to_string(folder.join("counts.csv"))
            .map_err(|error| format!("{}: {error}", folder.join("counts.csv").display()))?;
        let demo = std::fs::read_to_string(folder.join("demo.csv"))
            .map_err(|error| format!("{}: {error}", folder.join("demo.csv").display()))?;
        let kinds = read_kinds(&demo)?;
        let mut physicians: BTreeMap<u32, Physician> = BTreeMap::new();
        for (line, row) in rows(&counts, "id,scripts,detailing,lagged_scripts")? {
            let [id, scripts, calls, lagged] = row[..] else {
                return Err(format!("counts.csv, line {line}: four columns are needed").into());
            };
            let kind = *kinds
                .get(&id)
                .ok_or(format!("demo.csv has no physician {id}"))?;
            let physician = physicians.entry(id).or_insert_with(|| Physician {
                id,
                kind,
                scripts_before: lagged,
                scripts: Vec::new(),
                calls: Vec::new(),
            });
            physician.scripts.push(scripts);
            physician.calls.push(calls);
        }
        let months = physicians
            .values()
            .map(|one| one.scripts.len())
            .min()
            .unwrap_or(0);
        if physicians.values().any(|one| one.scripts.len() != months) || months == 0 {
            return Err("counts.csv: every physician needs the same number of months".into());
        }
        Ok(Self {
            physicians: physicians.into_values().collect(),
            months,
        })
    }
}

impl Physician {
    /// Prescriptions of months `from..=to`, counted from 1.
    pub fn scripts_in(&self, from: usize, to: usize) -> u32 {
        self.scripts[from - 1..to].iter().sum()
    }

    /// Calls of months `from..=to`, counted from 1.
    pub fn calls_in(&self, from: usize, to: usize) -> u32 {
        self.calls[from - 1..to].iter().sum()
    }

    /// How many of months `from..=to` saw a prescription.
    pub fn months_active(&self, from: usize, to: usize) -> usize {
        self.scripts[from - 1..to]
            .iter()
            .filter(|scripts| **scripts > 0)
            .count()
    }
}

fn read_kinds(text: &str) -> Result<BTreeMap<u32, PhysicianKind>, Box<dyn Error>> {
    let mut kinds = BTreeMap::new();
    let mut lines = text.lines();
    if lines.next() != Some("id,generalphys,specialist,mean_samples") {
        return Err("demo.csv: the header is not the expected one".into());
    }
    // The mean of free samples is taken over all months, later ones too: it is left out on purpose.
    for line in lines {
        let mut fields = line.split(',');
        let mut number = || -> Result<u32, Box<dyn Error>> {
            Ok(fields
                .next()
                .ok_or(format!("demo.csv: {line:?} is too short"))?
                .parse()?)
        };
        let (id, general, specialist) = (number()?, number()?, number()?);
        let kind = match (general, specialist) {
            (1, _) => PhysicianKind::General,
            (_, 1) => PhysicianKind::Specialist,
            _ => PhysicianKind::Other,
        };
        kinds.insert(id, kind);
    }
    Ok(kinds)
}

fn rows<'a>(
    text: &'a str,
    header: &str,
) -> Result<impl Iterator<Item = (usize, Vec<u32>)> + 'a, Box<dyn Error>> {
    let mut lines = text.lines().zip(1..);
    if lines.next().map(|(line, _)| line) != Some(header) {
        return Err(format!("the header must be {header:?}").into());
    }
    let parsed: Vec<(usize, Vec<u32>)> = lines
        .map(|(line, number)| {
            let fields: Result<Vec<u32>, _> = line.split(',').map(str::parse).collect();
            fields
                .map(|fields| (number, fields))
                .map_err(|error| format!("line {number}: {error}"))
        })
        .collect::<Result<_, _>>()?;
    Ok(parsed.into_iter())
}
