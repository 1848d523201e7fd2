//! Walking a log forward: warn from the past, judge by the future.

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
