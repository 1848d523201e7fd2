//! Columns by position and by item.

use super::*;

/// Exponential curves lie before roots in a layout: item 0 is `b`, item 1 is `a`.
fn problem() -> Problem {
    let text = r#"{"schema": "sortie/problem/1", "currency": "USD", "budget": "5.00", "activities": [
        {"id": "a", "response": {"power": {"scale": 9, "exponent": 0.5}}},
        {"id": "b", "response": {"modified_exponential": {"scale": 9, "rate": 0.5}}}]}"#;
    serde_json::from_str(text).unwrap()
}

#[test]
fn columns_are_by_item_where_their_limits_are() {
    let problem = problem();
    let layout = problem.layout();
    assert_eq!(layout.map(|layout| layout.item_at(0)), Some(1));
    let each = Limits::Each(vec![Limit::Cap, Limit::Budget]);
    let shared = Limits::Shared {
        own: vec![Own::Nothing, Own::Cap],
        constraints: vec![Limit::Budget],
    };
    for (limits, spends) in [(each, [100, 200]), (shared, [200, 100])] {
        let columns = Columns {
            spend: vec![100, 200],
            value: vec![1.0, 2.0],
            marginal: vec![0.5, 0.25],
            limits,
            option: Vec::new(),
        };
        for (position, spend) in spends.into_iter().enumerate() {
            assert_eq!(columns.spent_at(position, layout).0, spend);
            assert_eq!(columns.line(&problem, position).spend.minor(), spend);
            // Without a layout there are no items.
            assert_eq!(columns.spent_at(position, None).0, [100, 200][position]);
        }
        let limits = [LimitedBy::Cap, LimitedBy::Budget];
        assert_eq!(
            [0, 1].map(|at| columns.line(&problem, at).limited_by),
            limits
        );
    }
}
