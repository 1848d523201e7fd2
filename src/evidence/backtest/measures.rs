//! How good scored cases are: rank, sharpness, calibration, and what a threshold does.

use crate::fraction::Fraction;
use crate::numeric::cast;

/// Area under the ROC curve of scored cases, ties counted half; `None` unless there are cases of both kinds.
///
/// Sorts the cases by score: O(n log n).
#[must_use]
pub fn auc(cases: &mut [(f64, bool)]) -> Option<f64> {
    cases.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut negatives, mut positives, mut area) = (0.0, 0.0, 0.0);
    for ties in cases.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let mut here = (0.0, 0.0);
        for (_, positive) in ties {
            if *positive {
                here.0 += 1.0;
            } else {
                here.1 += 1.0;
            }
        }
        area += here.0 * (negatives + 0.5 * here.1);
        positives += here.0;
        negatives += here.1;
    }
    (positives > 0.0 && negatives > 0.0).then(|| area / (positives * negatives))
}

/// Mean squared distance of probabilities from what happened, 0 (perfect) to 1; `None` without cases.
#[must_use]
pub fn brier(cases: &[(f64, bool)]) -> Option<f64> {
    let squares: f64 = cases
        .iter()
        .map(|(p, happened)| {
            let miss = p - if *happened { 1.0 } else { 0.0 };
            miss * miss
        })
        .sum();
    (!cases.is_empty()).then(|| squares / cast::f64_of_usize(cases.len()))
}

/// One line of a calibration table: cases whose stated probability lies in a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Lower end; the band reaches up to the next band's.
    pub from: f64,
    /// Cases in it.
    pub cases: usize,
    /// Mean probability stated.
    pub stated: f64,
    /// Share that came true.
    pub happened: f64,
}

/// The calibration table in bands of equal width; bands without cases are left out.
#[must_use]
pub fn calibration(cases: &[(f64, bool)], bands: u32) -> Vec<Band> {
    let width = f64::from(bands.max(1));
    let mut sums = vec![(0_usize, 0.0, 0.0); cast::usize_of_u32(bands.max(1))];
    for (p, happened) in cases {
        let place = cast::i64_clamped((p * width).floor(), 0, i64::from(bands.max(1)) - 1);
        if let Some(sum) = usize::try_from(place).ok().and_then(|i| sums.get_mut(i)) {
            sum.0 += 1;
            sum.1 += p;
            sum.2 += if *happened { 1.0 } else { 0.0 };
        }
    }
    sums.into_iter()
        .zip(0_u32..)
        .filter(|((cases, ..), _)| *cases > 0)
        .map(|((cases, stated, happened), i)| Band {
            from: f64::from(i) / width,
            cases,
            stated: stated / cast::f64_of_usize(cases),
            happened: happened / cast::f64_of_usize(cases),
        })
        .collect()
}

/// What warning at a threshold would have done, over customer-dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtThreshold {
    /// The threshold: a case is warned of if its score is not below it.
    pub threshold: f64,
    /// Cases warned of.
    pub warned: usize,
    /// Share of those warned of that were right; `None` if there were none.
    pub precision: Option<Fraction>,
    /// Share of the cases that came true that were warned of; `None` if none came true.
    pub recall: Option<Fraction>,
}

impl AtThreshold {
    /// Counts scored cases at a threshold.
    #[must_use]
    pub fn of(cases: &[(f64, bool)], threshold: f64) -> Self {
        let count = |keep: &dyn Fn(&(f64, bool)) -> bool| cases.iter().filter(|c| keep(c)).count();
        let warned = count(&|case| case.0 >= threshold);
        let right = count(&|case| case.0 >= threshold && case.1);
        let true_all = count(&|case| case.1);
        Self {
            threshold,
            warned,
            precision: share(right, warned),
            recall: share(right, true_all),
        }
    }
}

pub(super) fn share(part: usize, whole: usize) -> Option<Fraction> {
    if whole == 0 {
        return None;
    }
    Fraction::new(cast::f64_of_usize(part) / cast::f64_of_usize(whole)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_area_is_the_share_of_pairs_in_order(
            mut cases in prop::collection::vec(((0_u8..6).prop_map(f64::from), any::<bool>()), 0..40)
        ) {
            let mut pairs = 0.0;
            let mut ordered = 0.0;
            for (score, _) in cases.iter().filter(|case| case.1) {
                for (other, _) in cases.iter().filter(|case| !case.1) {
                    pairs += 1.0;
                    ordered += if score > other { 1.0 } else if score < other { 0.0 } else { 0.5 };
                }
            }
            match auc(&mut cases) {
                Some(area) => prop_assert!((area - ordered / pairs).abs() < 1e-12),
                None => prop_assert!(pairs < 1.0),
            }
        }
    }

    #[test]
    fn bands_hold_every_case_once() {
        let cases = [
            (0.0, false),
            (0.05, true),
            (0.1, false),
            (0.95, true),
            (1.0, true),
        ];
        let table = calibration(&cases, 10);
        let counts: Vec<usize> = table.iter().map(|band| band.cases).collect();
        assert_eq!(counts, [2, 1, 2]);
        assert!((table[2].stated - 0.975).abs() < 1e-12);
        assert!((table[2].happened - 1.0).abs() < 1e-12);
        assert!((table[2].from - 0.9).abs() < 1e-12);
        assert_eq!(brier(&[]), None);
        let squares = (0.9025 + 0.01 + 0.0025) / 5.0;
        assert!(brier(&cases).is_some_and(|score| (score - squares).abs() < 1e-12));
    }

    #[test]
    fn a_threshold_warns_from_its_own_value_on() {
        let cases = [
            (0.2, false),
            (0.5, true),
            (0.5, false),
            (0.9, true),
            (0.1, true),
        ];
        let at = AtThreshold::of(&cases, 0.5);
        assert_eq!(at.warned, 3);
        assert!(
            at.precision
                .is_some_and(|p| (p.get() - 2.0 / 3.0).abs() < 1e-12)
        );
        assert!(
            at.recall
                .is_some_and(|p| (p.get() - 2.0 / 3.0).abs() < 1e-12)
        );
        assert_eq!(AtThreshold::of(&cases, 2.0).precision, None);
        assert_eq!(AtThreshold::of(&[], 0.0).recall, None);
    }
}
