//! Any curve behind one type, and the witness that one is concave.

use std::sync::Arc;

use super::{
    Adbudg, Concave, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, Response, Shape,
};

/// A response curve: one of the families, or your own.
///
/// Two curves of your own are equal if they are the same object.
///
/// ```
/// use std::sync::Arc;
/// use sortie::response::{Concave, Curve, Response, Shape};
///
/// /// One call closes; nothing more helps.
/// #[derive(Debug)]
/// struct OneCall { cost: f64, worth: f64 }
///
/// impl Response for OneCall {
///     fn value(&self, spend: f64) -> f64 {
///         if spend >= self.cost { self.worth } else { 0.0 }
///     }
///     fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
///         self.value(to as f64 * unit) - self.value(from as f64 * unit)
///     }
///     fn shape(&self) -> Shape { Shape::Monotone }
/// }
///
/// let own = OneCall { cost: 150.0, worth: 90.0 };
/// sortie::response::check_laws(&own, 1.0, 1_000)?;
/// let curve = Curve::Custom(Arc::new(own));
/// assert_eq!(curve.value(150.0), 90.0);
/// assert!(!curve.is_concave());
/// # Ok::<(), sortie::response::BrokenLaw>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Curve {
    /// See [`ModifiedExponential`].
    ModifiedExponential(ModifiedExponential),
    /// See [`Power`].
    Power(Power),
    /// See [`Logarithmic`].
    Logarithmic(Logarithmic),
    /// See [`Adbudg`].
    Adbudg(Adbudg),
    /// See [`PiecewiseLinear`].
    PiecewiseLinear(PiecewiseLinear),
    /// Your own, of any shape.
    Custom(Arc<dyn Response>),
    /// Your own, concave.
    CustomConcave(Arc<dyn Concave>),
}

impl Curve {
    /// Whether returns diminish throughout.
    #[must_use]
    pub fn is_concave(&self) -> bool {
        match self {
            Self::ModifiedExponential(_)
            | Self::Power(_)
            | Self::Logarithmic(_)
            | Self::CustomConcave(_) => true,
            Self::Adbudg(curve) => curve.exponent() <= 1.0,
            Self::PiecewiseLinear(curve) => curve.is_concave(),
            // It may say that it is concave, but cannot answer a price.
            Self::Custom(_) => false,
        }
    }

    /// The curve as one that a price search may use; `None` if it is not concave.
    #[must_use]
    pub fn as_concave(&self) -> Option<ConcaveCurve<'_>> {
        self.is_concave().then_some(ConcaveCurve(self))
    }

    /// The family's name in documents; `custom` for your own.
    #[must_use]
    pub const fn family(&self) -> &'static str {
        match self {
            Self::ModifiedExponential(_) => ModifiedExponential::FAMILY,
            Self::Power(_) => Power::FAMILY,
            Self::Logarithmic(_) => Logarithmic::FAMILY,
            Self::Adbudg(_) => Adbudg::FAMILY,
            Self::PiecewiseLinear(_) => PiecewiseLinear::FAMILY,
            Self::Custom(_) | Self::CustomConcave(_) => "custom",
        }
    }
}

impl Response for Curve {
    fn value(&self, spend: f64) -> f64 {
        match self {
            Self::ModifiedExponential(curve) => curve.value(spend),
            Self::Power(curve) => curve.value(spend),
            Self::Logarithmic(curve) => curve.value(spend),
            Self::Adbudg(curve) => curve.value(spend),
            Self::PiecewiseLinear(curve) => curve.value(spend),
            Self::Custom(curve) => curve.value(spend),
            Self::CustomConcave(curve) => curve.value(spend),
        }
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        match self {
            Self::ModifiedExponential(curve) => curve.gain(from, to, unit),
            Self::Power(curve) => curve.gain(from, to, unit),
            Self::Logarithmic(curve) => curve.gain(from, to, unit),
            Self::Adbudg(curve) => curve.gain(from, to, unit),
            Self::PiecewiseLinear(curve) => curve.gain(from, to, unit),
            Self::Custom(curve) => curve.gain(from, to, unit),
            Self::CustomConcave(curve) => curve.gain(from, to, unit),
        }
    }

    fn shape(&self) -> Shape {
        match self {
            Self::Adbudg(curve) => curve.shape(),
            Self::PiecewiseLinear(curve) => curve.shape(),
            Self::Custom(curve) => curve.shape(),
            Self::ModifiedExponential(_)
            | Self::Power(_)
            | Self::Logarithmic(_)
            | Self::CustomConcave(_) => Shape::Concave,
        }
    }
}

impl PartialEq for Curve {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ModifiedExponential(a), Self::ModifiedExponential(b)) => a == b,
            (Self::Power(a), Self::Power(b)) => a == b,
            (Self::Logarithmic(a), Self::Logarithmic(b)) => a == b,
            (Self::Adbudg(a), Self::Adbudg(b)) => a == b,
            (Self::PiecewiseLinear(a), Self::PiecewiseLinear(b)) => a == b,
            (Self::Custom(a), Self::Custom(b)) => Arc::ptr_eq(a, b),
            (Self::CustomConcave(a), Self::CustomConcave(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

macro_rules! from_family {
    ($($family:ident),*) => {
        $(impl From<$family> for Curve {
            fn from(curve: $family) -> Self {
                Self::$family(curve)
            }
        })*
    };
}

from_family!(
    ModifiedExponential,
    Power,
    Logarithmic,
    Adbudg,
    PiecewiseLinear
);

/// A curve known to be concave: made only by [`Curve::as_concave`].
///
/// ```
/// use sortie::response::{Adbudg, Concave, Curve};
/// let curve = Curve::from(Adbudg::new(100.0, 0.8, 40.0)?);
/// let concave = curve.as_concave().ok_or("not concave")?;
/// let price = concave.marginal(25.0);
/// assert!((concave.spend_at(price) - 25.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ConcaveCurve<'a>(&'a Curve);

impl<'a> ConcaveCurve<'a> {
    /// The curve itself.
    #[must_use]
    pub const fn curve(self) -> &'a Curve {
        self.0
    }
}

impl Response for ConcaveCurve<'_> {
    fn value(&self, spend: f64) -> f64 {
        self.0.value(spend)
    }

    fn gain(&self, from: u64, to: u64, unit: f64) -> f64 {
        self.0.gain(from, to, unit)
    }

    fn shape(&self) -> Shape {
        Shape::Concave
    }
}

impl Concave for ConcaveCurve<'_> {
    fn marginal(&self, spend: f64) -> f64 {
        match self.0 {
            Curve::ModifiedExponential(curve) => curve.marginal(spend),
            Curve::Power(curve) => curve.marginal(spend),
            Curve::Logarithmic(curve) => curve.marginal(spend),
            Curve::Adbudg(curve) => curve.marginal(spend),
            Curve::PiecewiseLinear(curve) => curve.marginal(spend),
            Curve::CustomConcave(curve) => curve.marginal(spend),
            // No witness is made for one that cannot answer a price.
            Curve::Custom(_) => 0.0,
        }
    }

    fn spend_at(&self, price: f64) -> f64 {
        match self.0 {
            Curve::ModifiedExponential(curve) => curve.spend_at(price),
            Curve::Power(curve) => curve.spend_at(price),
            Curve::Logarithmic(curve) => curve.spend_at(price),
            Curve::Adbudg(curve) => curve.demand(price),
            Curve::PiecewiseLinear(curve) => curve.spend_at(price),
            Curve::CustomConcave(curve) => curve.spend_at(price),
            Curve::Custom(_) => 0.0,
        }
    }
}
