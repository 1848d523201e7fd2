//! Menus in groups in groups, with caps and floors, against all combinations.

use sortie::allocate::{
    Activity, AllocateError, Group, MenuOption, Objective, Options, Problem, Status, Verdict,
    solve, solve_with, verify,
};
use sortie::money::Currency;
use sortie::numeric::{Draws, Stream, cast};

use crate::make::{id, money};

/// A group of the forest: the one around it, its floor and its cap.
struct Node {
    parent: Option<usize>,
    floor: u64,
    cap: Option<u64>,
}

/// Menus as pairs of cost and value, the group of each, and the forest.
struct Nested {
    budget: u64,
    menus: Vec<Vec<(u64, f64)>>,
    required: Vec<bool>,
    home: Vec<Option<usize>>,
    nodes: Vec<Node>,
}

/// One time in `of`.
fn rarely(draw: &mut Stream, of: u64) -> bool {
    draw.below(of) == 0
}

impl Nested {
    fn draw(seed: u64) -> Self {
        let mut draw = Draws::new(0x6e).stream(&[seed]);
        let nodes: Vec<Node> = (0..usize::try_from(1 + draw.below(4)).unwrap())
            .map(|at| Node {
                parent: (at > 0 && draw.below(3) > 0)
                    .then(|| usize::try_from(draw.below(cast::u64_of_usize(at))).unwrap()),
                floor: if rarely(&mut draw, 3) {
                    draw.below(900)
                } else {
                    0
                },
                cap: (!rarely(&mut draw, 4)).then(|| 900 + draw.below(1_500)),
            })
            .collect();
        let count = 3 + draw.below(5);
        let menus = (0..count).map(|_| {
            let option = |draw: &mut Stream| {
                let value = 50.0 * draw.uniform() - if rarely(draw, 4) { 20.0 } else { 0.0 };
                (draw.below(900), value)
            };
            (0..=draw.below(3)).map(|_| option(&mut draw)).collect()
        });
        let menus: Vec<Vec<(u64, f64)>> = menus.collect();
        let home = (0..count).map(|_| {
            let at = usize::try_from(draw.below(cast::u64_of_usize(nodes.len()) + 1)).unwrap();
            (at < nodes.len()).then_some(at)
        });
        let home = home.collect();
        let required = (0..count).map(|_| rarely(&mut draw, 6)).collect();
        Self {
            budget: count * (100 + draw.below(300)),
            menus,
            required,
            home,
            nodes,
        }
    }

    fn problem(&self) -> Problem {
        let activities = self.menus.iter().enumerate().map(|(at, menu)| {
            let options = (menu.iter().enumerate()).map(|(o, (cost, value))| {
                MenuOption::new(id(&format!("o{o}")), money(*cost), *value)
            });
            let name = id(&format!("a{at}"));
            if self.required[at] {
                Activity::required_menu(name, options.collect())
            } else {
                Activity::menu(name, options.collect())
            }
        });
        let groups = self.nodes.iter().enumerate().map(|(at, node)| {
            let members = (self.home.iter().enumerate())
                .filter(|(_, home)| **home == Some(at))
                .map(|(activity, _)| id(&format!("a{activity}")));
            let group = Group::new(id(&format!("g{at}")))
                .with_floor(money(node.floor))
                .with_members(members.collect());
            let group = node
                .cap
                .iter()
                .fold(group, |group, cap| group.with_cap(money(*cap)));
            (node.parent.iter()).fold(group, |group, parent| {
                group.with_parent(id(&format!("g{parent}")))
            })
        });
        let budget = Objective::Budget(money(self.budget));
        Problem::new(
            Currency::USD,
            budget,
            vec![],
            activities.collect(),
            groups.collect(),
        )
        .unwrap()
    }

    /// The highest value of any lawful combination.
    fn best(&self) -> Option<f64> {
        let mut best = None;
        let mut spent = vec![0; self.nodes.len()];
        self.go_on(0, (0, 0.0), &mut spent, &mut best);
        best
    }

    fn go_on(
        &self,
        at: usize,
        (cost, value): (u64, f64),
        spent: &mut [u64],
        best: &mut Option<f64>,
    ) {
        let Some(menu) = self.menus.get(at) else {
            let kept = (self.nodes.iter().zip(spent.iter())).all(|(node, spent)| {
                node.floor <= *spent && node.cap.is_none_or(|cap| *spent <= cap)
            });
            if kept && cost <= self.budget && best.is_none_or(|best| value > best) {
                *best = Some(value);
            }
            return;
        };
        let nothing = (!self.required[at]).then_some((0, 0.0));
        for (more, gain) in menu.iter().copied().chain(nothing) {
            let add = |spent: &mut [u64], sign: bool| {
                let mut group = self.home[at];
                while let Some(place) = group {
                    spent[place] = if sign {
                        spent[place] + more
                    } else {
                        spent[place] - more
                    };
                    group = self.nodes[place].parent;
                }
            };
            add(spent, true);
            self.go_on(at + 1, (cost + more, value + gain), spent, best);
            add(spent, false);
        }
    }
}

#[test]
fn groups_in_groups_are_exact() {
    let (mut feasible, mut proved) = (0, 0);
    for seed in 0..2_000 {
        let nested = Nested::draw(seed);
        let problem = nested.problem();
        let best = nested.best();
        let answer = match (solve(&problem), best) {
            (Ok(answer), Some(_)) => answer,
            (Err(AllocateError::Infeasible(_)), None) => continue,
            (answer, best) => panic!("seed {seed}: {answer:?}, not {best:?}"),
        };
        let best = best.unwrap();
        feasible += 1;
        assert_eq!(answer.status(), Status::Optimal, "seed {seed}");
        let accuracy = 1e-11 * best.abs().max(1.0);
        assert!(
            (answer.value() - best).abs() <= accuracy,
            "seed {seed}: {} not {best}",
            answer.value()
        );
        proved += usize::from(verify(&problem, &answer) == Ok(Verdict::Proved));
        // Cut short, the bound still holds.
        let few = Options::default().with_nodes_most(1 + seed % 7);
        if let Ok(answer) = solve_with(&problem, few, |_| core::ops::ControlFlow::Continue(())) {
            assert!(
                answer.value() <= best + accuracy && answer.bound() >= best - accuracy,
                "seed {seed}"
            );
        }
    }
    assert!(feasible >= 1_000, "{feasible} of 2,000 feasible");
    assert_eq!(proved, feasible, "proved to the checker too");
}
