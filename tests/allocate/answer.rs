//! What the library answers to a plain problem, through the documents, as any host would see it.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;
use sortie::allocate::{AllocateError, Allocation, Problem, Verdict, solve, verify};

use crate::brute::{self, Pick};
use crate::plain::{self, Plain};

pub(crate) fn admitted(plain: &Plain) -> Problem {
    serde_json::from_str(&plain.text()).unwrap_or_else(|error| panic!("{error}\n{}", plain.text()))
}

/// The answer and its document; `None` if the problem is infeasible, with the word that says so checked.
pub(crate) fn solved(plain: &Plain) -> Option<(Allocation, Value)> {
    let problem = admitted(plain);
    match solve(&problem) {
        Ok(allocation) => {
            let document = serde_json::to_value(&allocation).unwrap();
            Some((allocation, document))
        }
        Err(error @ AllocateError::Infeasible(_)) => {
            let text = error.to_string();
            assert!(text.contains("infeasible"), "{text}");
            assert!(
                text.bytes().any(|byte| byte.is_ascii_digit()),
                "no amount in: {text}"
            );
            None
        }
        Err(other) => panic!("{other}\n{}", plain.text()),
    }
}

/// Optimal; or, where values of both signs cancel, no further from it than the terms of the bound can be off: values, and
/// the price of what is spent.
pub(crate) fn settled(allocation: &Allocation) -> bool {
    let values: f64 = allocation.lines().map(|line| line.value.abs()).sum();
    let paid = allocation.shadow_price() * allocation.spent().to_decimal().to_f64().unwrap();
    let cancels = allocation.lines().any(|line| line.value < 0.0)
        || allocation.value().abs() <= f64::EPSILON * (values + paid);
    allocation.is_optimal()
        || (cancels && allocation.gap() <= 32.0 * f64::EPSILON * (values + paid))
}

/// The spends of an answer's document, in the order of the plain problem's activities.
pub(crate) fn spends(plain: &Plain, document: &Value) -> Vec<i64> {
    plain
        .activities
        .iter()
        .map(|activity| {
            plain::minor(
                text(line(document, &activity.id), "spend"),
                plain.decimals(),
            )
        })
        .collect()
}

pub(crate) fn line<'a>(document: &'a Value, id: &str) -> &'a Value {
    let lines = document["activities"].as_array().unwrap();
    lines.iter().find(|line| line["id"] == id).unwrap()
}

pub(crate) fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} in {line}"))
}

pub(crate) fn number(line: &Value, key: &str) -> f64 {
    line[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} in {line}"))
}

/// Everything that holds for every answer, whatever the problem. Returns what the checker said.
pub(crate) fn lawful(plain: &Plain, allocation: &Allocation, document: &Value) -> Verdict {
    let picks = picks(plain, document);
    let picks: Vec<&Pick> = picks.iter().collect();
    assert_eq!(
        brute::breaches(plain, &picks),
        Vec::<String>::new(),
        "{document}\n{}",
        plain.text()
    );
    let (value, accuracy) = (brute::value(&picks), brute::accuracy(&picks));
    let stated = number(document, "value");
    assert!(
        (value - stated).abs() <= accuracy,
        "{stated} stated, {value} recomputed"
    );
    assert!(number(document, "gap") >= 0.0);
    let spent: i64 = picks.iter().map(|pick| pick.spend).sum();
    assert_eq!(text(document, "spent"), plain.money(spent));
    match plain.budget() {
        Some(budget) => {
            assert_eq!(text(document, "unspent"), plain.money(budget - spent));
            let bound = number(document, "bound");
            assert!(bound >= stated, "bound {bound}, value {stated}");
        }
        None => assert!(document.get("unspent").is_none()),
    }
    verify(&admitted(plain), allocation)
        .unwrap_or_else(|refusal| panic!("{refusal}\n{document}\n{}", plain.text()))
}

/// The picks that a document states, found among the lawful ones.
pub(crate) fn picks(plain: &Plain, document: &Value) -> Vec<Pick> {
    (0..plain.activities.len())
        .map(|place| {
            let activity = &plain.activities[place];
            let line = line(document, &activity.id);
            let spend = plain::minor(text(line, "spend"), plain.decimals());
            let option = line.get("option").map(|id| id.as_str().unwrap().to_owned());
            brute::pick(plain, place, spend, option.as_deref())
                .unwrap_or_else(|| panic!("unlawful: {line}\n{}", plain.text()))
        })
        .collect()
}
