//! A problem in its plainest form: what the generators make, the oracles judge, and a document states.
//!
//! Nothing here comes from the library. A plain problem reaches the solver as the text of a
//! `sortie/problem/1` document, as any host's would.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A response curve, in currency units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Curve {
    Exponential {
        scale: f64,
        rate: f64,
    },
    Power {
        scale: f64,
        exponent: f64,
    },
    Logarithmic {
        scale: f64,
        half: f64,
    },
    Adbudg {
        scale: f64,
        exponent: f64,
        half: f64,
    },
    Piecewise(Vec<(f64, f64)>),
}

impl Curve {
    /// Whether gains never rise.
    pub(crate) fn is_concave(&self) -> bool {
        match self {
            Self::Exponential { .. } | Self::Power { .. } | Self::Logarithmic { .. } => true,
            Self::Adbudg { exponent, .. } => *exponent <= 1.0,
            Self::Piecewise(points) => points.windows(3).all(|w| {
                let before = (w[1].1 - w[0].1) / (w[1].0 - w[0].0);
                let after = (w[2].1 - w[1].1) / (w[2].0 - w[1].0);
                after <= before
            }),
        }
    }

    /// The curve's value at `x`, by the formula of the format and the system's own functions.
    pub(crate) fn value(&self, x: f64) -> f64 {
        match self {
            Self::Exponential { scale, rate } => -scale * libm::expm1(-rate * x),
            Self::Power { scale, exponent } => scale * libm::pow(x, *exponent),
            Self::Logarithmic { scale, half } => scale * libm::log1p(x / half),
            Self::Adbudg {
                scale,
                exponent,
                half,
            } => {
                // Divided through by the numerator's power, so that neither power overflows alone.
                if x <= 0.0 {
                    0.0
                } else {
                    scale / (1.0 + libm::pow(half / x, *exponent))
                }
            }
            Self::Piecewise(points) => piecewise(points, x),
        }
    }

    /// `value(to) − value(from)` without cancellation.
    pub(crate) fn rise(&self, from: f64, to: f64) -> f64 {
        match self {
            Self::Exponential { scale, rate } => {
                -scale * libm::exp(-rate * from) * libm::expm1(-rate * (to - from))
            }
            Self::Logarithmic { scale, half } => scale * libm::log1p((to - from) / (half + from)),
            Self::Power { scale, exponent } if from > 0.0 => {
                let growth = libm::expm1(exponent * libm::log1p((to - from) / from));
                scale * libm::pow(from, *exponent) * growth
            }
            Self::Adbudg {
                scale,
                exponent,
                half,
            } if from > 0.0 => {
                let (a, b) = (
                    libm::pow(from / half, *exponent),
                    libm::pow(to / half, *exponent),
                );
                let d = a * libm::expm1(exponent * libm::log1p((to - from) / from));
                if b.is_finite() {
                    scale * (d / (1.0 + b)) / (1.0 + a)
                } else {
                    0.0
                }
            }
            Self::Piecewise(points) => piecewise_rise(points, from, to),
            _ => self.value(to) - self.value(from),
        }
    }

    fn document(&self) -> Value {
        match self {
            Self::Exponential { scale, rate } => {
                json!({ "modified_exponential": { "scale": scale, "rate": rate } })
            }
            Self::Power { scale, exponent } => {
                json!({ "power": { "scale": scale, "exponent": exponent } })
            }
            Self::Logarithmic { scale, half } => {
                json!({ "logarithmic": { "scale": scale, "half": half } })
            }
            Self::Adbudg {
                scale,
                exponent,
                half,
            } => {
                json!({ "adbudg": { "scale": scale, "exponent": exponent, "half": half } })
            }
            Self::Piecewise(points) => {
                let points: Vec<_> = points.iter().map(|(x, y)| json!([x, y])).collect();
                json!({ "piecewise_linear": { "points": points } })
            }
        }
    }
}

fn piecewise(points: &[(f64, f64)], x: f64) -> f64 {
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if x <= x1 {
            return y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
        }
    }
    points.last().map_or(0.0, |p| p.1)
}

/// The rise piece by piece, so that a short step on a high curve keeps its digits.
fn piecewise_rise(points: &[(f64, f64)], from: f64, to: f64) -> f64 {
    points
        .windows(2)
        .map(|pair| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let width = to.min(x1) - from.max(x0);
            if width > 0.0 {
                (y1 - y0) * (width / (x1 - x0))
            } else {
                0.0
            }
        })
        .sum()
}

/// One option of a menu; uses in millionths.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) cost: i64,
    pub(crate) value: f64,
    pub(crate) uses: BTreeMap<String, u64>,
}

/// What an activity offers; money in minor units, uses in millionths a currency unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Offer {
    Spend {
        curve: Curve,
        floor: i64,
        cap: Option<i64>,
        minimum_if_any: Option<i64>,
        step: Option<i64>,
        uses: BTreeMap<String, u64>,
    },
    Menu {
        options: Vec<Choice>,
        required: bool,
    },
}

impl Offer {
    /// A curve with no bounds.
    pub(crate) fn free(curve: Curve) -> Self {
        Self::Spend {
            curve,
            floor: 0,
            cap: None,
            minimum_if_any: None,
            step: None,
            uses: BTreeMap::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) offer: Offer,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) floor: i64,
    pub(crate) cap: Option<i64>,
    pub(crate) members: Vec<String>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aim {
    Budget(i64),
    Target(f64),
}

/// A whole problem; resource limits in millionths.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plain {
    pub(crate) currency: &'static str,
    pub(crate) aim: Aim,
    pub(crate) resources: Vec<(String, u64)>,
    pub(crate) activities: Vec<Activity>,
    pub(crate) groups: Vec<Group>,
}

impl Plain {
    pub(crate) fn decimals(&self) -> u32 {
        match self.currency {
            "JPY" => 0,
            "BHD" => 3,
            _ => 2,
        }
    }

    /// Minor units in a currency unit.
    pub(crate) fn minor_in_unit(&self) -> i64 {
        10_i64.pow(self.decimals())
    }

    /// A spend in currency units.
    pub(crate) fn units(&self, minor: i64) -> f64 {
        float(minor) / float(self.minor_in_unit())
    }

    pub(crate) fn money(&self, minor: i64) -> String {
        decimal(i128::from(minor), self.decimals())
    }

    pub(crate) fn budget(&self) -> Option<i64> {
        match self.aim {
            Aim::Budget(budget) => Some(budget),
            Aim::Target(_) => None,
        }
    }

    /// The problem's document.
    pub(crate) fn document(&self) -> Value {
        let mut top = Map::new();
        top.insert("schema".into(), json!("sortie/problem/1"));
        top.insert("currency".into(), json!(self.currency));
        match self.aim {
            Aim::Budget(budget) => top.insert("budget".into(), json!(self.money(budget))),
            Aim::Target(target) => top.insert("target".into(), json!(target)),
        };
        if !self.resources.is_empty() {
            let resources: Vec<_> = self
                .resources
                .iter()
                .map(|(id, limit)| json!({ "id": id, "limit": quantity(*limit) }))
                .collect();
            top.insert("resources".into(), json!(resources));
        }
        let activities: Vec<_> = self.activities.iter().map(|a| self.activity(a)).collect();
        top.insert("activities".into(), json!(activities));
        if !self.groups.is_empty() {
            let groups: Vec<_> = self.groups.iter().map(|g| self.group(g)).collect();
            top.insert("groups".into(), json!(groups));
        }
        Value::Object(top)
    }

    /// The document's text.
    pub(crate) fn text(&self) -> String {
        self.document().to_string()
    }

    fn activity(&self, activity: &Activity) -> Value {
        let mut out = Map::new();
        out.insert("id".into(), json!(activity.id));
        match &activity.offer {
            Offer::Spend {
                curve,
                floor,
                cap,
                minimum_if_any,
                step,
                uses,
            } => {
                out.insert("response".into(), curve.document());
                if *floor != 0 {
                    out.insert("floor".into(), json!(self.money(*floor)));
                }
                for (key, bound) in [
                    ("cap", cap),
                    ("minimum_if_any", minimum_if_any),
                    ("step", step),
                ] {
                    if let Some(bound) = bound {
                        out.insert(key.into(), json!(self.money(*bound)));
                    }
                }
                if !uses.is_empty() {
                    out.insert("uses_per_unit".into(), usage(uses));
                }
            }
            Offer::Menu { options, required } => {
                let menu: Vec<_> = options.iter().map(|o| self.option(o)).collect();
                out.insert("menu".into(), json!(menu));
                if *required {
                    out.insert("required".into(), json!(true));
                }
            }
        }
        Value::Object(out)
    }

    fn option(&self, option: &Choice) -> Value {
        let mut out = Map::new();
        out.insert("id".into(), json!(option.id));
        out.insert("cost".into(), json!(self.money(option.cost)));
        out.insert("value".into(), json!(option.value));
        if !option.uses.is_empty() {
            out.insert("uses".into(), usage(&option.uses));
        }
        Value::Object(out)
    }

    fn group(&self, group: &Group) -> Value {
        let mut out = Map::new();
        out.insert("id".into(), json!(group.id));
        if let Some(parent) = &group.parent {
            out.insert("parent".into(), json!(parent));
        }
        if group.floor != 0 {
            out.insert("floor".into(), json!(self.money(group.floor)));
        }
        if let Some(cap) = group.cap {
            out.insert("cap".into(), json!(self.money(cap)));
        }
        if !group.members.is_empty() {
            out.insert("members".into(), json!(group.members));
        }
        Value::Object(out)
    }

    /// For each group, the activities in it or in its child groups, by place.
    pub(crate) fn insiders(&self) -> Vec<Vec<usize>> {
        let chains = self.chains();
        (0..self.groups.len())
            .map(|g| {
                (0..self.activities.len())
                    .filter(|a| chains[*a].contains(&g))
                    .collect()
            })
            .collect()
    }

    /// For each activity, its groups from the innermost to the root, by place.
    pub(crate) fn chains(&self) -> Vec<Vec<usize>> {
        self.activities
            .iter()
            .map(|activity| {
                let mut chain = Vec::new();
                let mut next = self
                    .groups
                    .iter()
                    .position(|g| g.members.contains(&activity.id));
                while let Some(place) = next {
                    chain.push(place);
                    next = self.groups[place]
                        .parent
                        .as_ref()
                        .and_then(|parent| self.groups.iter().position(|g| &g.id == parent));
                }
                chain
            })
            .collect()
    }
}

fn usage(uses: &BTreeMap<String, u64>) -> Value {
    Value::Object(
        uses.iter()
            .map(|(id, micros)| (id.clone(), json!(quantity(*micros))))
            .collect(),
    )
}

/// A resource amount from millionths.
pub(crate) fn quantity(micros: u64) -> String {
    decimal(i128::from(micros), 6)
}

/// A decimal string with exactly these decimals.
pub(crate) fn decimal(amount: i128, decimals: u32) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let size = amount.unsigned_abs();
    let unit = 10_u128.pow(decimals);
    let mut text = format!("{sign}{}", size / unit);
    if decimals > 0 {
        let width = usize::try_from(decimals).unwrap();
        write!(text, ".{:0width$}", size % unit).unwrap();
    }
    text
}

/// Minor units from a decimal string with exactly these decimals.
pub(crate) fn minor(text: &str, decimals: u32) -> i64 {
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    let places = text.split_once('.').map_or(0, |(_, tail)| tail.len());
    assert_eq!(
        places,
        usize::try_from(decimals).unwrap(),
        "decimals of {text:?}"
    );
    digits.parse().unwrap()
}

/// The nearest float.
pub(crate) fn float(whole: i64) -> f64 {
    sortie::numeric::cast::f64_of_i64(whole)
}
