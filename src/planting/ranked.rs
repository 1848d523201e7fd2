//! The order of a lazy greedy: gain per cost, ties to the smaller place.

use core::cmp::Ordering;

use crate::numeric::cast;

/// Something to choose, by its gain per cost, the highest greatest; free ones above all, and of equals the smaller place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked<T = ()> {
    density: f64,
    pub(super) gain: f64,
    pub(super) cost: i64,
    pub(super) place: usize,
    pub(super) with: T,
}

impl<T> Ranked<T> {
    pub(super) fn new(gain: f64, cost: i64, place: usize, with: T) -> Self {
        Self {
            density: gain / cast::f64_of_i64(cost),
            gain,
            cost,
            place,
            with,
        }
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.density
            .total_cmp(&other.density)
            .then_with(|| other.place.cmp(&self.place))
    }
}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Ranked<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_first_then_by_density_then_by_place() {
        let mut ranked = [
            Ranked::new(6.0, 3, 2, ()),
            Ranked::new(4.0, 2, 1, ()),
            Ranked::new(1.0, 0, 3, ()),
            Ranked::new(9.0, 3, 0, ()),
        ];
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(ranked.map(|one| one.place), [3, 0, 1, 2]);
    }
}
