//! What must hold of any input. Shared by the fuzz targets and by the test that runs their corpus.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use sortie::allocate::{AllocateError, Options, Problem, Status, Verdict, solve_with, verify};

/// Any bytes: refused with a reason, or a problem that reads back as itself.
pub(crate) fn document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) => {
            let printed = serde_json::to_string(&problem).expect("a problem can be written");
            let again: Problem =
                serde_json::from_str(&printed).expect("what was written can be read");
            assert!(problem == again, "{printed}");
            if problem.activities().len() <= 8 {
                solved(&problem);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Bytes as dice: a problem document of any kind of constraint, mostly lawful.
pub(crate) fn allocate(bytes: &[u8]) {
    let text = Dice { bytes }.problem();
    if let Ok(problem) = serde_json::from_str::<Problem>(&text) {
        solved(&problem);
    }
}

/// Every answer is feasible and verified within the gap that it states; every refusal says what it is.
fn solved(problem: &Problem) {
    let options = Options::default().with_nodes_most(200);
    match solve_with(problem, options, |_| ControlFlow::Continue(())) {
        Ok(answer) => {
            let verdict = verify(problem, &answer).expect("a feasible answer");
            assert!(
                answer.value().is_finite() && answer.bound().is_finite() && answer.gap() >= 0.0
            );
            if answer.unspent().is_some() {
                assert!(answer.bound() >= answer.value());
                let optimal = answer.status() == Status::Optimal;
                assert!(!optimal || answer.gap() <= 1e-12 * answer.value().abs());
            }
            if let Verdict::FeasibleWithin { gap } = verdict {
                assert!(gap >= 0.0);
            }
            let printed = serde_json::to_string(&answer).expect("an answer can be written");
            assert!(!printed.contains("null"));
        }
        Err(error @ AllocateError::Infeasible(_)) => {
            let text = error.to_string();
            assert!(text.contains("infeasible") && text.bytes().any(|byte| byte.is_ascii_digit()));
        }
        Err(AllocateError::CutOff { .. } | AllocateError::ValueOutOfRange) => {}
        Err(other) => {
            let text = serde_json::to_string(problem).expect("a problem can be written");
            panic!("{other}: {text}")
        }
    }
}

/// Bytes, one outcome each; past their end always the plainest.
struct Dice<'b> {
    bytes: &'b [u8],
}

impl Dice<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        first % sides
    }

    fn among<T: Copy>(&mut self, list: &[T]) -> T {
        let sides = u8::try_from(list.len()).expect("a short list");
        list[usize::from(self.roll(sides))]
    }

    fn amount(&mut self) -> u64 {
        let small = u64::from(self.roll(20));
        let scale = self.among(&[
            1,
            1,
            1,
            7,
            100,
            12_345,
            1_000_000_007,
            300_000_000_000_000_000,
        ]);
        small * scale
    }

    fn number(&mut self) -> f64 {
        let small = f64::from(self.roll(200)) / 10.0;
        small * self.among(&[1.0, 1.0, 1.0, 0.001, 1e-9, 1e6, 1e12, -1.0])
    }

    fn problem(&mut self) -> String {
        let count = 1 + self.roll(5);
        let resources = self.roll(3);
        let mut text = String::from(r#"{"schema":"sortie/problem/1","currency":"JPY","#);
        if self.roll(5) == 4 {
            write!(text, r#""target":{},"#, self.number()).expect("text grows");
        } else {
            write!(text, r#""budget":"{}","#, self.amount()).expect("text grows");
        }
        let listed: Vec<String> = (0..resources)
            .map(|at| {
                format!(
                    r#"{{"id":"r{at}","limit":"{}.{}"}}"#,
                    self.roll(60),
                    self.roll(10)
                )
            })
            .collect();
        write!(text, r#""resources":[{}],"#, listed.join(",")).expect("text grows");
        let activities: Vec<String> = (0..count).map(|at| self.activity(at, resources)).collect();
        write!(text, r#""activities":[{}],"#, activities.join(",")).expect("text grows");
        let groups = self.groups(count);
        write!(text, r#""groups":[{groups}]}}"#).expect("text grows");
        text
    }

    fn uses(&mut self, resources: u8) -> String {
        let uses: Vec<String> = (0..resources)
            .filter_map(|at| {
                let used = self.roll(12);
                (used > 0).then(|| format!(r#""r{at}":"{used}.{}""#, self.roll(10)))
            })
            .collect();
        uses.join(",")
    }

    fn activity(&mut self, at: u8, resources: u8) -> String {
        let mut text = format!(r#"{{"id":"a{at}""#);
        if self.roll(2) == 0 {
            let options: Vec<String> = (0..=self.roll(5))
                .map(|option| {
                    let uses = self.uses(resources);
                    format!(
                        r#"{{"id":"o{option}","cost":"{}","value":{},"uses":{{{uses}}}}}"#,
                        self.amount(),
                        self.number()
                    )
                })
                .collect();
            write!(text, r#","menu":[{}]"#, options.join(",")).expect("text grows");
            if self.roll(4) == 3 {
                text.push_str(r#","required":true"#);
            }
        } else {
            let curve = self.curve();
            write!(text, r#","response":{curve}"#).expect("text grows");
            let step = 1 + u64::from(self.roll(4)) * u64::from(self.roll(30));
            if step > 1 {
                write!(text, r#","step":"{step}""#).expect("text grows");
            }
            let floor = u64::from(self.roll(4).saturating_sub(1)) * step;
            let least = u64::from(self.roll(5).saturating_sub(2)) * step;
            if least > 0 {
                write!(text, r#","minimum_if_any":"{least}""#).expect("text grows");
            } else if floor > 0 {
                write!(text, r#","floor":"{floor}""#).expect("text grows");
            }
            if self.roll(3) == 2 {
                let cap = floor.max(least) + u64::from(self.roll(20)) * step;
                write!(text, r#","cap":"{cap}""#).expect("text grows");
            }
            let uses = self.uses(resources);
            write!(text, r#","uses_per_unit":{{{uses}}}"#).expect("text grows");
        }
        text.push('}');
        text
    }

    fn curve(&mut self) -> String {
        let scale = self.number().abs() + self.among(&[1.0, 1e-6, 1e12]);
        let rate = self.number().abs() + self.among(&[0.01, 1e-9, 100.0]);
        match self.roll(6) {
            0 => format!(r#"{{"modified_exponential":{{"scale":{scale},"rate":{rate}}}}}"#),
            1 => format!(r#"{{"logarithmic":{{"scale":{scale},"half":{rate}}}}}"#),
            2 => {
                let exponent = f64::from(1 + self.roll(98)) / 100.0;
                format!(r#"{{"power":{{"scale":{scale},"exponent":{exponent}}}}}"#)
            }
            3 | 4 => {
                let exponent = f64::from(1 + self.roll(100)) / 10.0;
                format!(r#"{{"adbudg":{{"scale":{scale},"exponent":{exponent},"half":{rate}}}}}"#)
            }
            _ => {
                let (mut x, mut y) = (0.0, self.number());
                let mut points = format!("[0,{y}]");
                for _ in 0..=self.roll(4) {
                    x += f64::from(1 + self.roll(40)) / 4.0;
                    y += self.number().abs();
                    write!(points, ",[{x},{y}]").expect("text grows");
                }
                format!(r#"{{"piecewise_linear":{{"points":[{points}]}}}}"#)
            }
        }
    }

    fn groups(&mut self, activities: u8) -> String {
        let count = self.roll(4);
        let mut homes = vec![Vec::new(); usize::from(count) + 1];
        for at in 0..activities {
            let home = usize::from(self.roll(count + 1));
            homes[home].push(format!(r#""a{at}""#));
        }
        let groups: Vec<String> = (0..count)
            .map(|at| {
                let mut text = format!(
                    r#"{{"id":"g{at}","members":[{}]"#,
                    homes[usize::from(at)].join(",")
                );
                if at > 0 && self.roll(2) == 1 {
                    write!(text, r#","parent":"g{}""#, self.roll(at)).expect("text grows");
                }
                let floor = u64::from(self.roll(8).saturating_sub(4));
                if floor > 0 {
                    write!(text, r#","floor":"{floor}""#).expect("text grows");
                }
                if self.roll(2) == 1 {
                    write!(text, r#","cap":"{}""#, floor + self.amount()).expect("text grows");
                }
                text.push('}');
                text
            })
            .collect();
        groups.join(",")
    }
}
