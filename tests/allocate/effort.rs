//! What a search may take, and what it must still show: problems on which it once went on for minutes.

use std::ops::ControlFlow;

use sortie::allocate::{
    Activity, Group, MenuOption, Objective, Options, Problem, Status, Unclosed, Verdict, solve,
    solve_with, verify,
};
use sortie::money::Currency;
use sortie::numeric::Draws;

use crate::generate::{Dice, Mix, build};
use crate::make::{id, money};

/// Steps of 0.05 and costs of 18,879.00 leave 0.02 of any budget like this; a budget of whole steps has no gap.
const WHOLE_STEPS: &str = r#"{"schema":"sortie/problem/1","currency":"USD","budget":"173678.57","resources":[{"id":"r0","limit":"26.938996"},{"id":"r1","limit":"23.080214"}],"activities":[{"id":"ä0","menu":[{"id":"o0","cost":"18879.00","value":4.233214821561044,"uses":{}}]},{"id":"a2","menu":[{"id":"o0","cost":"18879.00","value":4.233214821561044,"uses":{}}]},{"id":"客6","response":{"adbudg":{"scale":7.623872851777879,"exponent":1.0,"half":137762.9943434619}},"step":"0.05","cap":"107237.95","uses_per_unit":{"r0":"0.000012","r1":"0.000000"}},{"id":"B4","menu":[{"id":"o0","cost":"18879.00","value":4.233214821561044,"uses":{}}]},{"id":"B1","menu":[{"id":"o0","cost":"18879.00","value":4.233214821561044,"uses":{}}]},{"id":"客3","menu":[{"id":"o0","cost":"18879.00","value":4.233214821561044,"uses":{}}]},{"id":"a5","response":{"adbudg":{"scale":7.623872851777879,"exponent":1.0,"half":137762.9943434619}},"step":"0.05","cap":"107237.95","uses_per_unit":{"r0":"0.000012","r1":"0.000000"}},{"id":"z7","response":{"adbudg":{"scale":7.623872851777879,"exponent":1.0,"half":137762.9943434619}},"step":"0.05","cap":"107237.95","uses_per_unit":{"r0":"0.000012","r1":"0.000000"}}],"groups":[{"id":"g0","members":["B4","ä0","客3","a2","a5","B1","客6","z7"],"cap":"313848.64"}]}"#;

/// Steps of 0.003 under a cap: the last step leaves 4e-13 between the prices and the best answer, for ever.
const LAST_STEP: &str = r#"{"schema":"sortie/problem/1","currency":"KWD","budget":"76212.349","activities":[{"id":"客3","response":{"adbudg":{"scale":24.931683440619484,"exponent":1.0,"half":6495.944324387974}},"step":"0.003","minimum_if_any":"4052.052"},{"id":"客6","response":{"adbudg":{"scale":24.931683440619484,"exponent":1.0,"half":6495.944324387974}},"step":"0.003","minimum_if_any":"4052.052"},{"id":"B2","response":{"adbudg":{"scale":24.931683440619484,"exponent":1.0,"half":6495.944324387974}},"step":"0.003","minimum_if_any":"4052.052"},{"id":"z0","response":{"power":{"scale":0.17238027307760562,"exponent":0.99}},"cap":"16137.482"},{"id":"z5","response":{"adbudg":{"scale":24.931683440619484,"exponent":1.0,"half":6495.944324387974}},"step":"0.003","minimum_if_any":"4052.052"},{"id":"z4","response":{"adbudg":{"scale":24.931683440619484,"exponent":1.0,"half":6495.944324387974}},"step":"0.003","minimum_if_any":"4052.052"},{"id":"B1","response":{"power":{"scale":0.17238027307760562,"exponent":0.99}},"cap":"16137.482"}],"groups":[{"id":"g0","members":["客3","B1","z0","客6"],"cap":"23368.303","floor":"11479.538"}]}"#;

/// Cents of nine curves under three resources: the gap is that of the cents, and no search closes it.
const CENTS: &str = r#"{"schema":"sortie/problem/1","currency":"USD","budget":"45.99","resources":[{"id":"r0","limit":"34.613717"},{"id":"r1","limit":"6.494861"},{"id":"r2","limit":"10.411903"}],"activities":[{"id":"客3","response":{"adbudg":{"scale":54216781360.13607,"exponent":1.0,"half":13.762622327041028}},"cap":"0.83","minimum_if_any":"0.77","uses_per_unit":{"r0":"0.000122","r1":"0.091412"}},{"id":"B4","response":{"adbudg":{"scale":54216781360.13607,"exponent":1.0,"half":13.762622327041028}},"cap":"0.83","minimum_if_any":"0.77","uses_per_unit":{"r0":"0.000122","r1":"0.091412"}},{"id":"B0","response":{"power":{"scale":4680223357.709377,"exponent":0.1}},"minimum_if_any":"1.49"},{"id":"B1","menu":[{"id":"o1","cost":"2.23","value":81935332411.90228,"uses":{"r0":"4.000000","r1":"6.000000","r2":"4.216977"}},{"id":"o0","cost":"0.00","value":62443493006.39834},{"id":"o2","cost":"2.36","value":26345983797.991337}]},{"id":"a8","response":{"logarithmic":{"scale":6389335966.447935,"half":3.5092270182521688}},"uses_per_unit":{"r0":"0.018208","r1":"0.020975","r2":"0.047714"}},{"id":"z2","menu":[{"id":"o1","cost":"2.23","value":81935332411.90228,"uses":{"r0":"4.000000","r1":"6.000000","r2":"4.216977"}},{"id":"o0","cost":"0.00","value":62443493006.39834},{"id":"o2","cost":"2.36","value":26345983797.991337}]},{"id":"ä6","response":{"logarithmic":{"scale":6389335966.447935,"half":3.5092270182521688}},"uses_per_unit":{"r0":"0.018208","r1":"0.020975","r2":"0.047714"}},{"id":"B5","response":{"logarithmic":{"scale":6389335966.447935,"half":3.5092270182521688}},"uses_per_unit":{"r0":"0.018208","r1":"0.020975","r2":"0.047714"}},{"id":"a7","response":{"logarithmic":{"scale":6389335966.447935,"half":3.5092270182521688}},"uses_per_unit":{"r0":"0.018208","r1":"0.020975","r2":"0.047714"}}],"groups":[{"id":"g0","members":["B0","a8","客3"],"cap":"14.82"},{"id":"g1","members":["B1","B5"]}]}"#;

/// Five curves in quarters under two resources: thirty million sets of changes are listed before the proof is found.
const QUARTERS: &str = r#"{"schema":"sortie/problem/1","currency":"USD","budget":"407.75","resources":[{"id":"r0","limit":"261.958691"},{"id":"r1","limit":"652.660804"}],"activities":[{"id":"a0","response":{"power":{"scale":2.7583595458163552,"exponent":0.8619255065917969}},"floor":"0.00","step":"0.25","uses_per_unit":{"r0":"1","r1":"1"}},{"id":"a1","response":{"piecewise_linear":{"points":[[0.0,7.200531005859375],[65.653076171875,74.99742093551171]]}},"floor":"36.25","cap":"144.50","step":"0.25","uses_per_unit":{"r0":"1","r1":"1"}},{"id":"a2","response":{"adbudg":{"scale":370.3240966796875,"exponent":1.0,"half":105.15655517578124}},"floor":"0.00","step":"0.25","uses_per_unit":{"r0":"2","r1":"1"}},{"id":"a3","response":{"modified_exponential":{"scale":78.702392578125,"rate":0.09853291829427084}},"floor":"0.00","cap":"46.75","step":"0.25","uses_per_unit":{"r0":"2","r1":"0"}},{"id":"a4","response":{"logarithmic":{"scale":270.140380859375,"half":799.373779296875}},"floor":"0.00","cap":"161.00","step":"0.25","uses_per_unit":{"r0":"0","r1":"3"}}]}"#;

#[test]
fn limits_are_read_in_whole_steps() {
    let problem: Problem = serde_json::from_str(WHOLE_STEPS).unwrap();
    let answer = solve(&problem).unwrap();
    assert_eq!(answer.status(), Status::Optimal);
    assert_eq!(verify(&problem, &answer), Ok(Verdict::Proved));
}

#[test]
fn a_gap_below_the_accuracy_of_evaluation_is_closed() {
    let problem: Problem = serde_json::from_str(LAST_STEP).unwrap();
    let mut nodes = 0;
    let answer = solve_with(&problem, Options::default(), |_| {
        nodes += 1;
        ControlFlow::Continue(())
    });
    let answer = answer.unwrap();
    assert_eq!(answer.status(), Status::Optimal);
    assert_eq!(verify(&problem, &answer), Ok(Verdict::Proved));
    assert!(nodes < 1_000, "{nodes} nodes");
}

#[test]
fn a_search_ends_by_its_work() {
    let problem: Problem = serde_json::from_str(CENTS).unwrap();
    let mut nodes = 0;
    let answer = solve_with(&problem, Options::default(), |_| {
        nodes += 1;
        ControlFlow::Continue(())
    });
    let answer = answer.unwrap();
    assert!(nodes < 20_000, "{nodes} nodes");
    assert!(answer.gap() <= 1e-5 * answer.value(), "{}", answer.gap());
}

/// Whoever waits for a long listing is asked whether to go on, and can end it.
#[test]
fn a_long_listing_can_be_stopped() {
    let problem: Problem = serde_json::from_str(QUARTERS).unwrap();
    let mut told = Vec::new();
    let answer = solve_with(&problem, Options::default(), |progress| {
        told.push((progress.value, progress.bound));
        if told.len() < 3 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let answer = answer.unwrap();
    assert_eq!(told.len(), 3);
    let because = Unclosed::Stopped;
    assert_eq!(answer.status(), Status::Bounded { because });
    assert_eq!(told[2].0, Some(answer.value()));
    assert!(told[2].1 < told[0].1 && answer.bound() <= told[2].1);
    assert!(verify(&problem, &answer).is_ok());
}

/// Menus of up to eight options in groups of `each`, whose caps leave a few of them.
fn grouped(groups: u64, each: u64) -> Problem {
    let mut nodes = Vec::new();
    let mut activities = Vec::new();
    for group in 0..groups {
        let mut draw = Draws::new(7).stream(&[group]);
        let mut members = Vec::new();
        for member in 0..each {
            let options = (0..=draw.below(8)).map(|option| {
                let cost = money(1 + draw.below(4_000));
                MenuOption::new(id(&format!("o{option}")), cost, 100.0 * draw.uniform())
            });
            let name = id(&format!("a{group}-{member}"));
            activities.push(Activity::menu(name.clone(), options.collect()));
            members.push(name);
        }
        let cap = money(each * (400 + draw.below(800)));
        let node = Group::new(id(&format!("g{group}")))
            .with_cap(cap)
            .with_members(members);
        nodes.push(node);
    }
    let budget = Objective::Budget(money(groups * each * 700));
    Problem::new(
        Currency::from_code("USD").unwrap(),
        budget,
        vec![],
        activities,
        nodes,
    )
    .unwrap()
}

/// Three hundred rows are no more trouble than three: each group becomes one menu.
#[test]
fn many_groups_are_proved() {
    for (groups, each) in [(300, 3), (40, 20), (4, 200)] {
        let problem = grouped(groups, each);
        let mut turns = 0;
        let answer = solve_with(&problem, Options::default(), |_| {
            turns += 1;
            ControlFlow::Continue(())
        });
        let answer = answer.unwrap();
        assert!(turns <= 40, "{turns} turns");
        assert_eq!(answer.status(), Status::Optimal, "{groups} of {each}");
        assert!(verify(&problem, &answer).is_ok());
    }
}

/// However early it ends, a search states bounds that hold, the best answer that it saw, and nearer bounds for more work.
#[test]
fn groups_cut_short_are_bounded() {
    for (groups, each) in [(300, 3), (40, 20), (12, 40)] {
        let problem = grouped(groups, each);
        let best = solve(&problem).unwrap();
        assert_eq!(best.status(), Status::Optimal);
        let mut gaps = Vec::new();
        for nodes in [100, 1_000, 10_000, 100_000] {
            let options = Options::default().with_nodes_most(nodes);
            let answer = solve_with(&problem, options, |_| ControlFlow::Continue(())).unwrap();
            let accuracy = 1e-12 * best.value();
            assert!(answer.value() <= best.value() + accuracy, "{nodes} nodes");
            assert!(answer.bound() >= best.value() - accuracy, "{nodes} nodes");
            assert!(verify(&problem, &answer).is_ok(), "{nodes} nodes");
            gaps.push(answer.gap() / best.value());
        }
        assert!(gaps[0] > 1e-6 && gaps[3] < 1e-12, "{gaps:?}");
    }
}

/// The least spend that is worth nine tenths of the best costs many such searches, and is proved too.
#[test]
fn targets_of_many_groups_are_proved() {
    let problem = grouped(60, 3);
    let most = solve(&problem).unwrap();
    let target = 0.9 * most.value();
    let aim = problem.with_objective(Objective::Target(target)).unwrap();
    let least = solve(&aim).unwrap();
    assert_eq!(least.status(), Status::Optimal);
    assert!(least.value() >= target && least.spent().minor() < most.spent().minor());
    // A cent less is worth less.
    let spent = u64::try_from(least.spent().minor()).unwrap();
    let short = problem
        .with_objective(Objective::Budget(money(spent - 1)))
        .unwrap();
    assert!(solve(&short).unwrap().value() < target);
}

/// Nodes of the searches of so many problems of a mix, and those that were looked at after the answer was known: for
/// the leaves of its proof, and at the budgets that a target rules out.
fn nodes_of(mix: Mix, seeds: u64) -> (u64, u64) {
    let (mut open, mut closed) = (0, 0);
    for seed in 0..seeds {
        let mut stream = Draws::new(0xef).stream(&[seed]);
        let rolls: Vec<u16> = (0..160)
            .map(|_| u16::try_from(stream.below(1 << 16)).unwrap())
            .collect();
        let problem: Problem =
            serde_json::from_str(&build(&mut Dice::new(&rolls), mix).text()).unwrap();
        let _ = solve_with(&problem, Options::default(), |progress| {
            let value = progress.value.unwrap_or(f64::NEG_INFINITY);
            if progress.bound - value > 1e-12 * value.abs() {
                open += 1;
            } else {
                closed += 1;
            }
            ControlFlow::Continue(())
        });
    }
    (open, closed)
}

/// Prices, rounding and the order of branching only save work. So little is needed while they do: about a tenth less
/// than what is allowed here. Curves under money alone are split where their returns begin to fall, which takes a few more
/// nodes than a cut at the mean on problems as small as these, and far fewer on a thousand curves.
#[test]
fn small_problems_need_few_nodes() {
    for (what, mix, most) in [
        ("menus with resources", Mix::MENU_RESOURCES, (116, 570)),
        ("menus in a tree", Mix::MENU_TREE, (39, 442)),
        ("s-curves", Mix::S_CURVES, (48, 24)),
        ("minimums", Mix::MINIMUMS, (165, 0)),
        ("unequal steps", Mix::STEPS, (98, 334)),
        ("resources", Mix::RESOURCES, (37, 112)),
        ("everything", Mix::EVERYTHING, (46, 546)),
        ("targets of menus", Mix::MENUS.with_target(), (5, 895)),
        (
            "targets of everything",
            Mix::EVERYTHING.with_target(),
            (93, 741),
        ),
    ] {
        let (open, closed) = nodes_of(mix, 600);
        let few = open <= most.0 && closed <= most.1;
        assert!(
            few,
            "{open} and {closed} nodes for {what}, more than {most:?}"
        );
    }
}

/// Where one value is large and another decides, leaves are shown by differences from the answer: in sums of all that is
/// taken what decides would drown.
#[test]
fn a_proof_beside_what_is_worth_billions_takes_few_leaves() {
    let text = r#"{"activities":[{"id":"m","menu":[{"cost":"300","id":"call","value":0.01},{"cost":"0","id":"visit","uses":{"hours":"1.000000"},"value":0.7}]},{"cap":"400","id":"b","minimum_if_any":"200","response":{"logarithmic":{"half":3.0,"scale":1000000000.0}},"uses_per_unit":{"hours":"3.000000"}}],"budget":"400","currency":"JPY","groups":[{"floor":"400","id":"north","members":["b"]},{"cap":"300","id":"company","members":["m"],"parent":"north"}],"resources":[{"id":"hours","limit":"1200.000000"}],"schema":"sortie/problem/1"}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    let answer = solve(&problem).unwrap();
    assert_eq!(verify(&problem, &answer), Ok(Verdict::Proved));
    let leaves = answer.certificate().leaves.len();
    assert!((1..=4).contains(&leaves), "{leaves}");
}
