//! What was kept and what was dropped, place by place; and what a proof may hold.

use super::super::form::Limit;
use super::super::made;
use super::*;

/// The runs of a set of places, one bit each.
fn runs(mask: u32) -> Vec<Span> {
    let is_in = |at: i64| at >= 0 && mask >> at & 1 == 1;
    let starts = (0..12).filter(|at| is_in(*at) && !is_in(at - 1));
    let end = |from: i64| (from..12).find(|at| !is_in(at + 1)).unwrap();
    starts.map(|from| Span::new(from, end(from))).collect()
}

/// Whether a leaf's span has a place; the places of a span.
fn places(span: Span) -> Vec<i64> {
    (0..12).filter(|at| span.contains(*at)).collect()
}

/// Every kept place of a span is on one side of the place that is left out, and nothing that was dropped comes in with
/// it but between kept places.
#[test]
fn both_sides_of_a_dropped_place_hold_all_that_was_kept() {
    for mask in 0..128_u32 {
        for zero in [false, true] {
            let kept = Kept {
                runs: runs(mask << 1),
                zero,
            };
            for (low, high) in (1..8).flat_map(|low| (low..8).map(move |high| (low, high))) {
                for nothing in [false, true] {
                    let span = Span {
                        low,
                        high,
                        zero: nothing,
                    };
                    for at in (low..=high).filter(|at| !kept.contains(*at)) {
                        let sides = kept.around(span, at);
                        let case = format!("{:?} {zero} {span:?} {at}", kept.runs);
                        for place in places(span) {
                            let held = sides.iter().filter(|side| side.contains(place)).count();
                            assert!(held <= 1, "{case}: {place} twice");
                            assert!(held == 1 || !kept.contains(place), "{case}: {place}");
                        }
                        let all: Vec<i64> = sides.iter().flat_map(|side| places(*side)).collect();
                        let lawful = |place: &i64| span.contains(*place) && *place != at;
                        assert!(all.iter().all(lawful), "{case}: {sides:?}");
                        assert!(sides.iter().all(|side| side.low <= side.high), "{case}");
                        assert!(zero || !all.contains(&0), "{case}: {sides:?}");
                    }
                }
            }
        }
    }
}

/// A part of one menu of these places, or of nothing but what is taken.
fn part(places: &[i64], base: i64) -> Part<'static> {
    let options: Vec<(i64, f64)> = places.iter().map(|at| (*at, 0.0)).collect();
    let (choices, places) = if places.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        let menu = made::plain(&options, &[(0, 1)]);
        (vec![menu], vec![(0, places.to_vec())])
    };
    Part {
        form: made::form(&[(Limit::Budget, 99)], choices),
        places,
        base: vec![base],
        fixed: 0.0,
    }
}

/// Each place of a span was kept, or has one leaf; and leaves hold nothing outside. Of what is above a span nothing is kept.
#[test]
fn what_was_dropped_has_a_leaf() {
    for mask in 0..128_u32 {
        for (low, high) in (0..7).flat_map(|low| (low..7).map(move |high| (low, high))) {
            if mask >> (high + 1) > 0 {
                continue;
            }
            for (nothing, zero) in [(false, false), (true, false), (true, true)] {
                let span = Span {
                    low,
                    high,
                    zero: nothing,
                };
                let kept = Kept {
                    runs: runs(mask),
                    zero,
                };
                let leaves = dropped(&part(&[], 0), &[span], &[kept], &[2.0]);
                let kept = Kept {
                    runs: runs(mask),
                    zero,
                };
                for place in 0..12 {
                    let holds = |leaf: &&Leaf| leaf.spans[0].1.contains(place);
                    let found = leaves.iter().filter(holds).count();
                    let is_dropped = span.contains(place) && !kept.contains(place);
                    assert_eq!(
                        found,
                        usize::from(is_dropped),
                        "{mask:b} {zero} {span:?}: {place}"
                    );
                }
                let at_root = |leaf: &Leaf| leaf.spans.len() == 1 && leaf.prices == [2.0];
                assert!(leaves.iter().all(at_root));
            }
        }
    }
}

#[test]
fn what_the_root_kept_is_what_the_part_has_or_what_is_taken() {
    let spans = [Span::new(0, 9)];
    let of = |part: &Part<'_>, spans: &[Span]| {
        let kept = kept(spans, part).remove(0);
        let all: Vec<i64> = (0..12).filter(|at| kept.contains(*at)).collect();
        (all, kept.zero)
    };
    assert_eq!(
        of(&part(&[1, 2, 4, 7, 8, 9], 0), &spans),
        (vec![1, 2, 4, 7, 8, 9], false)
    );
    assert_eq!(of(&part(&[], 5), &spans), (vec![5], false));
    // Nothing, beside a least spend, is no place of the range: what is left of a wider range is it alone.
    let least = [Span {
        low: 4,
        high: 9,
        zero: true,
    }];
    assert_eq!(of(&part(&[], 0), &least), (vec![0], true));
    assert_eq!(of(&part(&[], 6), &least), (vec![6], false));
    let kept = kept(&least, &part(&[], 0)).remove(0);
    assert_eq!(kept.around(least[0], 7), [Span::only(0)]);
}

/// How many leaves a proof has for a menu of three places, of which the part has some: its own, and one for what it has not.
fn proof(places: &[i64], inner: usize) -> usize {
    let choice = made::plain(&[(0, 0.0), (1, 1.0), (2, 2.0)], &[(0, 1)]);
    let form = made::form(&[(Limit::Budget, 9)], vec![choice]);
    let leaf = Leaf {
        spans: vec![(0, Span::new(0, 1))],
        prices: vec![0.0],
    };
    let inner = vec![leaf; inner];
    let part = part(places, 0);
    let known = Known::short(3.0);
    leaves(&form, &form.spans(), &part, &[0.0], &inner, &known).len()
}

#[test]
fn a_proof_of_too_many_leaves_is_none() {
    let (some, all) = (&[0, 1], &[0, 1, 2]);
    assert_eq!(proof(some, 1), 2);
    assert_eq!(proof(some, LEAVES - 1), LEAVES);
    assert_eq!(proof(some, LEAVES), 0);
    assert_eq!(proof(all, LEAVES), LEAVES);
    assert_eq!(proof(all, LEAVES + 1), 0);
}

#[test]
fn an_answer_is_known_to_the_accuracy_of_its_terms() {
    // 8 and −3 make 5, of terms of 11.
    let choices = vec![
        made::plain(&[(1, 8.0)], &[(0, 1)]),
        made::plain(&[(1, -3.0)], &[(0, 1)]),
    ];
    let form = made::form(&[(Limit::Budget, 9)], choices);
    let answer = Answer {
        taken: vec![0, 0],
        value: 5.0,
    };
    let close = |relative: f64| Known::best(&form, &answer, relative).enough - 5.0;
    assert!((close(0.0) - 44.0 * f64::EPSILON).abs() < f64::EPSILON);
    assert!((close(1e-3) - 5e-3).abs() < 1e-12);
}

/// Short of a goal, a leaf need only show that as it is computed.
#[test]
fn what_is_allowed_for_rounding_is_no_part_of_what_is_shown() {
    let choice = made::plain(&[(0, 0.0), (2, 7.0)], &[(0, 1)]);
    let form = made::form(&[(Limit::Budget, 9)], vec![choice]);
    let (spans, prices) = (form.spans(), [0.3]);
    let shown = dual::evaluate(&form, &spans, &prices);
    assert!(shown.slip > 0.0);
    let enough = shown.bound - shown.slip;
    assert!(Known::short(enough).is_shown(&form, &spans, &prices));
    let less = enough - shown.slip / 2.0;
    assert!(!Known::short(less).is_shown(&form, &spans, &prices));
}
