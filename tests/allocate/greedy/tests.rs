//! The oracle itself: against the literature, by hand, and against brute force.

use super::*;

#[test]
fn the_two_exponentials_of_the_literature() {
    let curve = |scale, rate| Curve::Exponential { scale, rate };
    let plain = |budget| Plain {
        currency: "USD",
        aim: Aim::Budget(budget),
        resources: vec![],
        activities: [("1", 100.0, 0.02), ("2", 60.0, 0.05)]
            .into_iter()
            .map(|(id, scale, rate)| crate::plain::Activity {
                id: id.into(),
                offer: Offer::free(curve(scale, rate)),
            })
            .collect(),
        groups: vec![],
    };
    assert_eq!(canonical(&plain(10_000)).unwrap().spends, [6_564, 3_436]);
    assert_eq!(canonical(&plain(500)).unwrap().spends, [0, 500]);
}

/// What the allocation would be without a floor hangs on a tie here, and so does what the floor does.
#[test]
fn a_tie_beside_a_floor_is_doubtful() {
    let straight = |id: &str, width: f64, height: f64, floor: i64| crate::plain::Activity {
        id: id.into(),
        offer: Offer::Spend {
            curve: Curve::Piecewise(vec![(0.0, 0.0), (width, height)]),
            floor,
            cap: None,
            minimum_if_any: None,
            step: None,
            uses: [].into(),
        },
    };
    let plain = |height: f64| Plain {
        currency: "USD",
        aim: Aim::Budget(3),
        resources: vec![],
        activities: vec![straight("Z", 0.04, 6.6, 3), straight("a", 0.02, height, 0)],
        groups: vec![],
    };
    let tie = canonical(&plain(3.3)).unwrap();
    assert!(tie.doubtful && tie.spends == [3, 0]);
    let plain_loss = canonical(&plain(3.4)).unwrap();
    assert!(!plain_loss.doubtful && plain_loss.limits == ["floor", "budget"]);
}

/// The greedy is only as good as its theorem: brute force must agree with it.
#[test]
fn it_agrees_with_brute_force() {
    use proptest::test_runner::{Config, TestRunner};
    let mut runner = TestRunner::new_with_rng(
        Config::with_cases(256),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    runner
        .run(
            &crate::generate::problem(crate::generate::Mix::CONCAVE_TREE),
            |plain| {
                let best = crate::brute::most_value(&plain);
                let greedy = canonical(&plain).map(|answer| answer.value);
                match (best, greedy) {
                    (None, None) => {}
                    (Some(best), Some(greedy)) => {
                        assert!(
                            (best - greedy).abs() <= 1e-12 * best.abs(),
                            "{best} {greedy}"
                        );
                    }
                    other => panic!("{other:?}"),
                }
                Ok(())
            },
        )
        .unwrap();
}
