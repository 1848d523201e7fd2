//! The master problem of the search for prices: a mixture of columns that keeps the rows.

use crate::numeric::cast;

use super::dual::Column;
use super::form::Form;

/// A basic variable of the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basic {
    Column(usize),
    Slack(usize),
    Help(usize),
}

pub(super) struct Master<'f, 'a> {
    form: &'f Form<'a>,
    pub(super) scale: Vec<f64>,
    /// Limits over their scale.
    most: Vec<f64>,
    basis: Vec<Basic>,
    inverse: Vec<Vec<f64>>,
    pub(super) help_price: f64,
}

impl<'f, 'a> Master<'f, 'a> {
    pub(super) fn new(form: &'f Form<'a>, first: &Column) -> Self {
        let scale: Vec<f64> = form
            .rows
            .iter()
            .zip(&first.uses)
            .map(|(row, used)| cast::f64_of_i128(row.most).abs().max(used.abs()).max(1.0))
            .collect();
        let most = form
            .rows
            .iter()
            .zip(&scale)
            .map(|(row, scale)| cast::f64_of_i128(row.most) / scale)
            .collect();
        // In values a whole row; raised while help is still wanted.
        let help_price = first.value.abs().max(1e-3) * 1e3;
        Self {
            form,
            scale,
            most,
            basis: Vec::new(),
            inverse: Vec::new(),
            help_price,
        }
    }

    /// One column, slacks where it keeps the rows and help where it does not.
    pub(super) fn start(&mut self, pool: &[Column], column: usize) {
        let mut basis = Vec::new();
        for row in 0..self.form.rows.len() {
            let used = pool[column].uses[row] / self.scale[row];
            basis.push(if used <= self.most[row] {
                Basic::Slack(row)
            } else {
                Basic::Help(row)
            });
        }
        basis.push(Basic::Column(column));
        self.basis = basis;
    }

    fn entries(&self, pool: &[Column], basic: Basic) -> Vec<f64> {
        let rows = self.form.rows.len();
        let mut entries = vec![0.0; rows + 1];
        match basic {
            Basic::Column(at) => {
                for (entry, (used, scale)) in entries
                    .iter_mut()
                    .zip(pool[at].uses.iter().zip(&self.scale))
                {
                    *entry = used / scale;
                }
                entries[rows] = 1.0;
            }
            Basic::Slack(row) => entries[row] = 1.0,
            Basic::Help(row) => entries[row] = -1.0,
        }
        entries
    }

    fn worth(&self, pool: &[Column], basic: Basic) -> f64 {
        match basic {
            Basic::Column(at) => pool[at].value,
            Basic::Slack(_) => 0.0,
            Basic::Help(_) => -self.help_price,
        }
    }

    /// Gauss–Jordan with row pivoting; false if the basis is singular to rounding.
    pub(super) fn invert(&mut self, pool: &[Column]) -> bool {
        let size = self.basis.len();
        let columns: Vec<Vec<f64>> = self
            .basis
            .iter()
            .map(|basic| self.entries(pool, *basic))
            .collect();
        let mut left: Vec<Vec<f64>> = (0..size)
            .map(|row| columns.iter().map(|column| column[row]).collect())
            .collect();
        let mut right: Vec<Vec<f64>> = (0..size)
            .map(|row| {
                (0..size)
                    .map(|at| if at == row { 1.0 } else { 0.0 })
                    .collect()
            })
            .collect();
        for at in 0..size {
            let Some(pivot) =
                (at..size).max_by(|a, b| left[*a][at].abs().total_cmp(&left[*b][at].abs()))
            else {
                return false;
            };
            if left[pivot][at].abs() < 1e-13 {
                return false;
            }
            left.swap(at, pivot);
            right.swap(at, pivot);
            let by = 1.0 / left[at][at];
            left[at]
                .iter_mut()
                .chain(right[at].iter_mut())
                .for_each(|entry| *entry *= by);
            let (pivot_left, pivot_right) = (left[at].clone(), right[at].clone());
            for row in 0..size {
                let times = left[row][at];
                if row == at || times.abs() < f64::MIN_POSITIVE {
                    continue;
                }
                for (entry, from) in left[row].iter_mut().zip(&pivot_left) {
                    *entry -= times * from;
                }
                for (entry, from) in right[row].iter_mut().zip(&pivot_right) {
                    *entry -= times * from;
                }
            }
        }
        self.inverse = right;
        true
    }

    pub(super) fn duals(&self, pool: &[Column]) -> Vec<f64> {
        let size = self.basis.len();
        let mut duals = vec![0.0; size];
        for (basic, row) in self.basis.iter().zip(&self.inverse) {
            let worth = self.worth(pool, *basic);
            for (dual, entry) in duals.iter_mut().zip(row) {
                *dual += worth * entry;
            }
        }
        duals
    }

    fn levels(&self) -> Vec<f64> {
        self.inverse
            .iter()
            .map(|row| {
                let (last, rest) = row
                    .split_last()
                    .map_or((0.0, row.as_slice()), |(last, rest)| (*last, rest));
                last + rest
                    .iter()
                    .zip(&self.most)
                    .map(|(entry, most)| entry * most)
                    .sum::<f64>()
            })
            .collect()
    }

    pub(super) fn objective(&self, pool: &[Column]) -> f64 {
        self.basis
            .iter()
            .zip(self.levels())
            .map(|(basic, level)| self.worth(pool, *basic) * level)
            .sum()
    }

    pub(super) fn helped(&self) -> bool {
        self.basis
            .iter()
            .zip(self.levels())
            .any(|(basic, level)| matches!(basic, Basic::Help(_)) && level > 1e-11)
    }

    pub(super) fn mixture(&self) -> Vec<(f64, usize)> {
        self.basis
            .iter()
            .zip(self.levels())
            .filter_map(|(basic, level)| match basic {
                Basic::Column(at) if level > 1e-9 => Some((level, *at)),
                _ => None,
            })
            .collect()
    }

    /// The variable of highest reduced worth, slacks and help included.
    pub(super) fn entering(&self, pool: &[Column], duals: &[f64]) -> Option<Basic> {
        let rows = self.form.rows.len();
        let size = duals
            .iter()
            .fold(0.0_f64, |most, dual| most.max(dual.abs()));
        let mut best: Option<(f64, Basic)> = None;
        let mut offer = |gain: f64, floor: f64, basic: Basic| {
            if gain > floor
                && best.is_none_or(|(most, _)| gain > most)
                && !self.basis.contains(&basic)
            {
                best = Some((gain, basic));
            }
        };
        for (row, dual) in duals.iter().take(rows).enumerate() {
            offer(-dual, 1e-13 * size, Basic::Slack(row));
            offer(dual - self.help_price, 1e-12 * size, Basic::Help(row));
        }
        for (at, column) in pool.iter().enumerate() {
            let mut gain = column.value - duals[rows];
            for (row, used) in column.uses.iter().enumerate() {
                gain -= duals[row] * used / self.scale[row];
            }
            offer(gain, 1e-14 * (column.value.abs() + size), Basic::Column(at));
        }
        best.map(|(_, basic)| basic)
    }

    /// Lets a variable in and the first that falls to nothing out; false if none falls.
    pub(super) fn pivot(&mut self, pool: &[Column], enter: Basic) -> bool {
        let entries = self.entries(pool, enter);
        let levels = self.levels();
        let mut leave: Option<(f64, f64, usize)> = None;
        for (place, row) in self.inverse.iter().enumerate() {
            let fall: f64 = row.iter().zip(&entries).map(|(a, b)| a * b).sum();
            if fall > 1e-11 {
                let ratio = levels[place].max(0.0) / fall;
                // Among equal ratios the larger pivot, for the sake of the next inverse.
                let better = leave.is_none_or(|(least, pivot, _)| {
                    ratio < least - 1e-15 || (ratio <= least + 1e-15 && fall > pivot)
                });
                if better {
                    leave = Some((ratio, fall, place));
                }
            }
        }
        let Some((_, _, place)) = leave else {
            return false;
        };
        self.basis[place] = enter;
        true
    }
}

#[cfg(test)]
mod tests;
