//! The table's parts, each against its rule, and its work by hand.

use super::*;

/// Changes of one menu each: cost and gain.
fn core(changes: &[(i64, f64)]) -> Core {
    let mut core = Core::default();
    for (menu, (cost, gain)) in (0..).zip(changes) {
        core.option(menu, 1, *cost, *gain);
    }
    core
}

fn state((cost, gain): (i64, f64)) -> State {
    let log = ROOT;
    State { cost, gain, log }
}

fn points(states: &[State]) -> Vec<(i64, f64)> {
    states
        .iter()
        .map(|state| (state.cost, state.gain))
        .collect()
}

fn found(core: &Core, room: i64, price: f64, states: u64) -> (Best, Outcome) {
    let mut best = Best::new();
    let width = usize::MAX;
    let outcome = search(core, room, price, &mut best, Effort { states, width });
    (best, outcome)
}

#[test]
fn the_mean_step_is_the_mean_size_of_costs() {
    let mean = |costs: &[i64]| {
        let changes: Vec<_> = costs.iter().map(|cost| (*cost, 1.0)).collect();
        core(&changes).mean_step()
    };
    assert_eq!(mean(&[3, -5, 10]), 6);
    assert_eq!(mean(&[8, -9]), 8);
    assert_eq!(mean(&[]), 0);
}

/// Slopes are those of options that cost more or less; one that costs the same has none.
#[test]
fn open_slopes_are_the_best_for_more_and_the_least_for_less() {
    for (changes, more, less) in [
        (vec![(2, 6.0), (4, 4.0)], 3.0, f64::MAX),
        (vec![(-2, -6.0), (-4, -4.0)], 0.0, 1.0),
        (vec![(0, 5.0), (0, -5.0), (0, 0.0)], 0.0, f64::MAX),
        (vec![(0, 5.0), (0, -5.0), (1, 2.0), (-1, -7.0)], 2.0, 7.0),
    ] {
        let core = core(&changes);
        let open = open_slopes(&core, &ordered(&core, 1.0));
        assert_eq!((open[0].more, open[0].less), (more, less), "{changes:?}");
        let last = open[changes.len()];
        assert_eq!((last.more, last.less), (0.0, f64::MAX));
    }
}

/// Two menus: the first looked at (its slope is the price) costs 2 and gains 2, the other costs 1 and gains 2; room is 3.
/// After the first, both of its states are kept, as the rest of the room at a slope of 2 promises more: two looks. Of these
/// the second menu keeps none as it is, for nothing is left to be bought, and moves both: two more.
#[test]
fn what_cannot_beat_the_answer_is_not_looked_at() {
    let core = core(&[(2, 2.0), (1, 2.0)]);
    let (best, outcome) = found(&core, 3, 1.0, u64::MAX);
    assert_eq!((best.gain(), outcome.bound, outcome.work), (4.0, 4.0, 4));
    assert_eq!(outcome.taken, [(1, 1), (0, 1)]);
}

/// The same, with as many states as the first menu takes, and one fewer: then the room may still be bought at a slope of 2.
#[test]
fn a_search_ends_where_it_has_looked_at_more_states_than_it_may() {
    let core = core(&[(2, 2.0), (1, 2.0)]);
    let (best, outcome) = found(&core, 3, 1.0, 2);
    assert_eq!((best.gain(), outcome.bound, outcome.work), (4.0, 4.0, 4));
    let (best, outcome) = found(&core, 3, 1.0, 1);
    assert_eq!((best.gain(), outcome.bound, outcome.work), (2.0, 6.0, 2));
}

/// The first menu alone fills a third of the room at its slope of 5, and what is left of it still promises more; but
/// with that gain in hand already, nothing was found.
#[test]
fn what_gains_as_much_as_the_answer_is_no_better() {
    let core = core(&[(1, 5.0), (3, 1.5)]);
    let (mut best, first) = found(&core, 3, 5.0, u64::MAX);
    assert_eq!((first.improved, best.gain()), (true, 5.0));
    assert_eq!(first.taken, [(0, 1)]);
    let (states, width) = (u64::MAX, usize::MAX);
    let again = search(&core, 3, 5.0, &mut best, Effort { states, width });
    assert!(!again.improved && again.taken.is_empty());
    assert_eq!((best.gain(), again.bound), (5.0, 5.0));
}

/// Ten menus whose costs are powers of two and worth as much: all sums differ, and all promise as much until the last.
#[test]
fn no_more_states_than_the_width_go_from_menu_to_menu() {
    let changes: Vec<(i64, f64)> = (0..10)
        .map(|at| (1 << at, f64::from(1_i32 << at)))
        .collect();
    let work = |width: usize| {
        let (mut best, states) = (Best::new(), u64::MAX);
        let effort = Effort { states, width };
        search(&core(&changes), 2_000, 1.0, &mut best, effort).work
    };
    // Each menu looks at what is kept and at what is moved.
    assert!(work(8) <= 10 * 2 * 8, "{}", work(8));
    assert!(work(usize::MAX) > 1_000);
}

/// Of states that cost the same the one that gains less is dropped, and so is one that costs more and gains no more.
#[test]
fn dominated_states_are_dropped_whichever_came_first() {
    for (kept, states, shift, left) in [
        (vec![(5, 4.0)], vec![(0, 0.0)], (5, 3.0), vec![(5, 4.0)]),
        (vec![(5, 3.0)], vec![(0, 0.0)], (5, 4.0), vec![(5, 4.0)]),
        (vec![(5, 4.0)], vec![(0, 0.0)], (5, 4.0), vec![(5, 4.0)]),
        // As much gained at a higher cost, before another that is moved and after the last.
        (
            vec![(3, 2.0)],
            vec![(0, 0.0), (3, 5.0)],
            (1, 2.0),
            vec![(1, 2.0), (4, 7.0)],
        ),
        (vec![(9, 2.0)], vec![(0, 0.0)], (1, 2.0), vec![(1, 2.0)]),
        (vec![(1, 2.0)], vec![(0, 0.0)], (3, 2.0), vec![(1, 2.0)]),
        // More at a higher cost stays.
        (
            vec![(1, 1.0), (9, 3.0)],
            vec![(0, 0.0)],
            (4, 2.0),
            vec![(1, 1.0), (4, 2.0), (9, 3.0)],
        ),
    ] {
        let label = format!("{kept:?} {shift:?}");
        let (mut best, mut found, mut log) = (Best::new(), None, Vec::new());
        let mut into = Vec::new();
        let [kept, states] = [kept, states].map(|all| all.into_iter().map(state));
        let mut with = Merge {
            room: 100,
            // Whatever is left is worth enough for nothing to be hopeless.
            after: Open {
                more: 1.0,
                less: 1.0,
            },
            best: &mut best,
            found: &mut found,
            log: &mut log,
            change: 0,
            shift: core(&[shift]).changes[0],
        };
        let (kept, states): (Vec<_>, Vec<_>) = (kept.collect(), states.collect());
        merge(&mut with, &kept, &states, &mut into);
        assert_eq!(points(&into), left, "{label}");
    }
}

const NOTHING: Open = Open {
    more: 0.0,
    less: 0.0,
};

/// What is left of states when so many are kept, where nothing is open: what they promise is what they gain.
fn kept(states: &[(i64, f64)], room: i64, width: usize, step: i64) -> Vec<(i64, f64)> {
    let mut states: Vec<State> = states.iter().copied().map(state).collect();
    narrow(&mut states, room, NOTHING, width, step);
    points(&states)
}

/// At any scale of gains, and wherever they start.
#[test]
fn the_states_of_most_promise_are_kept_in_order_of_cost() {
    for scale in [-20, 0, 20] {
        for start in [0.0, 1.0, 8192.0] {
            let unit = libm::exp2(f64::from(scale)) / 128.0;
            // A permutation of 129 levels, 67 being prime to that.
            let gain = |at: i64| unit * (cast::f64_of_i64(at * 67 % 129) + start);
            let states: Vec<(i64, f64)> = (0..129).map(|at| (at, gain(at))).collect();
            let least = unit * (119.0 + start);
            let best = states.iter().copied().filter(|state| state.1 >= least);
            assert_eq!(
                kept(&states, 500, 10, 50),
                best.collect::<Vec<_>>(),
                "{scale} {start}"
            );
        }
    }
}

/// Gains are told apart by the 1024th part of their range: 8 of 8192. Within that the nearer to the room is kept.
#[test]
fn among_states_of_like_promise_those_nearer_to_the_room_by_a_step_are_kept() {
    for start in [0.0, 8192.0] {
        let states = [(50, start), (69, start + 8192.0), (95, start + 8191.0)];
        assert_eq!(
            kept(&states, 100, 1, 10),
            [(95, start + 8191.0)],
            "from {start}"
        );
        // More than a level more is worth the way.
        let states = [(50, start), (69, start + 8192.0), (95, start + 8180.0)];
        assert_eq!(
            kept(&states, 100, 1, 10),
            [(69, start + 8192.0)],
            "from {start}"
        );
    }
}

/// A hundred states within one step of the room, of which ten are kept: some of every fifth of the step.
#[test]
fn states_within_a_step_of_the_room_are_spread_over_it() {
    let states: Vec<(i64, f64)> = (901..=1_000).map(|cost| (cost, 1.0)).collect();
    let kept = kept(&states, 1_000, 10, 100);
    assert_eq!(kept.len(), 10);
    for fifth in 0..5 {
        let costs = 901 + 20 * fifth..921 + 20 * fifth;
        assert!(
            kept.iter().any(|(cost, _)| costs.contains(cost)),
            "{kept:?}"
        );
    }
}

#[test]
fn neighbouring_costs_are_scattered_and_none_are_mixed_up() {
    for from in [-500, 0, 1 << 40] {
        let mut hashes: Vec<u64> = (from..from + 1_000).map(spread).collect();
        for sixteen in hashes.chunks(16).filter(|chunk| chunk.len() == 16) {
            let high = sixteen.iter().filter(|hash| **hash >> 63 == 1).count();
            assert!((4..=12).contains(&high), "{high} of 16 from {from}");
        }
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 1_000);
    }
}
