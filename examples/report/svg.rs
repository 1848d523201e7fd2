//! A frame with axes, and the few marks that the charts are made of. Colours are classes: the page's style
//! sheet knows light, dark and paper.

use std::fmt::Write as _;

/// Width of every chart in its own units; the page scales it.
pub const WIDTH: f64 = 480.0;

/// Text that is safe inside HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A plot with a linear scale on either axis.
pub struct Plot {
    width: f64,
    height: f64,
    x: (f64, f64),
    y: (f64, f64),
    marks: String,
}

const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;

impl Plot {
    /// A plot over the given ranges; an empty range is widened.
    pub fn new(height: f64, x: (f64, f64), y: (f64, f64)) -> Self {
        Self::sized((WIDTH, height), x, y)
    }

    /// The same of any width.
    pub fn sized((width, height): (f64, f64), x: (f64, f64), y: (f64, f64)) -> Self {
        let widened = |(low, high): (f64, f64)| {
            if high > low {
                (low, high)
            } else {
                (low, low + 1.0)
            }
        };
        Self {
            width,
            height,
            x: widened(x),
            y: widened(y),
            marks: String::new(),
        }
    }

    pub fn px(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (self.width - LEFT - RIGHT)
    }

    pub fn py(&self, y: f64) -> f64 {
        let share = (y - self.y.0) / (self.y.1 - self.y.0);
        self.height - BOTTOM - share * (self.height - BOTTOM - TOP)
    }

    /// Adds any mark, in chart units.
    pub fn mark(&mut self, svg: &str) {
        self.marks.push_str(svg);
    }

    pub fn line(&mut self, points: &[(f64, f64)], class: &str) {
        let mut path = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let verb = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{:.1} {:.1}", self.px(*x), self.py(*y));
        }
        let _ = write!(self.marks, r#"<path class="line {class}" d="{path}"/>"#);
    }

    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, class: &str, title: &str) {
        let (px, py) = (self.px(x), self.py(y));
        let _ = write!(
            self.marks,
            r#"<circle class="{class}" cx="{px:.1}" cy="{py:.1}" r="{radius}"><title>{}</title></circle>"#,
            escaped(title)
        );
    }

    /// Words at a point of the data, shifted by chart units.
    pub fn label(&mut self, (x, y): (f64, f64), (dx, dy): (f64, f64), anchor: &str, text: &str) {
        let (px, py) = (self.px(x) + dx, self.py(y) + dy);
        let text = escaped(text);
        let _ = write!(
            self.marks,
            r#"<text class="note" x="{px:.1}" y="{py:.1}" text-anchor="{anchor}">{text}</text>"#
        );
    }

    /// A dashed line across, with its words at the right.
    pub fn rule_across(&mut self, y: f64, text: &str) {
        let (left, right) = (self.x.0, self.x.1);
        self.line(&[(left, y), (right, y)], "dashed");
        self.label((right, y), (0.0, -5.0), "end", text);
    }

    /// The drawing with its axes; `name` is read out where it cannot be seen.
    pub fn draw(
        &self,
        name: &str,
        (x_name, y_name): (&str, &str),
        show: (&dyn Fn(f64) -> String, &dyn Fn(f64) -> String),
    ) -> String {
        let mut axes = String::new();
        let (bottom, right) = (self.height - BOTTOM, self.width - RIGHT);
        for tick in ticks(self.y) {
            let y = self.py(tick);
            let _ = write!(
                axes,
                r#"<line class="grid" x1="{LEFT}" y1="{y:.1}" x2="{right}" y2="{y:.1}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
                LEFT - 7.0,
                y + 4.0,
                show.1(tick)
            );
        }
        for tick in ticks(self.x) {
            let x = self.px(tick);
            let _ = write!(
                axes,
                r#"<text class="tick" x="{x:.1}" y="{}" text-anchor="middle">{}</text>"#,
                bottom + 17.0,
                show.0(tick)
            );
        }
        let _ = write!(
            axes,
            r#"<line class="axis" x1="{LEFT}" y1="{bottom}" x2="{right}" y2="{bottom}"/><text class="tick" x="{right}" y="{}" text-anchor="end">{}</text><text class="tick" x="4" y="14">{}</text>"#,
            self.height - 8.0,
            escaped(x_name),
            escaped(y_name)
        );
        framed(
            (self.width, self.height),
            name,
            &format!("{axes}{}", self.marks),
        )
    }
}

/// A drawing of a width and a height in its own units.
pub fn framed((width, height): (f64, f64), name: &str, inside: &str) -> String {
    let name = escaped(name);
    format!(
        r#"<svg viewBox="0 0 {width} {height}" role="img" aria-label="{name}"><title>{name}</title>{inside}</svg>"#
    )
}

/// About four round numbers inside a range.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let raw = (high - low) / 4.0;
    let size = libm::pow(10.0, libm::floor(libm::log10(raw)));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|part| part * size)
        .find(|step| *step >= raw);
    let step = step.unwrap_or(raw);
    let first = libm::ceil(low / step - 1e-9);
    (0..12)
        .map(|n| (first + f64::from(n)) * step)
        .take_while(|tick| *tick <= high * (1.0 + 1e-9))
        .collect()
}

/// Thousands: 12500 as 12.5 k.
pub fn thousands(value: f64) -> String {
    if value.abs() >= 1000.0 {
        let text = format!("{:.1}", value / 1000.0);
        format!("{} k", text.strip_suffix(".0").unwrap_or(&text))
    } else {
        plain(value)
    }
}

/// A number without needless decimals.
pub fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// An id that fits a drawing: the middle of a long one is left out.
pub fn shortened(id: &str, most: usize) -> String {
    let letters: Vec<char> = id.chars().collect();
    if letters.len() <= most {
        return id.to_owned();
    }
    let (front, back) = ((most - 1).div_ceil(2), (most - 1) / 2);
    let ends = [&letters[..front], &letters[letters.len() - back..]];
    let [front, back] = ends.map(|part| part.iter().collect::<String>());
    format!("{front}…{back}")
}

/// Where words already stand, so that others keep clear of them.
#[derive(Default)]
pub struct Taken(Vec<(f64, f64, f64, f64)>);

impl Taken {
    /// Keeps words off a dot.
    pub fn block(&mut self, (x, y): (f64, f64), radius: f64) {
        self.0
            .push((x - radius, y - radius, x + radius, y + radius));
    }

    /// Takes the box of words that start at (x, y) if it is free.
    pub fn take(&mut self, (x, y): (f64, f64), text: &str) -> bool {
        let width = text.chars().count() as f64 * 7.4;
        let own = (x, y - 12.0, x + width, y + 3.0);
        let free = self
            .0
            .iter()
            .all(|other| own.2 < other.0 || other.2 < own.0 || own.3 < other.1 || other.3 < own.1);
        if free {
            self.0.push(own);
        }
        free
    }
}
