use super::super::super::answer::Limit;
use super::super::super::{Prices, Problem};
use super::Slack;

/// An activity in a group in a group, with hours and calls, in dollars: its next step costs 1.00 and 2 hours.
fn problem(curve: &str) -> Problem {
    let text = format!(
        r#"{{"schema":"sortie/problem/1","currency":"USD","budget":"90.00",
        "resources":[{{"id":"calls","limit":"8"}},{{"id":"hours","limit":"10"}}],
        "activities":[{{"id":"a",{curve}}}],
        "groups":[{{"id":"all","cap":"50.00"}},{{"id":"north","parent":"all","cap":"20.00","members":["a"]}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

const CURVE: &str = r#""response":{"logarithmic":{"scale":10,"half":1}},"step":"1.00","uses_per_unit":{"hours":"2"}"#;

/// Room for the budget, for `all` and `north`, and for hours: in steps of the activity.
struct Room {
    budget: i64,
    all: i64,
    north: i64,
    hours: i64,
}

const PLENTY: Room = Room {
    budget: 2,
    all: 2,
    north: 2,
    hours: 2,
};

/// What limits an activity at a spend of 3.00, where so much is left and used, at prices of budget, calls, hours, all, north.
fn limit(
    problem: &Problem,
    budget: i128,
    groups: &[i128],
    used: &[i128],
    prices: [f64; 5],
) -> Limit {
    let [of_budget, calls, hours, all, north] = prices;
    let slack = Slack {
        problem,
        budget,
        groups,
        used,
        prices: &Prices {
            budget: of_budget,
            resources: vec![calls, hours],
            groups: vec![all, north],
        },
    };
    slack.line(0, 300, 0).1
}

/// The same with so much room.
fn named(room: &Room, prices: [f64; 5]) -> Limit {
    let unit = 1_000_000 * 100;
    // A use of hours is that of the activity and of others.
    let used = [0, (10 - 2 * i128::from(room.hours)) * unit];
    let groups = [
        5_000 - 100 * i128::from(room.all),
        2_000 - 100 * i128::from(room.north),
    ];
    let budget = 100 * i128::from(room.budget);
    limit(&problem(CURVE), budget, &groups, &used, prices)
}

const FREE: [f64; 5] = [0.0; 5];

#[test]
fn what_refuses_the_next_step_is_named_from_within() {
    let none = Room {
        budget: 0,
        all: 0,
        north: 0,
        hours: 0,
    };
    assert_eq!(named(&none, FREE), Limit::Group(1));
    assert_eq!(named(&Room { north: 1, ..none }, FREE), Limit::Group(0));
    let groups = Room {
        north: 1,
        all: 1,
        ..none
    };
    assert_eq!(named(&groups, FREE), Limit::Resource(1));
    assert_eq!(named(&Room { hours: 1, ..groups }, FREE), Limit::Budget);
}

#[test]
fn a_price_names_where_there_is_room_for_the_step_alone() {
    // Just enough for one step is room.
    let one = Room {
        budget: 1,
        all: 1,
        north: 1,
        hours: 1,
    };
    for room in [&one, &PLENTY] {
        assert_eq!(named(room, [0.5, 0.0, 0.0, 0.0, 0.0]), Limit::Budget);
        assert_eq!(named(room, [0.5, 0.0, 0.3, 0.1, 0.2]), Limit::Budget);
        assert_eq!(named(room, [0.0, 0.0, 0.0, 0.0, 0.2]), Limit::Group(1));
        assert_eq!(named(room, [0.0, 0.0, 0.3, 0.1, 0.0]), Limit::Group(0));
        assert_eq!(named(room, [0.0, 0.0, 0.3, 0.1, 0.2]), Limit::Group(1));
        assert_eq!(named(room, [0.0, 0.0, 0.3, 0.0, 0.0]), Limit::Resource(1));
        // A resource that the step does not use does not limit it, nor does a floor that has a price.
        assert_eq!(named(room, [0.0, 0.7, 0.0, 0.0, 0.0]), Limit::Budget);
        assert_eq!(named(room, [0.0, 0.0, 0.0, -0.1, -0.2]), Limit::Budget);
        assert_eq!(named(room, FREE), Limit::Budget);
    }
    let hours = Room { hours: 0, ..PLENTY };
    assert_eq!(named(&hours, [0.0, 0.0, 0.0, 0.2, 0.0]), Limit::Resource(1));
}

/// A floor holds up an activity if its last step gains less than all that the step costs: money, groups and hours.
#[test]
fn a_floor_holds_up_what_would_not_pay_its_full_price() {
    let floored = format!(r#"{CURVE},"floor":"3.00""#);
    let problem = problem(&floored);
    // 10·ln(4/3) = 2.877 for the last step of three.
    let limit = |prices| limit(&problem, 0, &[0, 0], &[0, 0], prices);
    // 0.5 + 0.4 + 0.3 + 2·0.9 = 3.0 and 2.8.
    assert_eq!(limit([0.5, 9.0, 0.9, 0.4, 0.3]), Limit::Floor);
    assert_eq!(limit([0.5, 9.0, 0.8, 0.4, 0.3]), Limit::Budget);
    assert_eq!(limit([0.5, 9.0, 0.9, 0.2, 0.3]), Limit::Budget);
    assert_eq!(limit([0.5, 9.0, 0.9, 0.4, 0.1]), Limit::Budget);
    assert_eq!(limit([0.3, 9.0, 0.9, 0.4, 0.2]), Limit::Budget);
}
