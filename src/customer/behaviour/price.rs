//! The price of a doubt left open: this customer, and the chain of those who listen to it.

use std::collections::BTreeMap;

use super::{Behaviour, BehaviourError};
use crate::customer::acquaintance::{AcquaintanceGraph, Listening};
use crate::fraction::Fraction;
use crate::id::Id;
use crate::numeric::ExactSum;

/// What one open doubt costs while nobody settles it \[B1\], in whatever unit the values at stake are.
#[derive(Clone, Debug, PartialEq)]
pub struct DoubtPrice {
    /// The doubt.
    pub doubt: Id,
    /// What it takes off the chance that use becomes habit: a₀·s·Π(1 − s) over the other doubts that weigh.
    pub chance_taken: f64,
    /// That chance times what the customer's own habit would be worth.
    pub own: f64,
    /// That chance times what is at stake among those who listen to the customer.
    pub chain: f64,
}

impl DoubtPrice {
    /// The whole price: own and chain.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.own + self.chain
    }
}

/// The prices of a customer's open doubts.
///
/// ```
/// use sortie::calendar::Date;
/// use sortie::customer::behaviour::{Behaviour, Doubt, DoubtPrices};
/// use sortie::fraction::Fraction;
/// use sortie::id::Id;
///
/// let day = Date::new(2026, 3, 9)?;
/// let doubt = |id: &str, severity| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(Doubt::raise(Id::new(id)?, day, Fraction::new(severity)?))
/// };
/// let doubts = vec![doubt("dose", 0.2)?, doubt("storage", 0.5)?];
/// let behaviour = Behaviour::new(day, doubts, vec![])?;
///
/// // Untroubled, use becomes habit in six cases of ten; the habit is worth 1,000, the chain 200.
/// let prices = DoubtPrices::of(&behaviour, Fraction::new(0.6)?, 1_000.0, 200.0)?;
/// let dearest = &prices.each()[0];
/// assert_eq!(dearest.doubt.as_str(), "storage");
/// // .6 × .5 × (1 − .2) = .24 of the chance: 240 of its own and 48 of the chain.
/// assert!((dearest.total() - 288.0).abs() < 1e-9);
/// // Both together: .6 − .6 × .8 × .5.
/// assert!((prices.together() - 0.36 * 1_200.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DoubtPrices {
    each: Vec<DoubtPrice>,
    together: f64,
}

impl DoubtPrices {
    /// Prices the open doubts of a customer whose use would become habit with the chance `untroubled`, whose
    /// habit would be worth `own`, and on whose satisfaction `chain` more depends. Doubts that were left weigh
    /// on, and have no price any more: nothing can be done about them. O(n log n) for n doubts.
    ///
    /// # Errors
    /// [`BehaviourError::ValueAtStake`] for a value that is not finite or below zero.
    pub fn of(
        behaviour: &Behaviour,
        untroubled: Fraction,
        own: f64,
        chain: f64,
    ) -> Result<Self, BehaviourError> {
        for (field, value) in [("value of the habit", own), ("value of the chain", chain)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(BehaviourError::ValueAtStake { field, value });
            }
        }
        let weighing = || behaviour.doubts().iter().filter(|doubt| doubt.weighs());
        let kept_without = |left_out: &dyn Fn(&Id) -> bool| {
            weighing()
                .filter(|doubt| !left_out(doubt.id()))
                .fold(untroubled.get(), |chance, doubt| {
                    chance * doubt.severity().complement().get()
                })
        };
        let mut each: Vec<DoubtPrice> = behaviour
            .open_doubts()
            .map(|doubt| {
                let others = kept_without(&|id| id == doubt.id());
                let chance_taken = others * doubt.severity().get();
                DoubtPrice {
                    doubt: doubt.id().clone(),
                    chance_taken,
                    own: chance_taken * own,
                    chain: chance_taken * chain,
                }
            })
            .collect();
        // The chance falls with the severity alone, so this is the order of the totals too.
        each.sort_by(|a, b| {
            let dearer = b.chance_taken.total_cmp(&a.chance_taken);
            dearer.then_with(|| a.doubt.cmp(&b.doubt))
        });
        let open = |id: &Id| each.iter().any(|price| price.doubt == *id);
        let lost = kept_without(&open) - behaviour.adoption(untroubled).get();
        Ok(Self {
            together: lost.max(0.0) * (own + chain),
            each,
        })
    }

    /// Each open doubt with its price, were it the only one to be settled; the dearest first, ties by id.
    #[must_use]
    pub fn each(&self) -> &[DoubtPrice] {
        &self.each
    }

    /// What all of them cost together: more than the sum of the prices, since each settled doubt makes the
    /// next worth more.
    #[must_use]
    pub const fn together(&self) -> f64 {
        self.together
    }
}

/// One customer of a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Its place in the graph.
    pub place: usize,
    /// How many ties away it is, along the way counted.
    pub steps: u32,
    /// The chance that a doubt reaches it: the product of the weights along the likeliest way.
    pub weight: f64,
}

/// The customers who listen to one customer, and those who listen to them: what a doubt passed on may
/// reach \[B1\].
///
/// The weight of a tie is what [`Listening`] makes of its kind and strength; ties of several kinds between the
/// same two customers are taken together as 1 − Π(1 − w). Each customer is counted once, along the way that is
/// likeliest to carry the doubt to it, so no loop of acquaintances counts anyone twice. With one step the
/// chain is the sum of weight × value over those who listen directly. The default of [`Listening`] is 0 for
/// every kind, which makes every chain empty: that doubts travel is a belief for the caller to set.
///
/// ```
/// use sortie::customer::acquaintance::{AcquaintanceGraph, Listening, Tie, TieKind};
/// use sortie::customer::behaviour::Chain;
/// use sortie::fraction::Fraction;
/// use sortie::id::Id;
///
/// let ids = ["a", "b", "c"].map(|text| Id::new(text).unwrap());
/// let hears = |who: usize, knows: usize| {
///     Tie::new(ids[who].clone(), ids[knows].clone(), TieKind::Advice, Fraction::ONE)
/// };
/// // b listens to a, c listens to b.
/// let graph = AcquaintanceGraph::new(ids.to_vec(), [hears(1, 0)?, hears(2, 1)?])?;
/// let listening = Listening::uniform(Fraction::new(0.2)?)?;
/// let value = |place: usize| [0.0, 100.0, 1_000.0][place];
/// assert_eq!(Chain::of(&graph, 0, &listening, 1).value(value), 20.0);
/// assert!((Chain::of(&graph, 0, &listening, 2).value(value) - 60.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Chain {
    /// Ascending by place.
    links: Vec<Link>,
}

impl Chain {
    /// The chain that starts at the customer at a place, up to so many ties long; empty for a place outside
    /// the graph. O(steps · ties reached · log customers reached).
    #[must_use]
    pub fn of(graph: &AcquaintanceGraph, place: usize, listening: &Listening, steps: u32) -> Self {
        let mut reached: BTreeMap<usize, Link> = BTreeMap::new();
        let mut edge = BTreeMap::from([(place, 1.0)]);
        for step in 1..=steps {
            let mut next: BTreeMap<usize, f64> = BTreeMap::new();
            for (at, weight) in &edge {
                for (listener, tie) in listeners(graph, *at, listening) {
                    let weight = weight * tie;
                    let known = reached.get(&listener).map_or(0.0, |link| link.weight);
                    let found = next.get(&listener).copied().unwrap_or(0.0);
                    if listener != place && weight > known.max(found) {
                        next.insert(listener, weight);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            for (place, weight) in &next {
                let link = Link {
                    place: *place,
                    steps: step,
                    weight: *weight,
                };
                reached.insert(*place, link);
            }
            edge = next;
        }
        Self {
            links: reached.into_values().collect(),
        }
    }

    /// The customers of the chain, in the order of their places.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// What is at stake among them: Σ weight × the value of the customer at each place.
    #[must_use]
    pub fn value(&self, at_stake: impl Fn(usize) -> f64) -> f64 {
        let mut sum = ExactSum::new();
        for link in &self.links {
            sum.add(link.weight * at_stake(link.place));
        }
        sum.value()
    }
}

/// Who listens to the customer at a place, each once, with the weight of all its ties.
fn listeners(
    graph: &AcquaintanceGraph,
    place: usize,
    listening: &Listening,
) -> BTreeMap<usize, f64> {
    let mut weights = BTreeMap::new();
    for tie in graph.known_by(place) {
        let reach = listening.reach(tie.kind, tie.strength, Fraction::ONE);
        if reach > 0.0 {
            let weight = weights.entry(tie.place).or_insert(0.0);
            *weight += reach - *weight * reach;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::Date;
    use crate::customer::acquaintance::{Tie, TieByPlace, TieKind};
    use crate::customer::behaviour::Doubt;

    fn fraction(value: f64) -> Fraction {
        Fraction::new(value).unwrap()
    }

    fn day(number: i32) -> Date {
        Date::from_day_number(number).unwrap()
    }

    fn ids(count: usize) -> Vec<Id> {
        (0..count)
            .map(|place| Id::new(format!("c{place:02}")).unwrap())
            .collect()
    }

    fn graph(count: usize, ties: &[(u32, u32, f64)]) -> AcquaintanceGraph {
        let ties = ties.iter().map(|(who, knows, strength)| TieByPlace {
            who: *who,
            knows: *knows,
            kind: TieKind::Advice,
            strength: fraction(*strength),
        });
        AcquaintanceGraph::from_places(ids(count), ties.collect()).unwrap()
    }

    #[test]
    fn doubts_that_were_left_weigh_and_have_no_price() {
        let doubt =
            |name: &str, severity| Doubt::raise(Id::new(name).unwrap(), day(3), fraction(severity));
        let left = doubt("left", 0.5).leave(day(9)).unwrap();
        let settled = doubt("settled", 0.9)
            .answer(day(4))
            .and_then(|it| it.settle(day(5)));
        let doubts = vec![doubt("open", 0.4), left, settled.unwrap()];
        let behaviour = Behaviour::new(day(0), doubts, vec![]).unwrap();
        let prices = DoubtPrices::of(&behaviour, Fraction::ONE, 10.0, 0.0).unwrap();
        assert_eq!(prices.each().len(), 1);
        assert!((prices.each()[0].chance_taken - 0.2).abs() < 1e-15);
        assert!((prices.together() - 2.0).abs() < 1e-12);
        // A doubt that takes everything is priced all the same.
        let doubts = vec![doubt("a", 1.0), doubt("b", 0.5)];
        let behaviour = Behaviour::new(day(0), doubts, vec![]).unwrap();
        let prices = DoubtPrices::of(&behaviour, Fraction::ONE, 10.0, 2.0).unwrap();
        let found: Vec<(&str, f64)> = prices
            .each()
            .iter()
            .map(|price| (price.doubt.as_str(), price.total()))
            .collect();
        assert_eq!(found, [("a", 6.0), ("b", 0.0)]);
        assert!((prices.together() - 12.0).abs() < 1e-12);
    }

    #[test]
    fn values_that_are_none_are_refused() {
        let behaviour = Behaviour::new(day(0), vec![], vec![]).unwrap();
        for value in [-1.0, f64::NAN, f64::INFINITY] {
            let refused = DoubtPrices::of(&behaviour, Fraction::ONE, value, 0.0).unwrap_err();
            assert_eq!(
                refused.to_string(),
                format!("value of the habit is {value}: it must be finite and zero or more")
            );
            assert!(DoubtPrices::of(&behaviour, Fraction::ONE, 0.0, value).is_err());
        }
        let none = DoubtPrices::of(&behaviour, Fraction::ONE, 5.0, 5.0).unwrap();
        assert!(none.each().is_empty() && none.together() == 0.0);
    }

    #[test]
    fn the_likeliest_way_counts_and_loops_do_not() {
        // 1 and 2 listen to 0, 2 listens to 1 as well, 0 listens to 2: a loop.
        let graph = graph(4, &[(1, 0, 1.0), (2, 0, 0.1), (2, 1, 1.0), (0, 2, 1.0)]);
        let listening = Listening::uniform(fraction(0.5)).unwrap();
        let links = |steps| {
            let chain = Chain::of(&graph, 0, &listening, steps);
            let links: Vec<(usize, u32, f64)> = chain
                .links()
                .iter()
                .map(|link| (link.place, link.steps, link.weight))
                .collect();
            links
        };
        assert_eq!(links(0), []);
        assert_eq!(links(1), [(1, 1, 0.5), (2, 1, 0.05)]);
        assert_eq!(links(2), [(1, 1, 0.5), (2, 2, 0.25)]);
        assert_eq!(links(99), links(2));
        assert!(Chain::of(&graph, 7, &listening, 3).links().is_empty());
        assert_eq!(
            Chain::of(&graph, 0, &Listening::default(), 3),
            Chain::default()
        );
    }

    #[test]
    fn ties_of_two_kinds_are_taken_together() {
        let who = ids(2);
        let tie = |kind| Tie::new(who[1].clone(), who[0].clone(), kind, Fraction::ONE).unwrap();
        let ties = [tie(TieKind::Advice), tie(TieKind::Friendship)];
        let graph = AcquaintanceGraph::new(who.clone(), ties).unwrap();
        let listening = Listening::uniform(fraction(0.5)).unwrap();
        let chain = Chain::of(&graph, 0, &listening, 1);
        assert!((chain.links()[0].weight - 0.75).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn the_chain_is_the_best_way_of_all_ways(
            ties in prop::collection::btree_map((0_u32..6, 0_u32..6), 0.05..=1.0, 0..16),
            weight in 0.1..0.9,
            steps in 0_u32..4,
        ) {
            let ties: Vec<(u32, u32, f64)> = ties
                .into_iter()
                .filter(|((who, knows), _)| who != knows)
                .map(|((who, knows), strength)| (who, knows, strength))
                .collect();
            let graph = graph(6, &ties);
            let listening = Listening::uniform(fraction(weight)).unwrap();
            // Every walk of up to so many ties, the slow way.
            let mut best = [0.0_f64; 6];
            let mut walks = vec![(0_u32, 1.0)];
            for _ in 0..steps {
                let mut longer = vec![];
                for (at, so_far) in &walks {
                    for (who, _, strength) in ties.iter().filter(|(_, knows, _)| knows == at) {
                        longer.push((*who, so_far * weight * strength));
                    }
                }
                for (at, so_far) in &longer {
                    let place = usize::try_from(*at).unwrap();
                    best[place] = best[place].max(*so_far);
                }
                walks = longer;
            }
            best[0] = 0.0;
            let mut found = [0.0; 6];
            for link in Chain::of(&graph, 0, &listening, steps).links() {
                found[link.place] = link.weight;
                prop_assert!(link.steps >= 1 && link.steps <= steps);
            }
            for (found, best) in found.iter().zip(best) {
                prop_assert!((found - best).abs() < 1e-12);
            }
        }

        #[test]
        fn together_is_no_less_than_the_sum_and_order_is_immaterial(
            severities in prop::collection::vec(0.0..=1.0, 0..6),
            untroubled in 0.0..=1.0,
        ) {
            let untroubled = fraction(untroubled);
            let doubts: Vec<Doubt> = severities
                .iter()
                .enumerate()
                .map(|(place, severity)| {
                    Doubt::raise(Id::new(format!("d{place}")).unwrap(), day(1), fraction(*severity))
                })
                .collect();
            let behaviour = Behaviour::new(day(0), doubts.clone(), vec![]).unwrap();
            let prices = DoubtPrices::of(&behaviour, untroubled, 100.0, 50.0).unwrap();
            let sum: f64 = prices.each().iter().map(DoubtPrice::total).sum();
            prop_assert!(prices.together() >= sum - 1e-9);
            prop_assert!(prices.together() <= 150.0 * untroubled.get() + 1e-9);
            // Settling the dearest gains what it was priced at.
            if let Some(dearest) = prices.each().first() {
                let settled: Vec<Doubt> = doubts
                    .iter()
                    .map(|doubt| if *doubt.id() == dearest.doubt {
                        doubt.answer(day(2)).and_then(|it| it.settle(day(3))).unwrap()
                    } else {
                        doubt.clone()
                    })
                    .collect();
                let after = Behaviour::new(day(0), settled, vec![]).unwrap();
                let gained = after.adoption(untroubled).get() - behaviour.adoption(untroubled).get();
                prop_assert!((gained - dearest.chance_taken).abs() < 1e-12);
            }
        }
    }
}
