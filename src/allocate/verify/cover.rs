//! Whether the boxes of a search cover the whole problem.
//!
//! The question is asked of one box, at first the whole problem, and of the leaves that meet it: a leaf that
//! contains the box answers it; a leaf that contains it but for one activity is taken off it; otherwise the box is cut
//! in two where, if possible, no leaf is cut with it. The leaves of a branch and bound always leave such a cut, so the
//! work is that of walking its tree again; leaves that do not may cost more, and are given up on by count.

use std::collections::BTreeMap;

use super::formula::Range;

/// Places by activity; an activity that is not named is not restricted.
pub(super) type Area = BTreeMap<usize, Range>;

/// Boxes looked at for each leaf, before the leaves are taken not to cover.
const BOXES_PER_LEAF: usize = 64;

/// Places of one activity: ranges that ascend and do not touch.
#[derive(Clone, Debug)]
struct Places(Vec<Range>);

impl Places {
    fn meet(&self, range: Range) -> bool {
        self.0
            .iter()
            .any(|own| own.low <= range.high && range.low <= own.high)
    }

    fn within(&self, range: Range) -> bool {
        self.0
            .iter()
            .all(|own| range.low <= own.low && own.high <= range.high)
    }

    /// All but those of a range.
    fn without(&self, range: Range) -> Self {
        let sides = self.0.iter().flat_map(|own| {
            let below = Range {
                low: own.low,
                high: own.high.min(range.low.saturating_sub(1)),
            };
            let above = Range {
                low: own.low.max(range.high.saturating_add(1)),
                high: own.high,
            };
            [below, above]
        });
        Self(sides.filter(|side| side.low <= side.high).collect())
    }

    fn up_to(&self, last: i64) -> Self {
        self.without(Range {
            low: last.saturating_add(1),
            high: i64::MAX,
        })
    }

    fn from(&self, first: i64) -> Self {
        self.without(Range {
            low: i64::MIN,
            high: first.saturating_sub(1),
        })
    }

    /// The least range that holds what a leaf has of them.
    fn within_leaf(&self, leaf: Range) -> Option<Range> {
        let shared = (self.0.iter())
            .map(|own| Range {
                low: own.low.max(leaf.low),
                high: own.high.min(leaf.high),
            })
            .filter(|shared| shared.low <= shared.high);
        shared.reduce(|a, b| Range {
            low: a.low,
            high: b.high,
        })
    }
}

/// A part of the problem.
struct Part<'w> {
    narrowed: BTreeMap<usize, Places>,
    whole: &'w dyn Fn(usize) -> Range,
}

impl Part<'_> {
    fn places(&self, activity: usize) -> Places {
        let known = self.narrowed.get(&activity).cloned();
        known.unwrap_or_else(|| Places(vec![(self.whole)(activity)]))
    }

    fn meets(&self, leaf: &Area) -> bool {
        leaf.iter()
            .all(|(&activity, range)| self.places(activity).meet(*range))
    }

    /// The activities for which a leaf does not hold all of this.
    fn loose(&self, leaf: &Area) -> Vec<(usize, Range)> {
        leaf.iter()
            .filter(|(activity, range)| !self.places(**activity).within(**range))
            .map(|(activity, range)| (*activity, *range))
            .take(2)
            .collect()
    }

    fn with(&self, activity: usize, places: Places) -> Self {
        let mut narrowed = self.narrowed.clone();
        narrowed.insert(activity, places);
        Self {
            narrowed,
            whole: self.whole,
        }
    }
}

/// Whether every combination of lawful places lies in some leaf. `whole` gives an activity's lawful places.
pub(super) fn covers(leaves: &[Area], whole: impl Fn(usize) -> Range) -> bool {
    let mut left = 1_000 + leaves.len().saturating_mul(BOXES_PER_LEAF);
    let all = Part {
        narrowed: BTreeMap::new(),
        whole: &whole,
    };
    let mut open = vec![(all, (0..leaves.len()).collect::<Vec<_>>())];
    while let Some((mut part, candidates)) = open.pop() {
        let Some(meeting) = take_off(&mut part, leaves, candidates) else {
            continue;
        };
        left = left.saturating_sub(1);
        let areas: Vec<&Area> = meeting.iter().filter_map(|at| leaves.get(*at)).collect();
        let Some((activity, last)) = (left > 0).then(|| cut(&areas, &part)).flatten() else {
            return false;
        };
        let places = part.places(activity);
        open.push((part.with(activity, places.up_to(last)), meeting.clone()));
        open.push((
            part.with(activity, places.from(last.saturating_add(1))),
            meeting,
        ));
    }
    true
}

/// Takes off the part what leaves hold of it that leave a part behind; `None` if nothing is left, otherwise the leaves
/// that meet what is.
fn take_off(
    part: &mut Part<'_>,
    leaves: &[Area],
    mut candidates: Vec<usize>,
) -> Option<Vec<usize>> {
    loop {
        candidates.retain(|at| leaves.get(*at).is_some_and(|leaf| part.meets(leaf)));
        let mut taken = false;
        for leaf in candidates.iter().filter_map(|at| leaves.get(*at)) {
            if !part.meets(leaf) {
                continue;
            }
            match part.loose(leaf).as_slice() {
                [] => return None,
                [(activity, range)] => {
                    let rest = part.places(*activity).without(*range);
                    part.narrowed.insert(*activity, rest);
                    taken = true;
                }
                _ => {}
            }
        }
        if !taken {
            return Some(candidates);
        }
    }
}

/// Where to cut a part: an activity, and the last place of the lower half. `None` if no leaf bounds it inside.
fn cut(meeting: &[&Area], part: &Part<'_>) -> Option<(usize, i64)> {
    let first = meeting.first()?;
    let clean = first.keys().find_map(|&activity| {
        Some((
            activity,
            clean_cut(meeting, activity, &part.places(activity))?,
        ))
    });
    clean.or_else(|| {
        // Any bound of the first leaf that lies inside the part.
        part.loose(first).into_iter().find_map(|(activity, leaf)| {
            let places = part.places(activity);
            let inside = places.within_leaf(leaf)?;
            let (low, high) = (places.0.first()?.low, places.0.last()?.high);
            if inside.low > low {
                Some((activity, inside.low - 1))
            } else if inside.high < high {
                Some((activity, inside.high))
            } else {
                None
            }
        })
    })
}

/// A place of one activity at which every leaf ends or begins: every leaf must bound the activity.
fn clean_cut(meeting: &[&Area], activity: usize, places: &Places) -> Option<i64> {
    let (low, high) = (places.0.first()?.low, places.0.last()?.high);
    let mut ranges = Vec::with_capacity(meeting.len());
    for leaf in meeting {
        ranges.push(places.within_leaf(*leaf.get(&activity)?)?);
    }
    ranges.sort_unstable_by_key(|range| (range.low, range.high));
    let mut reached = ranges.first()?.high;
    if ranges.first()?.low > low {
        return Some(ranges.first()?.low - 1);
    }
    for range in ranges {
        if range.low > reached {
            return Some(reached);
        }
        reached = reached.max(range.high);
    }
    (reached < high).then_some(reached)
}

#[cfg(test)]
mod tests;
