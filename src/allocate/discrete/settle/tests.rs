use super::super::form::Limit;
use super::super::made;
use super::*;

const MONEY: [(u32, i8); 1] = [(0, 1)];

/// A budget of 1 and seven rows besides; one menu, of which one option costs 1 and is worth 1 and the others nothing. At a
/// price of a half the bound is 1, as at none. A look at the menu counts one, and one for each eight uses of its options.
fn after(options: usize) -> f64 {
    let mut rows = vec![(Limit::Budget, 1)];
    rows.extend((0..7).map(|group| (Limit::Cap(group), 9)));
    let mut menu = vec![(0, 0.0); options - 1];
    menu.push((1, 1.0));
    let form = made::form(&rows, vec![made::plain(&menu, &MONEY)]);
    let mut prices = vec![0.0; 8];
    prices[0] = 0.5;
    let spans = form.spans();
    let mut dual = Dual::at(&form, &spans, prices);
    settle(&form, &spans, &mut dual);
    assert!((dual.bound - 1.0).abs() < 1e-12);
    dual.prices[0]
}

#[test]
fn prices_are_settled_up_to_so_much_work_alone() {
    // Eight rows times 1 + 49,999.
    assert_eq!((after(49_999), after(50_000)), (0.0, 0.5));
}

/// Two menus with an option of cost 1, worth 3 and 1, and a budget of 1: from 1 to 3 every price shows 3, below 1 a price
/// shows more. Two looks, a third at an eighth, and halving 2.2 to 1e-13 takes 45 more.
#[test]
fn a_price_is_lowered_to_the_least_that_proves_the_same() {
    let menus = [3.0, 1.0].map(|value| made::plain(&[(0, 0.0), (1, value)], &MONEY));
    let form = made::form(&[(Limit::Budget, 1)], menus.to_vec());
    let spans = form.spans();
    for start in [1.5, 2.5, 2.999] {
        let mut dual = Dual::at(&form, &spans, vec![start]);
        let before = dual.work;
        settle(&form, &spans, &mut dual);
        assert!((dual.prices[0] - 1.0).abs() < 1e-12, "{:?}", dual.prices);
        assert!((dual.bound - 3.0).abs() < 1e-12);
        let looks = (dual.work - before) / form.weight();
        assert!(looks <= 50, "{looks} looks from {start}");
    }
}
