use super::*;
use crate::numeric::Draws;
use crate::numeric::cast::i64_of_f64;
use proptest::prelude::*;

fn day(number: i32) -> Date {
    Date::from_day_number(number).unwrap()
}

fn dates(gaps: &[i32]) -> Vec<Date> {
    let mut at = 0;
    let mut dates = vec![day(0)];
    for gap in gaps {
        at += gap;
        dates.push(day(at));
    }
    dates
}

/// A book drawn from the model itself: gaps are gamma with a whole shape κ and the customer's own
/// rate, and rates are gamma with a whole shape r, such that κα/r is the typical gap.
fn drawn(customers: u64, regularity: u32, shape: u32, typical: f64) -> Vec<Rhythm> {
    let draws = Draws::new(7);
    let alpha = typical * f64::from(shape) / f64::from(regularity);
    (0..customers)
        .map(|customer| {
            let mut stream = draws.stream(&[customer]);
            let mut gamma = |shape: u32, rate: f64| -> f64 {
                (0..shape).map(|_| stream.exponential(rate)).sum()
            };
            let own = gamma(shape, alpha);
            let gaps: Vec<i32> = (0..=customer % 12)
                .map(|_| {
                    let gap = i64_of_f64(gamma(regularity, own).round()).unwrap();
                    i32::try_from(gap).unwrap().max(1)
                })
                .collect();
            Rhythm::of(&dates(&gaps)).unwrap()
        })
        .collect()
}

#[test]
fn the_fit_finds_the_parameters_that_made_the_book() {
    // Long gaps, so that whole days hardly matter. Bounds are about four standard errors.
    for (regularity, shape) in [(1, 2), (3, 4), (2, 8)] {
        let book = BookRhythm::fit(&drawn(20_000, regularity, shape, 400.0));
        let off = |found: f64, made: u32| found / f64::from(made) - 1.0;
        assert!(off(book.regularity(), regularity).abs() < 0.04, "{book:?}");
        assert!(off(book.shape(), shape).abs() < 0.08, "{book:?}");
        assert!(
            (book.gap_days_typical() / 400.0 - 1.0).abs() < 0.04,
            "{book:?}"
        );
        assert_eq!(book.repeaters(), 20_000);
    }
}

#[test]
fn shrinking_predicts_better_than_the_own_mean_or_the_book() {
    // The next gap of each customer, predicted from the one before it.
    let book = BookRhythm::fit(&drawn(20_000, 1, 3, 400.0));
    let draws = Draws::new(11);
    let (mut shrunk, mut own, mut typical) = (0.0, 0.0, 0.0);
    for customer in 0..5_000 {
        let mut stream = draws.stream(&[customer]);
        let rate: f64 = (0..3).map(|_| stream.exponential(1_200.0)).sum();
        let gap = i64_of_f64(stream.exponential(rate).round()).unwrap();
        let seen = Rhythm::of(&dates(&[i32::try_from(gap).unwrap().max(1)])).unwrap();
        let miss = |gap: f64| {
            let off = libm::log(gap) + libm::log(rate);
            off * off
        };
        shrunk += miss(book.gap_days(&seen));
        own += miss(seen.gap_days_mean().unwrap());
        typical += miss(book.gap_days_typical());
    }
    assert!(
        shrunk < 0.9 * typical && shrunk < 0.5 * own,
        "{shrunk} {typical} {own}"
    );
}

proptest! {
    #[test]
    fn joining_adjacent_stretches_is_reading_the_whole(
        gaps in prop::collection::vec(0..400, 1..40),
        cuts in prop::collection::vec(0_usize..40, 2),
    ) {
        let dates = dates(&gaps);
        let whole = Rhythm::of(&dates).unwrap();
        // Cuts fall between days, as stretches do.
        let mut cuts: Vec<usize> = cuts
            .into_iter()
            .filter(|cut| *cut > 0 && *cut < dates.len() && dates[*cut] > dates[cut - 1])
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut ends = cuts.clone();
        ends.push(dates.len());
        let mut start = 0;
        let mut parts = vec![];
        for end in ends {
            parts.push(Rhythm::of(&dates[start..end]).unwrap());
            start = end;
        }
        let left = parts[1..].iter().fold(parts[0], |sum, part| sum.join(part).unwrap());
        let last = parts[parts.len() - 1];
        let right = parts[..parts.len() - 1]
            .iter()
            .rev()
            .fold(last, |sum, part| part.join(&sum).unwrap());
        prop_assert_eq!(left, whole);
        prop_assert_eq!(right, whole);
        prop_assert_eq!(
            Rhythm::from_sums(
                (whole.first, whole.last),
                whole.occasions,
                whole.gap_squares,
                whole.gap_most
            ),
            Some(whole)
        );
    }

    /// κ is where the gaps of all customers together vary as much as gamma gaps would, each customer weighted by
    /// its degrees of freedom.
    #[test]
    fn the_regularity_solves_its_equation(
        books in prop::collection::vec(prop::collection::vec(1..200, 1..9), 1..9),
    ) {
        let rhythms: Vec<Rhythm> = books.iter().map(|gaps| Rhythm::of(&dates(gaps)).unwrap()).collect();
        let regularity = BookRhythm::fit(&rhythms).regularity();
        let (mut excess, mut size) = (0.0, 0.0);
        for gaps in books.iter().filter(|gaps| gaps.len() > 1) {
            let count = f64::from(u32::try_from(gaps.len()).unwrap());
            let mean = f64::from(gaps.iter().sum::<i32>()) / count;
            let off = gaps.iter().map(|gap| f64::from(*gap) - mean);
            let squares: f64 = off.map(|off| off * off).sum();
            let expected = count / (count * regularity + 1.0);
            excess += squares / (mean * mean) - (count - 1.0) * expected;
            size += (count - 1.0) * expected;
        }
        if books.iter().all(|gaps| gaps.len() < 2) {
            prop_assert!((regularity - 1.0).abs() < 1e-12);
        } else if regularity <= 0.1 {
            prop_assert!(excess >= -1e-9 * size);
        } else if regularity < 99.0 {
            prop_assert!(excess.abs() <= 1e-9 * size, "{regularity}: {excess}");
        } else {
            prop_assert!(excess <= 0.1 * size);
        }
    }

    #[test]
    fn the_fit_does_not_depend_on_order_and_is_always_usable(
        books in prop::collection::vec(prop::collection::vec(1..2_000, 0..6), 0..12),
    ) {
        let mut rhythms: Vec<Rhythm> =
            books.iter().map(|gaps| Rhythm::of(&dates(gaps)).unwrap()).collect();
        let book = BookRhythm::fit(&rhythms);
        rhythms.reverse();
        prop_assert_eq!(BookRhythm::fit(&rhythms), book);
        prop_assert!(book.gap_days_typical().is_finite() && book.gap_days_typical() > 0.0);
        for rhythm in &rhythms {
            let gap = book.gap_days(rhythm);
            // Shrunk: between the own mean and the book's typical gap.
            let own = rhythm.gap_days_mean().unwrap_or(book.gap_days_typical());
            let (low, high) = (own.min(book.gap_days_typical()), own.max(book.gap_days_typical()));
            prop_assert!(gap >= low * (1.0 - 1e-12) && gap <= high * (1.0 + 1e-12));
        }
        let text = serde_json::to_string(&book).unwrap();
        prop_assert_eq!(serde_json::from_str::<BookRhythm>(&text).unwrap(), book);
    }
}

#[test]
fn books_that_say_nothing_are_lawful() {
    let nobody = BookRhythm::fit(&[]);
    assert_eq!((nobody.repeaters(), nobody.gaps()), (0, 0));
    assert!((nobody.gap_days_typical() - 30.0).abs() < 1e-12);
    let once = Rhythm::start(day(3));
    assert_eq!(BookRhythm::fit(&[once, once]), nobody);
    // One customer with one gap: the book is that customer.
    let single = BookRhythm::fit(&[Rhythm::of(&dates(&[10])).unwrap()]);
    assert_eq!((single.repeaters(), single.gaps()), (1, 1));
    assert!(
        single.gap_days_typical() > 5.0 && single.gap_days_typical() < 20.0,
        "{single:?}"
    );
}

#[test]
fn bad_dates_and_parameters_are_refused() {
    assert_eq!(
        Rhythm::of(&[]).unwrap_err().to_string(),
        "no dates: a rhythm starts with one occasion"
    );
    assert!(Rhythm::of(&[day(2), day(1)]).is_err());
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(BookRhythm::new(bad, 1.0, 1.0).is_err());
        assert!(BookRhythm::new(1.0, bad, 1.0).is_err());
        assert!(BookRhythm::new(1.0, 1.0, bad).is_err());
    }
    let later = Rhythm::start(day(5));
    assert_eq!(later.join(&Rhythm::start(day(5))), None);
    assert_eq!(later.join(&Rhythm::start(day(4))), None);
    assert_eq!(Rhythm::from_sums((day(0), day(10)), 3, 10, 5), None);
    assert_eq!(Rhythm::from_sums((day(0), day(10)), 1, 0, 0), None);
    assert!(Rhythm::from_sums((day(0), day(10)), 3, 50, 5).is_some());
}
