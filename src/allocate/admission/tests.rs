use proptest::prelude::*;

use super::*;

proptest! {
    /// Places agree with a plain search, for walks in any order.
    #[test]
    fn places_are_those_of_a_plain_search(
        list in prop::collection::vec(0_u8..40, 0..60),
        asked in prop::collection::vec(0_u8..45, 0..60),
    ) {
        let id = |number: &u8| Id::new(format!("{number:02}")).unwrap();
        let ids: Vec<Id> = list.iter().map(id).collect();
        let places = Places::of(ids.iter());
        let mut walk = 0;
        for wanted in asked.iter().map(id) {
            let plain = ids.iter().position(|one| *one == wanted);
            prop_assert_eq!(places.find(&wanted), plain);
            prop_assert_eq!(places.find_from(&wanted, &mut walk), plain);
        }
    }
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn amount_of(text: &str) -> Quantity {
    text.parse().unwrap()
}

/// A budget is an amount of the problem's currency of at least 0, a target a finite number.
#[test]
fn an_objective_alone_is_checked() {
    let eur = Money::from_minor(1, Currency::from_code("EUR").unwrap());
    for (objective, path) in [
        (Objective::Budget(usd(0)), None),
        (Objective::Budget(usd(-1)), Some("budget")),
        (Objective::Budget(eur), Some("budget")),
        (Objective::Target(-5.0), None),
        (Objective::Target(f64::NAN), Some("target")),
        (Objective::Target(f64::INFINITY), Some("target")),
        (Objective::Target(f64::NEG_INFINITY), Some("target")),
    ] {
        let mut faults = Vec::new();
        check_objective(Currency::USD, objective, &mut faults);
        let paths: Vec<&str> = faults.iter().map(Fault::path).collect();
        assert_eq!(paths, Vec::from_iter(path), "{objective:?}");
        let whole = Problem::new(Currency::USD, objective, vec![], vec![], vec![]);
        assert_eq!(whole.is_err(), path.is_some());
    }
}

fn root() -> crate::response::Power {
    crate::response::Power::new(1.0, 0.5).unwrap()
}

fn with_resources() -> Problem {
    let resource = |name| Resource::new(id(name), amount_of("9"));
    let activity = Activity::curve(id("a"), root());
    let objective = Objective::Budget(usd(500));
    Problem::new(
        Currency::USD,
        objective,
        vec![resource("x"), resource("y")],
        vec![activity],
        vec![],
    )
    .unwrap()
}

/// One activity is checked as all are, and sorted inside.
#[test]
fn an_activity_that_takes_a_place_is_checked_and_sorted() {
    let problem = with_resources();
    let using = |names: &[&str]| {
        let activity = Activity::curve(id("a"), root());
        names.iter().fold(activity, |activity, name| {
            activity.with_use_per_unit(id(name), amount_of("1"))
        })
    };
    let option = |name: &str, minor| MenuOption::new(id(name), usd(minor), 1.0);
    let paths = |mut activity: Activity| -> Vec<String> {
        let mut faults = Vec::new();
        admit_activity(&problem, 0, &mut activity, &mut faults);
        faults.iter().map(|fault| fault.path().to_owned()).collect()
    };
    assert_eq!(paths(using(&["y", "x"])), Vec::<String>::new());
    assert_eq!(paths(using(&["z"])), ["activities[0].uses_per_unit.z"]);
    assert_eq!(paths(using(&[]).with_step(usd(0))), ["activities[0].step"]);
    let menu = |options| Activity::menu(id("a"), options);
    assert_eq!(
        paths(menu(vec![option("o", -1)])),
        ["activities[0].menu[0].cost"]
    );
    let mut activity = using(&["y", "x"]);
    admit_activity(&problem, 0, &mut activity, &mut Vec::new());
    assert_eq!(activity, using(&["x", "y"]));
}

/// Options, and uses of options and of activities, are kept in the order of ids, however they were handed in.
#[test]
fn the_order_handed_in_does_not_matter() {
    let option = |name: &str, uses: [&str; 2]| {
        let option = MenuOption::new(id(name), usd(1), 1.0);
        uses.iter().fold(option, |option, resource| {
            option.with_use(id(resource), amount_of("1"))
        })
    };
    let sorted = ["x", "y"];
    let menu = |options: Vec<MenuOption>| Activity::menu(id("a"), options);
    let mut activity = menu(vec![option("p", ["y", "x"]), option("o", sorted)]);
    sort_inside(&mut activity);
    assert_eq!(
        activity,
        menu(vec![option("o", sorted), option("p", sorted)])
    );
}
