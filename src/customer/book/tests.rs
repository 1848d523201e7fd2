use proptest::prelude::*;

use super::*;
use crate::customer::strategies::{any_book, any_standing, id};
use crate::customer::{Habitual, StandingError};

fn row(name: &str, contribution: &str, standing: &Standing) -> CustomerRow {
    CustomerRow {
        id: name.to_owned(),
        contribution: contribution.parse().unwrap(),
        territory: None,
        standing: standing.clone(),
    }
}

fn somebody() -> Standing {
    let json = r#"{"starting": {"untroubled": 0.5, "behaviour": {"first_use": "2026-01-05"}}}"#;
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_batch_reports_every_fault_with_its_row_and_field() {
    let standing = somebody();
    let mut rows = vec![
        row("a", "10", &standing),
        row(" b", "-1", &standing),
        row("c", "10.005", &standing),
        row("a", "7", &standing),
    ];
    rows[2].territory = Some(String::new());
    let error = Book::admit(Currency::USD, rows).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 1, id: id \" b\" starts or ends with white space; trim it at the source; \
         row 1, contribution: contribution is -1.00 USD; it must be at least 0 (it is what the customer yields a period while it uses); \
         row 2, territory: id is empty; give it at least one character; \
         row 2, contribution: amount \"10.005\" has more than the 2 decimals of USD; round it where its meaning is known; \
         row 3, id: id a stands in row 0 already; a customer is admitted once, so merge the two rows"
    );
}

#[test]
fn ids_that_differ_in_case_are_lawful_and_pointed_out() {
    let standing = somebody();
    let rows = ["Ab", "aB", "b"].map(|name| row(name, "1", &standing));
    let book = Book::admit(Currency::USD, rows).unwrap();
    assert_eq!(
        book.ids_alike(),
        [IdsAlike {
            first: id("Ab"),
            second: id("aB")
        }]
    );
}

#[test]
fn standings_that_mean_nothing_are_refused() {
    assert_eq!(Habitual::new(vec![]), Err(StandingError::NoHabit));
    for (json, expected) in [
        (r#"{"habitual": {"habits": []}}"#, "habits are empty"),
        (
            r#"{"habitual": {"habits": [], "doubts": []}}"#,
            "standing.habitual.doubts: unknown key; allowed here: habits",
        ),
        (
            r#"{"loyal": {}}"#,
            "found \"loyal\"; one of habitual, starting, prospect",
        ),
        (
            r#"{"starting": {"untroubled": 50, "behaviour": {"first_use": "2026-01-05"}}}"#,
            "fraction is 50",
        ),
        (
            r#"{"starting": {"untroubled": 0.5, "behaviour": {"first_use": "2026-02-30"}}}"#,
            "2026-02-30 does not exist",
        ),
    ] {
        let book = format!(
            r#"{{"schema": "sortie/book/1", "currency": "USD", "customers":
                [{{"id": "a", "contribution": "1.00", "standing": {json}}}]}}"#
        );
        let error = serde_json::from_str::<Book>(&book).unwrap_err().to_string();
        assert!(
            error.contains(expected) && error.contains("customers[0].standing"),
            "{error}"
        );
    }
}

#[test]
fn a_document_reports_the_faults_of_all_customers() {
    let json = r#"{"schema": "sortie/book/1", "currency": "USD", "customers": [
        {"id": "a", "contribution": 1.0, "standing": {"starting": {"untroubled": 1, "behaviour": {"first_use": "2026-01-05"}}}},
        {"id": "a", "contribution": "-1", "standing": {"starting": {"untroubled": 1, "behaviour": {"first_use": "2026-01-05"}}}},
        {"contribution": "1", "extra": 1, "standing": null}]}"#;
    let error = serde_json::from_str::<Book>(json).unwrap_err().to_string();
    for expected in [
        "customers[0].contribution: found the number 1",
        "customers[1].contribution: contribution is -1.00 USD",
        "customers[2].id: missing",
        "customers[2].standing: found null",
        "customers[2].extra: unknown key",
    ] {
        assert!(error.contains(expected), "{expected} is not in {error}");
    }
}

#[test]
fn revising_replaces_and_joins() {
    let standing = somebody();
    let old = Book::admit(
        Currency::USD,
        ["a", "b"].map(|name| row(name, "1", &standing)),
    )
    .unwrap();
    let news = Book::admit(
        Currency::USD,
        ["b", "c"].map(|name| row(name, "2", &standing)),
    )
    .unwrap();
    let new = old.revised(news.customers().iter().cloned()).unwrap();
    let seen: Vec<(&str, i64)> = new
        .customers()
        .iter()
        .map(|c| (c.id().as_str(), c.contribution().minor()))
        .collect();
    assert_eq!(seen, [("a", 100), ("b", 200), ("c", 200)]);
}

proptest! {
    /// Law 12.
    #[test]
    fn documents_round_trip(book in any_book(8)) {
        let text = serde_json::to_string(&book).unwrap();
        let back: Book = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &book);
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), text);
    }

    /// Law 2: the order of the rows does not matter.
    #[test]
    fn rows_in_any_order_give_one_book(book in any_book(10), turn in 0_usize..10) {
        let mut customers = book.customers().to_vec();
        let turn = turn % customers.len().max(1);
        customers.rotate_left(turn);
        let mut again = Book::of(Currency::USD, customers).unwrap();
        if let Some(graph) = book.acquaintances() {
            let mut ties: Vec<_> = graph.all_ties().collect();
            ties.reverse();
            again = again.with_acquaintances(ties).unwrap();
        }
        prop_assert_eq!(&again, &book);
    }

    #[test]
    fn places_are_found_from_any_guess(book in any_book(10), guess in 0_usize..12) {
        for (place, customer) in book.customers().iter().enumerate() {
            prop_assert_eq!(book.place_near(customer.id(), guess), Some(place));
        }
        prop_assert_eq!(book.place(&id("nobody")), None);
    }

    /// F4: exactly one tier, and the tier of its facts.
    #[test]
    fn a_standing_has_exactly_one_tier(standing in any_standing()) {
        let text = serde_json::to_string(&standing).unwrap();
        let names = Tier::ALL.iter().filter(|tier| text.starts_with(&format!("{{\"{tier}\":"))).count();
        prop_assert_eq!(names, 1);
        let name = format!("{{\"{}\":", standing.tier());
        prop_assert!(text.starts_with(&name));
    }
}

#[test]
fn who_knows_whom_goes_with_the_book() {
    use crate::customer::acquaintance::{Tie, TieKind};
    use crate::fraction::Fraction;
    let named = |name: &str| {
        let contribution = Money::from_minor(100, Currency::USD);
        Customer::new(id(name), contribution, None, somebody()).unwrap()
    };
    let tie = |who: &str, knows: &str| {
        let ids = (Id::new(who).unwrap(), Id::new(knows).unwrap());
        Tie::new(ids.0, ids.1, TieKind::Advice, Fraction::new(0.3).unwrap()).unwrap()
    };
    let book = Book::of(Currency::USD, [named("b"), named("d")]).unwrap();
    assert!(book.acquaintances().is_none());
    let error = book
        .clone()
        .with_acquaintances([tie("b", "x")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "tie of b to x: x is no customer of the graph; add it, or drop the tie"
    );
    let book = book.with_acquaintances([tie("d", "b")]).unwrap();
    let text = serde_json::to_string(&book).unwrap();
    assert!(
        text.contains(
            r#""acquaintances":[{"who":"d","knows":"b","kind":"advice","strength":0.3}]"#
        )
    );
    assert_eq!(serde_json::from_str::<Book>(&text).unwrap(), book);
    let elsewhere = text.replace(r#""who":"d""#, r#""who":"e""#);
    let error = serde_json::from_str::<Book>(&elsewhere).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("acquaintances: tie of e to b: e is no customer"),
        "{error}"
    );
    // One joins before them: places move, ties stay.
    let revised = book.revised([named("a"), named("d")]).unwrap();
    let graph = revised.acquaintances().unwrap();
    assert_eq!(graph.all_ties().collect::<Vec<_>>(), [tie("d", "b")]);
    assert_eq!((graph.len(), graph.ties()), (3, 1));
    assert_eq!(book.revised([named("b")]).unwrap(), book);
    assert!(
        book.with_acquaintances([])
            .unwrap()
            .acquaintances()
            .is_none()
    );
}
