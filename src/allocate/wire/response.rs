//! Response curves in documents: one key that names the family, and the family's parameters.

use crate::document::{DocumentError, Reader};
use crate::response::{
    Adbudg, Curve, Logarithmic, ModifiedExponential, PiecewiseLinear, Power, ResponseError,
};

/// Reads `{"power": {"scale": …, "exponent": …}}` and the like.
pub(super) fn read(reader: &Reader<'_>) -> Result<Curve, DocumentError> {
    let (family, body) = reader.variant()?;
    match family {
        ModifiedExponential::FAMILY => parameters(&body, ["scale", "rate"], |[scale, rate]| {
            ModifiedExponential::new(scale, rate)
        }),
        Power::FAMILY => parameters(&body, ["scale", "exponent"], |[scale, exponent]| {
            Power::new(scale, exponent)
        }),
        Logarithmic::FAMILY => parameters(&body, ["scale", "half"], |[scale, half]| {
            Logarithmic::new(scale, half)
        }),
        Adbudg::FAMILY => parameters(
            &body,
            ["scale", "exponent", "half"],
            |[scale, exponent, half]| Adbudg::new(scale, exponent, half),
        ),
        PiecewiseLinear::FAMILY => read_points(&body),
        other => Err(reader
            .fault(format_args!(
                "{:?} is no response; it must be one of {}, {}, {}, {}, {}",
                other.chars().take(40).collect::<String>(),
                ModifiedExponential::FAMILY,
                Power::FAMILY,
                Logarithmic::FAMILY,
                Adbudg::FAMILY,
                PiecewiseLinear::FAMILY,
            ))
            .into()),
    }
}

/// A family whose parameters are all numbers.
fn parameters<const N: usize, C: Into<Curve>>(
    body: &Reader<'_>,
    keys: [&'static str; N],
    constructor: impl FnOnce([f64; N]) -> Result<C, ResponseError>,
) -> Result<Curve, DocumentError> {
    let mut fields = body.fields()?;
    let values = keys.map(|key| fields.read(key, |number| number.number()));
    fields.finish()?;
    // Every value is there, or `finish` had a fault to return.
    let values = values.map(Option::unwrap_or_default);
    body.through(values, |values| constructor(values).map(Into::into))
}

fn read_points(body: &Reader<'_>) -> Result<Curve, DocumentError> {
    let mut fields = body.fields()?;
    let points = fields.read("points", |points| points.each(|point| read_point(&point)));
    let points = fields.finish_with(points)?;
    body.through(points, |points| {
        PiecewiseLinear::new(&points).map(Into::into)
    })
}

fn read_point(point: &Reader<'_>) -> Result<(f64, f64), DocumentError> {
    let numbers = point.each(|number| number.number())?;
    match numbers.as_slice() {
        &[x, value] => Ok((x, value)),
        _ => Err(point
            .fault(format_args!(
                "found a list of {}; a point is [spend, value]",
                numbers.len()
            ))
            .into()),
    }
}
