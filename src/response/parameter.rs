//! What every parameter of a curve must keep.

use thiserror::Error;

/// The least size of a scale, rate, half-point or breakpoint: far below any use, far above underflow.
pub const MAGNITUDE_LEAST: f64 = 1e-100;

/// The greatest size of a scale, rate, half-point, breakpoint or value.
pub const MAGNITUDE_MOST: f64 = 1e100;

/// The least exponent.
pub(super) const EXPONENT_LEAST: f64 = 1e-6;

/// The greatest exponent of an S-shaped curve.
pub(super) const EXPONENT_MOST: f64 = 1e3;

/// A curve that is refused.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// A parameter that is NaN or infinite.
    #[error("{family} {parameter} is {value}; it must be a finite number")]
    NotFinite {
        /// The family.
        family: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter outside its range.
    #[error("{family} {parameter} is {value}; it must be {rule}")]
    OutOfRange {
        /// The family.
        family: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// The range in words.
        rule: &'static str,
    },
    /// A piecewise curve without points.
    #[error("piecewise_linear points are empty; give at least one, at spend 0")]
    NoPoints,
    /// A first point that is not at no spend.
    #[error("piecewise_linear points[0] is at spend {spend}; the first point must be at spend 0")]
    FirstPoint {
        /// Where it is.
        spend: f64,
    },
    /// A point that does not lie to the right of the one before.
    #[error(
        "piecewise_linear points[{index}] is at spend {spend}, after {before}; spends must rise from point to point"
    )]
    PointOrder {
        /// The position of the point.
        index: usize,
        /// Its spend.
        spend: f64,
        /// The spend of the one before.
        before: f64,
    },
    /// A value below the one before.
    #[error(
        "piecewise_linear points[{index}] has value {value}, after {before}; values must not fall"
    )]
    FallingValue {
        /// The position of the point.
        index: usize,
        /// Its value.
        value: f64,
        /// The value of the one before.
        before: f64,
    },
    /// A steepness between two points that no number can hold.
    #[error(
        "piecewise_linear points[{index}] rises by {slope} per currency unit; slopes must be at most 1e200"
    )]
    TooSteep {
        /// The position of the point.
        index: usize,
        /// The slope.
        slope: f64,
    },
}

/// A positive magnitude within the range that all formulas bear.
pub(super) fn positive(
    family: &'static str,
    parameter: &'static str,
    value: f64,
) -> Result<f64, ResponseError> {
    within(
        family,
        parameter,
        value,
        (MAGNITUDE_LEAST, MAGNITUDE_MOST),
        "above 0, from 1e-100 to 1e100",
    )
}

/// A finite value within stated bounds.
pub(super) fn within(
    family: &'static str,
    parameter: &'static str,
    value: f64,
    (least, most): (f64, f64),
    rule: &'static str,
) -> Result<f64, ResponseError> {
    if !value.is_finite() {
        return Err(ResponseError::NotFinite {
            family,
            parameter,
            value,
        });
    }
    if value < least || value > most {
        return Err(ResponseError::OutOfRange {
            family,
            parameter,
            value,
            rule,
        });
    }
    Ok(value)
}
