//! Summaries of customers, and samples of them in which equal customers are counted once.

use super::ModelError;
use crate::numeric::ExactSum;

/// A customer as the buy-till-you-die models read it, in the model's unit of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    repeats: u32,
    recency: f64,
    age: f64,
    ln_gaps: f64,
}

impl Summary {
    /// `repeats` events after the first, the last of them `recency` after it, seen for `age` since it; `ln_gaps` is the
    /// sum of the logarithms of the gaps (only MBG/CNBD-k reads it).
    ///
    /// # Errors
    /// [`ModelError::Summary`] unless 0 ≤ recency ≤ age, all finite, and recency is above 0 exactly if there are repeats.
    pub fn new(repeats: u32, recency: f64, age: f64, ln_gaps: f64) -> Result<Self, ModelError> {
        let ordered = recency >= 0.0 && recency <= age && age.is_finite() && ln_gaps.is_finite();
        if ordered && (repeats > 0) == (recency > 0.0) {
            Ok(Self {
                repeats,
                recency,
                age,
                ln_gaps,
            })
        } else {
            Err(ModelError::Summary {
                repeats,
                recency,
                age,
            })
        }
    }

    pub(super) const fn lawful(repeats: u32, recency: f64, age: f64, ln_gaps: f64) -> Self {
        Self {
            repeats,
            recency,
            age,
            ln_gaps,
        }
    }

    /// Events after the first.
    #[must_use]
    pub const fn repeats(&self) -> u32 {
        self.repeats
    }

    /// Time from the first event to the last.
    #[must_use]
    pub const fn recency(&self) -> f64 {
        self.recency
    }

    /// Time from the first event to now.
    #[must_use]
    pub const fn age(&self) -> f64 {
        self.age
    }

    /// Sum of the logarithms of the gaps.
    #[must_use]
    pub const fn ln_gaps(&self) -> f64 {
        self.ln_gaps
    }

    /// Time since the last event.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.age - self.recency
    }
}

/// Customers that share repeats, recency and age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) recency: f64,
    pub(super) age: f64,
    pub(super) count: f64,
    /// Where recency and age stand among the sample's times.
    pub(super) recency_at: usize,
    pub(super) age_at: usize,
}

/// A sample of customers, equal ones merged and in a fixed order, so that a fit does not depend on the order given.
///
/// Building sorts: O(n log n); a likelihood then costs O(distinct customers).
#[derive(Clone, Debug)]
pub struct Sample {
    /// Rows by number of repeats.
    pub(super) groups: Vec<(u32, Vec<Row>)>,
    /// Every recency and age once, ascending: far fewer than rows, for they are whole days.
    pub(super) times: Vec<f64>,
    customers: u64,
    ln_gaps: f64,
    repeats: u64,
    mean_gap: f64,
}

impl Sample {
    /// The sample of these customers.
    ///
    /// # Errors
    /// [`ModelError::TooFew`] if there is no customer with a repeat: nothing could be fitted.
    pub fn new(customers: impl IntoIterator<Item = Summary>) -> Result<Self, ModelError> {
        let mut all: Vec<Summary> = customers.into_iter().collect();
        all.sort_by(|a, b| {
            (a.repeats.cmp(&b.repeats))
                .then(a.recency.total_cmp(&b.recency))
                .then(a.age.total_cmp(&b.age))
        });
        let times = all.iter().flat_map(|one| [one.recency, one.age]);
        let times = distinct(times.collect());
        let mut ln_gaps = ExactSum::new();
        let mut span = ExactSum::new();
        let mut repeats = 0_u64;
        let mut groups: Vec<(u32, Vec<Row>)> = Vec::new();
        for customer in &all {
            ln_gaps.add(customer.ln_gaps);
            span.add(customer.recency);
            repeats += u64::from(customer.repeats);
            if groups
                .last()
                .is_none_or(|group| group.0 != customer.repeats)
            {
                groups.push((customer.repeats, Vec::new()));
            }
            if let Some((_, rows)) = groups.last_mut() {
                match rows.last_mut() {
                    Some(row)
                        if row.recency.total_cmp(&customer.recency).is_eq()
                            && row.age.total_cmp(&customer.age).is_eq() =>
                    {
                        row.count += 1.0;
                    }
                    _ => rows.push(Row {
                        recency: customer.recency,
                        age: customer.age,
                        count: 1.0,
                        recency_at: place(&times, customer.recency),
                        age_at: place(&times, customer.age),
                    }),
                }
            }
        }
        if repeats == 0 {
            return Err(ModelError::TooFew { needed: 1 });
        }
        Ok(Self {
            groups,
            times,
            customers: crate::numeric::cast::u64_of_usize(all.len()),
            ln_gaps: ln_gaps.value(),
            repeats,
            mean_gap: span.value() / crate::numeric::cast::f64_of_u64(repeats),
        })
    }

    /// How many customers.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// How many repeat events.
    #[must_use]
    pub const fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Mean gap between events.
    #[must_use]
    pub const fn mean_gap(&self) -> f64 {
        self.mean_gap
    }

    /// How many distinct customers: the cost of one likelihood.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.groups.iter().map(|group| group.1.len()).sum()
    }

    pub(super) const fn ln_gaps(&self) -> f64 {
        self.ln_gaps
    }
}

/// Each number once, ascending.
fn distinct(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.dedup_by(|a, b| a.total_cmp(b).is_eq());
    numbers
}

/// Where a number stands among ascending ones that have it.
fn place(ascending: &[f64], number: f64) -> usize {
    ascending.partition_point(|other| other.total_cmp(&number).is_lt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_customers_are_merged_in_any_order() {
        let one = Summary::new(2, 3.0, 5.0, 0.4).unwrap();
        let other = Summary::new(0, 0.0, 5.0, 0.0).unwrap();
        let a = Sample::new([one, other, one]).unwrap();
        let b = Sample::new([other, one, one]).unwrap();
        assert_eq!(a.groups, b.groups);
        assert_eq!((a.customers(), a.distinct(), a.repeats()), (3, 2, 4));
        assert!((a.mean_gap() - 1.5).abs() < 1e-15);
        let times: Vec<(f64, f64)> = (a.groups.iter().flat_map(|group| &group.1))
            .map(|row| (a.times[row.recency_at], a.times[row.age_at]))
            .collect();
        assert_eq!(times, [(0.0, 5.0), (3.0, 5.0)]);
        assert_eq!(a.times, [0.0, 3.0, 5.0]);
    }

    #[test]
    fn impossible_summaries_are_refused() {
        for (repeats, recency, age) in [
            (0, 1.0, 2.0),
            (1, 0.0, 2.0),
            (1, 3.0, 2.0),
            (1, 1.0, f64::NAN),
        ] {
            assert!(Summary::new(repeats, recency, age, 0.0).is_err());
        }
        let silent = Summary::new(0, 0.0, 5.0, 0.0).unwrap();
        assert_eq!(
            Sample::new([silent]).unwrap_err(),
            ModelError::TooFew { needed: 1 }
        );
    }
}
