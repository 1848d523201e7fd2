//! Problems that were once answered wrongly, or proved by the search and not by the checker. Each is small enough that
//! brute force gave the figure.

use sortie::allocate::{AllocateError, Problem, Status, Verdict, solve, verify};

/// What, the best value or the least spend, and the document.
const BUDGETS: &[(&str, f64, &str)] = &[
    (
        "values that cancel to nothing",
        0.0,
        r#"{"activities":[{"cap":"0.03","id":"m","response":{"piecewise_linear":{"points":[[0.0,-1.0],[0.06,1.0],[0.12,1.0]]}},"step":"0.03"},{"cap":"0.00","id":"b","response":{"modified_exponential":{"rate":10.0,"scale":1.0}},"step":"0.03"},{"id":"Z","response":{"piecewise_linear":{"points":[[0.0,0.0],[0.06,1.65],[0.12,1.65]]}},"step":"0.03"},{"cap":"0.00","id":"ä","response":{"piecewise_linear":{"points":[[0.0,0.0],[0.08,10.0],[0.16,15.0]]}},"step":"0.04"}],"budget":"0.04","currency":"USD","schema":"sortie/problem/1"}"#,
    ),
    (
        "a power curve that others' needs shut out",
        0.01,
        r#"{"activities":[{"cap":"0.000","id":"m","response":{"modified_exponential":{"rate":150.0,"scale":10.0}},"step":"0.002"},{"id":"b","menu":[{"cost":"0.000","id":"call","uses":{"hours":"4.000000"},"value":0.01},{"cost":"0.006","id":"visit","uses":{"hours":"2.000000"},"value":0.0}],"required":true},{"id":"Z","minimum_if_any":"0.008","response":{"modified_exponential":{"rate":5.0,"scale":1000000000.0}},"step":"0.002"},{"id":"ä","menu":[{"cost":"0.000","id":"call","uses":{"hours":"1.000000"},"value":0.0},{"cost":"0.000","id":"visit","value":0.01}]}],"budget":"0.008","currency":"BHD","groups":[{"cap":"0.006","floor":"0.002","id":"north","members":["b","ä"]},{"cap":"0.001","id":"company"}],"resources":[{"id":"hours","limit":"15.000000"}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "floors that leave no room for a step worth a billion",
        9.091_817_793_182_821,
        r#"{"activities":[{"cap":"2","floor":"2","id":"m","response":{"adbudg":{"exponent":1.0,"half":6.0,"scale":10.0}},"step":"2"},{"floor":"1","id":"b","response":{"adbudg":{"exponent":1.0,"half":3.0,"scale":10.0}}},{"id":"Z","response":{"modified_exponential":{"rate":0.15,"scale":1000000000.0}},"step":"2"},{"cap":"2","floor":"2","id":"ä","response":{"modified_exponential":{"rate":0.15,"scale":10.0}},"step":"2"}],"budget":"6","currency":"JPY","schema":"sortie/problem/1"}"#,
    ),
    (
        "values that cancel to nothing",
        0.0,
        r#"{"activities":[{"id":"m","response":{"modified_exponential":{"rate":1.0,"scale":10.0}}},{"id":"b","response":{"piecewise_linear":{"points":[[0.0,-1.0],[0.01,-1.0],[0.03,1.0]]}}},{"cap":"0.01","id":"Z","response":{"piecewise_linear":{"points":[[0.0,-1.0],[0.015,0.125],[0.035,0.125]]}}}],"budget":"0.03","currency":"USD","schema":"sortie/problem/1"}"#,
    ),
    (
        "values that cancel to next to nothing",
        1.584_893_192_461_11e-8,
        r#"{"activities":[{"id":"m","response":{"power":{"exponent":0.9,"scale":1e-6}}},{"id":"b","response":{"modified_exponential":{"rate":9000.0,"scale":1.0}}},{"cap":"0.04","id":"Z","response":{"piecewise_linear":{"points":[[0.0,-1.0],[0.08,-0.999996],[0.12,-0.999996]]}},"step":"0.02"}],"budget":"0.02","currency":"USD","schema":"sortie/problem/1"}"#,
    ),
    (
        "two that exclude each other by different limits",
        5.825,
        r#"{"activities":[{"id":"m","response":{"power":{"exponent":0.5,"scale":1000000000.0}},"step":"4","uses_per_unit":{"hours":"2.000000"}},{"id":"b","menu":[{"cost":"1","id":"call","value":0.01},{"cost":"0","id":"visit","value":-2.8},{"cost":"3","id":"trial","value":0.01},{"cost":"1","id":"board","value":3.0}]},{"id":"Z","menu":[{"cost":"0","id":"call","uses":{"hours":"1.000000"},"value":0.15},{"cost":"3","id":"visit","value":2.0},{"cost":"0","id":"trial","uses":{"hours":"2.000000"},"value":2.0},{"cost":"5","id":"board","value":0.01}],"required":true},{"cap":"2","id":"ä","response":{"piecewise_linear":{"points":[[0.0,0.0],[4.0,1.65]]}},"step":"2"}],"budget":"4","currency":"JPY","resources":[{"id":"hours","limit":"8.000000"}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "least spends of which one shuts out the others",
        8.472_978_603_872_036,
        r#"{"activities":[{"id":"m","minimum_if_any":"2","response":{"adbudg":{"exponent":1.0,"half":3.0,"scale":10.0}}},{"cap":"4","id":"b","minimum_if_any":"4","response":{"logarithmic":{"half":3.0,"scale":10.0}}},{"id":"Z","minimum_if_any":"3","response":{"piecewise_linear":{"points":[[0.0,0.0],[1.5,3.7125],[3.5,3.7125]]}}}],"budget":"5","currency":"JPY","schema":"sortie/problem/1"}"#,
    ),
    (
        "a menu with a hole where the root dropped an option",
        5.01,
        r#"{"activities":[{"id":"m","menu":[{"cost":"3","id":"call","value":5.0},{"cost":"0","id":"visit","value":0.01}]},{"id":"b","menu":[{"cost":"5","id":"call","value":0.01},{"cost":"3","id":"visit","value":5.0},{"cost":"2","id":"trial","value":-2.8}]}],"budget":"4","currency":"JPY","resources":[{"id":"hours","limit":"1.000000"}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "a part without room, closed before there was an answer",
        2.754_513_668_868_764,
        r#"{"schema":"sortie/problem/1","currency":"JPY","budget":"6","resources":[{"id":"hours","limit":"12"},{"id":"exposure","limit":"1"}],"activities":[{"id":"m","response":{"modified_exponential":{"scale":3.3,"rate":0.3}},"uses_per_unit":{"hours":"0.666666"}},{"id":"b","response":{"modified_exponential":{"scale":1000000000.0,"rate":0.09999999999999999}},"step":"3","uses_per_unit":{"hours":"4"}}],"groups":[{"id":"company","floor":"5","cap":"6","members":["m","b"]}]}"#,
    ),
    (
        "a millionth beside values that cancel",
        1.999_999_999_917_733e-6,
        r#"{"activities":[{"cap":"0.04","id":"b","response":{"piecewise_linear":{"points":[[0.0,-1.0],[0.04,-0.999998],[0.08,-0.9999965000000001],[0.12,-0.9999955]]}},"step":"0.02"},{"cap":"0.02","id":"Z","response":{"modified_exponential":{"rate":100.0,"scale":1e-6}},"step":"0.02"},{"floor":"0.02","id":"ä","response":{"modified_exponential":{"rate":4500.0,"scale":1.0}},"step":"0.02"},{"cap":"0.01","floor":"0.01","id":"m","response":{"modified_exponential":{"rate":9000.0,"scale":1e-6}}}],"budget":"0.06","currency":"USD","schema":"sortie/problem/1"}"#,
    ),
    (
        "a millionth that hours decide, beside values that cancel",
        2.009_950_166_308_343_4e-6,
        r#"{"activities":[{"id":"ä","response":{"piecewise_linear":{"points":[[0.0,-1.0],[0.04,-0.999996]]}},"uses_per_unit":{"hours":"400.000000"}},{"id":"m","response":{"modified_exponential":{"rate":1.0,"scale":1e-6}}},{"cap":"0.01","id":"b","response":{"power":{"exponent":0.5,"scale":10.0}},"uses_per_unit":{"hours":"200.000000"}}],"budget":"0.04","currency":"USD","resources":[{"id":"hours","limit":"12.000000"}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "an option of no weight, out of hours beside what is worth a billion",
        847_297_860.387_203_6,
        r#"{"activities":[{"id":"m","menu":[{"cost":"3","id":"call","uses":{"exposure":"0.000000","hours":"0.000000"},"value":0.01},{"cost":"0","id":"visit","uses":{"exposure":"0.000000","hours":"1.000000"},"value":0.7}]},{"cap":"4","id":"b","minimum_if_any":"2","response":{"logarithmic":{"half":3.0,"scale":1000000000.0}},"uses_per_unit":{"exposure":"0.000000","hours":"3.000000"}}],"budget":"4","currency":"JPY","groups":[{"floor":"4","id":"north","members":["b"]},{"cap":"3","id":"company","members":["m"],"parent":"north"},{"cap":"1","id":"Areas","parent":"north"}],"resources":[{"id":"hours","limit":"12.000000"},{"id":"exposure","limit":"1.000000"}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "ones that cancel to nothing, and a step that adds next to nothing",
        0.0,
        r#"{"activities":[{"cap":"0","id":"m","response":{"modified_exponential":{"rate":0.15,"scale":10.0}},"step":"2"},{"cap":"0","id":"b","response":{"modified_exponential":{"rate":0.09999999999999999,"scale":10.0}},"step":"3"},{"cap":"2","id":"Z","response":{"modified_exponential":{"rate":90.0,"scale":1.0}}},{"id":"ä","response":{"piecewise_linear":{"points":[[0.0,-1.0],[4.0,0.0]]}},"step":"2"}],"budget":"2","currency":"JPY","schema":"sortie/problem/1"}"#,
    ),
    (
        "a part without room whose leaf needs a price of its own",
        11.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"0","id":"call","uses":{"exposure":"0.000000"},"value":0.01},{"cost":"3","id":"visit","value":0.01},{"cost":"4","id":"trial","uses":{"exposure":"1.000000","hours":"0.000000"},"value":4.0},{"cost":"0","id":"board","uses":{"exposure":"4.000000","hours":"0.000000"},"value":4.0}]},{"cap":"2","id":"b","response":{"modified_exponential":{"rate":0.15,"scale":3.3}},"step":"2","uses_per_unit":{"exposure":"1.000000","hours":"0.000000"}},{"id":"Z","menu":[{"cost":"5","id":"call","uses":{"exposure":"2.000000"},"value":7.0},{"cost":"0","id":"visit","uses":{"exposure":"0.000000"},"value":0.0},{"cost":"1","id":"trial","uses":{"exposure":"0.000000","hours":"0.000000"},"value":0.01}]}],"budget":"9","currency":"JPY","groups":[{"id":"north","members":["m","b","Z"]}],"resources":[{"id":"hours","limit":"1.000000"},{"id":"exposure","limit":"5.000000"}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "a floor whose price must stay where the proof has it",
        18.492_801_013_787_72,
        r#"{"activities":[{"id":"m","response":{"adbudg":{"exponent":3.0,"half":8.0,"scale":10.0}}},{"id":"b","response":{"adbudg":{"exponent":15.0,"half":3.0,"scale":10.0}}},{"id":"Z","response":{"adbudg":{"exponent":3.0,"half":1.0,"scale":10.0}}},{"id":"ä","minimum_if_any":"1","response":{"modified_exponential":{"rate":2.0,"scale":10.0}}}],"budget":"5","currency":"JPY","groups":[{"id":"north"},{"floor":"4","id":"company","members":["m","Z"]}],"schema":"sortie/problem/1"}"#,
    ),
    (
        "steps worth little that a floor keeps from what is worth a billion",
        22.378_544_910_455_95,
        r#"{"activities":[{"id":"m","response":{"modified_exponential":{"rate":0.3,"scale":1000000000.0}}},{"cap":"0","id":"b","response":{"modified_exponential":{"rate":0.3,"scale":10.0}}},{"cap":"2","id":"Z","response":{"piecewise_linear":{"points":[[0.0,0.0],[1.5,15.0],[3.5,30.0],[5.5,40.0]]}}},{"cap":"2","id":"ä","response":{"modified_exponential":{"rate":0.3,"scale":14.0}}}],"budget":"3","currency":"JPY","groups":[{"cap":"5","floor":"3","id":"north","members":["b","Z"]},{"cap":"2","floor":"1","id":"company","members":["ä"],"parent":"north"}],"schema":"sortie/problem/1"}"#,
    ),
];

const TARGETS: &[(&str, f64, &str)] = &[
    (
        "a part without room beside what is worth a billion",
        9.0,
        r#"{"activities":[{"cap":"0","id":"m","response":{"piecewise_linear":{"points":[[0.0,0.0],[4.0,0.0],[8.0,0.0],[12.0,0.0]]}},"step":"2","uses_per_unit":{"exposure":"0.000000","hours":"0.000000"}},{"cap":"12","id":"b","response":{"piecewise_linear":{"points":[[0.0,0.0],[4.0,1500000000.0],[8.0,1500000000.0],[12.0,1500000000.0]]}},"step":"2","uses_per_unit":{"exposure":"0.000000","hours":"4.000000"}},{"id":"Z","menu":[{"cost":"6","id":"call","uses":{"exposure":"0.000000","hours":"3.000000"},"value":8.0},{"cost":"7","id":"visit","uses":{"exposure":"0.000000"},"value":0.01}]},{"cap":"8","id":"ä","minimum_if_any":"8","response":{"piecewise_linear":{"points":[[0.0,0.0],[8.0,0.0]]}},"step":"4"}],"currency":"JPY","groups":[{"id":"north","members":["m"]},{"floor":"1","id":"company","members":["Z","ä"]}],"resources":[{"id":"hours","limit":"9.000000"},{"id":"exposure","limit":"1.000000"}],"schema":"sortie/problem/1","target":25.0}"#,
    ),
    (
        "a floor with a price, and no cap and no budget beside it",
        9.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"2","id":"call","uses":{"exposure":"3.000000","hours":"0.000000"},"value":4.0},{"cost":"6","id":"visit","value":8.0}]},{"cap":"6","id":"b","response":{"power":{"exponent":0.9,"scale":7.77}},"uses_per_unit":{"exposure":"4.000000","hours":"0.000000"}}],"currency":"JPY","groups":[{"floor":"6","id":"north","members":["m","b"]},{"cap":"1","id":"company","parent":"north"}],"resources":[{"id":"hours","limit":"1.000000"},{"id":"exposure","limit":"16.000000"}],"schema":"sortie/problem/1","target":23.0}"#,
    ),
    (
        "an option that no hours allow, of an odd cost",
        8.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"4","id":"call","uses":{"exposure":"0.000000"},"value":-2.8},{"cost":"0","id":"visit","uses":{"exposure":"0.000000","hours":"0.000000"},"value":0.01}]},{"cap":"4","id":"b","minimum_if_any":"4","response":{"modified_exponential":{"rate":0.075,"scale":10.0}},"step":"4","uses_per_unit":{"exposure":"0.000000"}},{"id":"Z","menu":[{"cost":"6","id":"call","value":4.0},{"cost":"0","id":"visit","uses":{"hours":"0.000000"},"value":0.01},{"cost":"7","id":"trial","uses":{"exposure":"0.000000","hours":"1.000000"},"value":0.01}]},{"cap":"24","id":"ä","response":{"piecewise_linear":{"points":[[0.0,0.0],[8.0,12.5]]}},"step":"4","uses_per_unit":{"exposure":"0.666666"}}],"currency":"JPY","groups":[{"id":"north","members":["m","b","Z","ä"]}],"resources":[{"id":"hours","limit":"0.142857"},{"id":"exposure","limit":"3.000000"}],"schema":"sortie/problem/1","target":6.29}"#,
    ),
    (
        "a dear option that a smaller budget hides",
        4.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"3","id":"call","value":4.0}]},{"id":"b","menu":[{"cost":"1","id":"call","value":4.0},{"cost":"4","id":"visit","value":6.0},{"cost":"0","id":"trial","value":-2.8}]},{"id":"Z","menu":[{"cost":"0","id":"call","value":0.01},{"cost":"0","id":"visit","value":8.0},{"cost":"0","id":"trial","value":0.01}]},{"id":"ä","menu":[{"cost":"3","id":"call","value":0.01},{"cost":"2","id":"visit","value":0.01}]}],"currency":"JPY","schema":"sortie/problem/1","target":13.0}"#,
    ),
    (
        "a floor that whole steps overshoot",
        4.0,
        r#"{"activities":[{"cap":"12","id":"m","response":{"modified_exponential":{"rate":0.15,"scale":1000000000.0}},"step":"2","uses_per_unit":{"exposure":"0.000000"}}],"currency":"JPY","groups":[{"cap":"0","id":"north"},{"cap":"4","floor":"3","id":"company","members":["m"]}],"resources":[{"id":"exposure","limit":"1.000000"}],"schema":"sortie/problem/1","target":0.0}"#,
    ),
    (
        "two floors that whole steps overshoot",
        12.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"0","id":"call","value":0.01},{"cost":"6","id":"visit","value":3.0},{"cost":"1","id":"trial","value":0.01},{"cost":"6","id":"board","value":0.01}]},{"cap":"18","id":"b","response":{"piecewise_linear":{"points":[[0.0,0.0],[6.0,0.0],[12.0,0.0],[18.0,0.0]]}},"step":"3"},{"cap":"18","id":"Z","response":{"modified_exponential":{"rate":0.09999999999999999,"scale":10.0}},"step":"3"}],"currency":"JPY","groups":[{"cap":"6","floor":"4","id":"north","members":["b","Z"]},{"floor":"4","id":"company","members":["m"]}],"resources":[{"id":"hours","limit":"1.000000"}],"schema":"sortie/problem/1","target":0.0}"#,
    ),
    (
        "a resource that shuts out the cheap options",
        5.0,
        r#"{"activities":[{"id":"b","menu":[{"cost":"1","id":"call","value":3.0},{"cost":"0","id":"visit","uses":{"hours":"3.000000"},"value":0.01},{"cost":"0","id":"trial","uses":{"hours":"3.000000"},"value":2.0}],"required":true},{"cap":"6","id":"Z","minimum_if_any":"1","response":{"piecewise_linear":{"points":[[0.0,0.0],[2.0,0.0]]}}},{"id":"ä","menu":[{"cost":"4","id":"call","value":6.0}]}],"currency":"JPY","groups":[{"cap":"4","floor":"1","id":"north","members":["ä"]},{"cap":"1","id":"company","parent":"north"}],"resources":[{"id":"hours","limit":"1.000000"}],"schema":"sortie/problem/1","target":0.0}"#,
    ),
    (
        "a bound between budgets that no price closes",
        7.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"0","id":"call","value":-2.8},{"cost":"1","id":"visit","value":3.0},{"cost":"1","id":"trial","value":0.01}]},{"id":"b","menu":[{"cost":"0","id":"call","value":0.0},{"cost":"0","id":"visit","value":2.0},{"cost":"3","id":"board","value":6.0}]},{"cap":"12","id":"Z","minimum_if_any":"8","response":{"piecewise_linear":{"points":[[0.0,0.0],[4.0,10.0],[8.0,10.0]]}},"step":"2"},{"id":"ä","menu":[{"cost":"3","id":"call","uses":{"hours":"2.000000"},"value":4.0}],"required":true}],"currency":"JPY","groups":[{"floor":"4","id":"north","members":["b","Z","ä"]}],"resources":[{"id":"hours","limit":"6.000000"}],"schema":"sortie/problem/1","target":12.209999999999999}"#,
    ),
    (
        "a target missed by a hair beside a step worth a billion",
        8.0,
        r#"{"activities":[{"id":"m","menu":[{"cost":"2","id":"call","uses":{"exposure":"0.000000","hours":"0.000000"},"value":4.0}]},{"cap":"12","id":"b","response":{"modified_exponential":{"rate":0.15,"scale":1000000000.0}},"step":"2","uses_per_unit":{"exposure":"0.000000","hours":"0.000000"}},{"cap":"4","id":"Z","minimum_if_any":"4","response":{"adbudg":{"exponent":15.0,"half":1.0,"scale":10.0}},"uses_per_unit":{"exposure":"0.000000"}}],"currency":"JPY","groups":[{"cap":"6","floor":"5","id":"north","members":["m","Z"]}],"resources":[{"id":"hours","limit":"1.000000"},{"id":"exposure","limit":"1.000000"}],"schema":"sortie/problem/1","target":14.0}"#,
    ),
    (
        "a floor of all that whole steps overshoot, and a step worth a billion",
        6.0,
        r#"{"activities":[{"cap":"2","id":"m","response":{"adbudg":{"exponent":3.0,"half":6.0,"scale":10.0}},"step":"2","uses_per_unit":{"exposure":"0.000000","hours":"0.000000"}},{"id":"b","menu":[{"cost":"4","id":"call","uses":{"exposure":"0.000000","hours":"0.000000"},"value":0.01},{"cost":"0","id":"visit","value":2.0}]},{"cap":"24","id":"Z","response":{"modified_exponential":{"rate":0.075,"scale":1000000000.0}},"step":"4"}],"currency":"JPY","groups":[{"cap":"1","id":"north"},{"floor":"5","id":"company","members":["m","b","Z"]}],"resources":[{"id":"hours","limit":"1.000000"},{"id":"exposure","limit":"1.000000"}],"schema":"sortie/problem/1","target":0.0}"#,
    ),
];

#[test]
fn what_was_not_proved_is() {
    for (what, best, text) in BUDGETS {
        let problem: Problem = serde_json::from_str(text).unwrap();
        let answer = solve(&problem).unwrap();
        assert!(
            (answer.value() - best).abs() <= 1e-14 * best.abs().max(1.0),
            "{what}: {}",
            answer.value()
        );
        assert_eq!(answer.status(), Status::Optimal, "{what}");
        assert_eq!(verify(&problem, &answer), Ok(Verdict::Proved), "{what}");
    }
}

#[test]
fn least_spends_that_were_not_proved_are() {
    for (what, least, text) in TARGETS {
        let problem: Problem = serde_json::from_str(text).unwrap();
        let answer = solve(&problem).unwrap();
        assert!(
            (answer.bound() - least).abs() < 1e-9,
            "{what}: {}",
            answer.bound()
        );
        assert_eq!(answer.status(), Status::Optimal, "{what}");
        assert_eq!(verify(&problem, &answer), Ok(Verdict::Proved), "{what}");
    }
}

/// A target of nothing is its own answer in hand: the search stopped before it had looked.
#[test]
fn a_target_of_nothing_beside_a_floor_out_of_reach_is_infeasible() {
    let text = r#"{"activities":[{"id":"Z","menu":[{"cost":"3","id":"call","value":5.0},{"cost":"0","id":"visit","value":0.01}]}],
        "currency":"JPY","groups":[{"cap":"2","floor":"1","id":"north","members":["Z"]}],"schema":"sortie/problem/1","target":0.0}"#;
    let problem: Problem = serde_json::from_str(text).unwrap();
    let error = solve(&problem).unwrap_err();
    assert!(matches!(error, AllocateError::Infeasible(_)), "{error}");
}
