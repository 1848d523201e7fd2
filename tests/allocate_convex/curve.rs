//! The concave families, written anew: their values, what each demands at a price, and their place among cones.

use sortie::response::{self, Adbudg, Logarithmic, ModifiedExponential, PiecewiseLinear, Power};

use crate::cone::{Affine, Cone, Programme};

/// A concave curve of a spend in currency units.
#[derive(Clone, Debug)]
pub(crate) enum Curve {
    Exponential {
        scale: f64,
        rate: f64,
    },
    Logarithmic {
        scale: f64,
        half: f64,
    },
    Power {
        scale: f64,
        exponent: f64,
    },
    /// With an exponent of at most 1.
    Adbudg {
        scale: f64,
        exponent: f64,
        half: f64,
    },
    /// Slopes fall.
    Piecewise(Vec<(f64, f64)>),
}

impl Curve {
    /// The same curve for the market.
    pub(crate) fn market(&self) -> response::Curve {
        match self {
            Self::Exponential { scale, rate } => {
                ModifiedExponential::new(*scale, *rate).unwrap().into()
            }
            Self::Logarithmic { scale, half } => Logarithmic::new(*scale, *half).unwrap().into(),
            Self::Power { scale, exponent } => Power::new(*scale, *exponent).unwrap().into(),
            Self::Adbudg {
                scale,
                exponent,
                half,
            } => Adbudg::new(*scale, *exponent, *half).unwrap().into(),
            Self::Piecewise(points) => PiecewiseLinear::new(points).unwrap().into(),
        }
    }

    pub(crate) fn value(&self, spend: f64) -> f64 {
        match self {
            Self::Exponential { scale, rate } => -scale * libm::expm1(-rate * spend),
            Self::Logarithmic { scale, half } => scale * libm::log1p(spend / half),
            Self::Power { scale, exponent } => scale * libm::pow(spend, *exponent),
            Self::Adbudg {
                scale,
                exponent,
                half,
            } => {
                let odds = libm::pow(spend / half, *exponent);
                scale * odds / (1.0 + odds)
            }
            Self::Piecewise(points) => {
                let pieces = lines(points).map(|(start, slope)| start + slope * spend);
                pieces.fold(f64::INFINITY, f64::min)
            }
        }
    }

    /// Where value less price times spend is greatest, within a range.
    pub(crate) fn demand(&self, price: f64, (low, high): (f64, f64)) -> f64 {
        if let Self::Piecewise(points) = self {
            let net = |spend: &f64| self.value(*spend) - price * spend;
            let knots = points.iter().map(|(spend, _)| spend.clamp(low, high));
            let ends = knots.chain([low, high]);
            return ends.max_by(|a, b| net(a).total_cmp(&net(b))).unwrap();
        }
        if price <= 0.0 {
            return high;
        }
        let best = match self {
            Self::Exponential { scale, rate } => libm::log(scale * rate / price) / rate,
            Self::Logarithmic { scale, half } => scale / price - half,
            Self::Power { scale, exponent } => {
                libm::pow(scale * exponent / price, 1.0 / (1.0 - exponent))
            }
            Self::Adbudg { .. } => return self.bisected(price, (low, high)),
            Self::Piecewise(_) => unreachable!("answered above"),
        };
        best.clamp(low, high)
    }

    /// The demand of an ADBUDG curve, whose slope has no inverse in closed form, by halving the range.
    fn bisected(&self, price: f64, (mut low, mut high): (f64, f64)) -> f64 {
        let Self::Adbudg {
            scale,
            exponent,
            half,
        } = self
        else {
            unreachable!("asked of ADBUDG alone")
        };
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            let odds = libm::pow(middle / half, *exponent);
            let slope = scale * exponent * odds / (middle * (1.0 + odds) * (1.0 + odds));
            if slope > price {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Adds a column to a programme that is at most this value over `worth`, for a spend of `size` times another column.
    pub(crate) fn add(
        &self,
        programme: &mut Programme,
        spend: usize,
        size: f64,
        worth: f64,
    ) -> usize {
        let value = programme.column();
        let one = Affine::constant(1.0);
        let of_spend = |start: f64, slope: f64| Affine::constant(start).plus(slope * size, spend);
        let reaches = |scale: f64, inner: Affine| inner.times(scale / worth).plus(-1.0, value);
        match self {
            Self::Exponential { scale, rate } => {
                // e^(−rate·x) ≤ rest, and value ≤ scale·(1 − rest).
                let rest = programme.column();
                let ahead = [of_spend(0.0, -rate), one.clone(), Affine::of(rest)];
                programme.within(Cone::Exponential, &ahead);
                programme.at_least_zero(&reaches(*scale, one.plus(-1.0, rest)));
            }
            Self::Logarithmic { scale, half } => {
                // e^(value/scale) ≤ 1 + x/half.
                let level = Affine::of(value).times(worth / scale);
                programme.within(Cone::Exponential, &[level, one, of_spend(1.0, 1.0 / half)]);
            }
            Self::Power { scale, exponent } => {
                let root = programme.column();
                // root ≤ (x/size)^exponent.
                let ahead = [Affine::of(spend), one, Affine::of(root)];
                programme.within(Cone::Power(*exponent), &ahead);
                let scale = scale * libm::pow(size, *exponent);
                programme.at_least_zero(&reaches(scale, Affine::of(root)));
            }
            Self::Adbudg {
                scale,
                exponent,
                half,
            } => {
                // odds ≤ (x/half)^exponent, 1 ≤ rest·(1 + odds), and value ≤ scale·(1 − rest).
                let odds = if *exponent < 1.0 {
                    let odds = programme.column();
                    let ahead = [of_spend(0.0, 1.0 / half), one.clone(), Affine::of(odds)];
                    programme.within(Cone::Power(*exponent), &ahead);
                    Affine::of(odds)
                } else {
                    of_spend(0.0, 1.0 / half)
                };
                let rest = programme.column();
                let (sum, two) = (odds.shifted(1.0), Affine::constant(2.0));
                let ahead = [sum.clone().plus(1.0, rest), two, sum.plus(-1.0, rest)];
                programme.within(Cone::SecondOrder, &ahead);
                programme.at_least_zero(&reaches(*scale, one.plus(-1.0, rest)));
            }
            Self::Piecewise(points) => {
                for (start, slope) in lines(points) {
                    programme.at_least_zero(&reaches(1.0, of_spend(start, slope)));
                }
            }
        }
        value
    }
}

/// The lines whose lower envelope the points are: value at no spend, and slope; the last is flat.
fn lines(points: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> + '_ {
    let last = points.last().map(|(_, value)| (*value, 0.0));
    let pieces = points.windows(2).map(|pair| {
        let slope = (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
        (pair[0].1 - slope * pair[0].0, slope)
    });
    pieces.chain(last)
}
