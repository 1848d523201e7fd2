use proptest::prelude::*;

use super::*;

fn name(place: usize) -> Id {
    Id::new(format!("c{place:03}")).unwrap()
}

fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

fn tie(who: usize, knows: usize, kind: usize, strength: f64) -> Tie {
    Tie::new(
        name(who),
        name(knows),
        TieKind::ALL[kind],
        fraction(strength),
    )
    .unwrap()
}

#[test]
fn unlawful_graphs_are_refused_by_name() {
    let ids = || (0..3).map(name).collect::<Vec<_>>();
    let refused = |ids, ties: Vec<Tie>| AcquaintanceGraph::new(ids, ties).unwrap_err();
    assert_eq!(
        refused(ids(), vec![tie(0, 7, 0, 1.0)]).to_string(),
        "tie of c000 to c007: c007 is no customer of the graph; add it, or drop the tie"
    );
    let twice = vec![tie(0, 1, 2, 0.5), tie(0, 2, 2, 0.5), tie(0, 1, 2, 0.7)];
    assert!(matches!(
        refused(ids(), twice),
        AcquaintanceError::Repeated {
            kind: TieKind::Friendship,
            ..
        }
    ));
    let doubled = vec![name(1), name(0), name(1)];
    assert!(matches!(
        refused(doubled.clone(), vec![]),
        AcquaintanceError::CustomerRepeated { .. }
    ));
    assert!(matches!(
        AcquaintanceGraph::from_places(doubled, vec![]),
        Err(AcquaintanceError::CustomerRepeated { .. })
    ));
    let place = |who, knows, strength| TieByPlace {
        who,
        knows,
        kind: TieKind::Advice,
        strength: fraction(strength),
    };
    let by_place =
        |tie| AcquaintanceGraph::from_places(ids(), vec![place(0, 1, 1.0), tie]).unwrap_err();
    assert!(matches!(
        by_place(place(0, 3, 1.0)),
        AcquaintanceError::PlaceUnknown {
            number: 1,
            place: 3,
            customers: 3
        }
    ));
    assert!(matches!(
        by_place(place(2, 2, 1.0)),
        AcquaintanceError::ToItself { .. }
    ));
    assert!(matches!(
        by_place(place(1, 2, 0.0)),
        AcquaintanceError::NoStrength { .. }
    ));
    let empty = AcquaintanceGraph::new(vec![], []).unwrap();
    assert!(empty.is_empty() && empty.knows(0).len() == 0);
}

type Links = std::collections::BTreeMap<(usize, usize, usize), f64>;

fn links() -> impl Strategy<Value = Links> {
    proptest::collection::btree_map(
        (0_usize..12, 0_usize..12, 0_usize..4),
        0.01..=1.0_f64,
        0..60,
    )
    .prop_map(|links| links.into_iter().filter(|((a, b, _), _)| a != b).collect())
}

proptest! {
    #[test]
    fn both_forms_hold_exactly_the_ties_given_in_any_order(links in links(), seed: u64) {
        let mut ties: Vec<Tie> = links.iter().map(|(&(a, b, k), &s)| tie(a, b, k, s)).collect();
        let straight = AcquaintanceGraph::new((0..12).map(name).collect(), ties.clone()).unwrap();
        let turn = usize::try_from(seed % 61).unwrap();
        ties.reverse();
        let turn = turn.min(ties.len());
        ties.rotate_left(turn);
        let mixed = AcquaintanceGraph::new((0..12).rev().map(name).collect(), ties).unwrap();
        prop_assert_eq!(&straight, &mixed);
        let places: Vec<TieByPlace> = links.iter().map(|(&(a, b, k), &s)| TieByPlace {
            who: u32::try_from(11 - a).unwrap(), knows: u32::try_from(11 - b).unwrap(),
            kind: TieKind::ALL[k], strength: fraction(s),
        }).collect();
        let renamed = AcquaintanceGraph::from_places((0..12).rev().map(name).collect(), places).unwrap();
        prop_assert_eq!(&straight, &renamed);
        let mut out = Links::new();
        let mut back = Links::new();
        for place in 0..12 {
            for t in straight.knows(place) { out.insert((place, t.place, t.kind.place()), t.strength.get()); }
            for t in straight.known_by(place) { back.insert((t.place, place, t.kind.place()), t.strength.get()); }
            prop_assert!(straight.knows(place).is_sorted_by_key(|t| (t.place, t.kind)));
            prop_assert!(straight.known_by(place).is_sorted_by_key(|t| (t.place, t.kind)));
        }
        prop_assert_eq!(&out, &links);
        prop_assert_eq!(&back, &links);
        prop_assert_eq!(straight.ties(), links.len());
    }

    #[test]
    fn ease_rises_with_depth_and_stays_below_one(links in links(), weight in 0.01..0.99_f64, depth in 0.01..0.9_f64, who in 0_usize..12) {
        let ties: Vec<Tie> = links.iter().map(|(&(a, b, k), &s)| tie(a, b, k, s)).collect();
        let graph = AcquaintanceGraph::new((0..12).map(name).collect(), ties).unwrap();
        let listening = Listening::uniform(fraction(weight)).unwrap();
        let ease = graph.ease(who, &listening, |_| fraction(depth)).get();
        let deeper = graph.ease(who, &listening, |_| fraction(depth * 1.1)).get();
        let product: f64 = graph.knows(who).map(|t| 1.0 - weight * depth * t.strength.get()).product();
        prop_assert!((ease - (1.0 - product)).abs() < 1e-12);
        prop_assert!(deeper > ease || graph.knows(who).len() == 0);
        prop_assert!(ease < 1.0 || graph.knows(who).len() > 8);
        prop_assert_eq!(graph.ease(who, &Listening::default(), |_| Fraction::ONE), Fraction::ZERO);
    }
}
