//! What money can be given to: a response curve, or a menu of options.

use crate::id::Id;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::response::Curve;

/// Something that takes money and returns a contribution.
///
/// An activity is a draft until a [`Problem`](super::Problem) admits it; the problem's constructor checks all
/// activities together and reports every fault with its place.
///
/// ```
/// use sortie::allocate::{Activity, MenuOption};
/// use sortie::id::Id;
/// use sortie::money::{Currency, Money};
/// use sortie::response::Logarithmic;
///
/// let usd = Currency::from_code("USD")?;
/// let curve = Logarithmic::new(40.0, 120.0)?;
/// let a = Activity::curve(Id::new("a")?, curve)
///     .with_cap(Money::parse("500.00", usd)?)
///     .with_minimum_if_any(Money::parse("50.00", usd)?);
/// let b = Activity::menu(
///     Id::new("b")?,
///     vec![MenuOption::new(Id::new("call")?, Money::parse("30.00", usd)?, 55.0)],
/// );
/// assert_eq!(a.id().as_str(), "a");
/// assert!(b.as_menu().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    id: Id,
    kind: Kind,
}

/// The two kinds of activity.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Any spend within bounds, answered by a curve.
    Spending(Spending),
    /// One option, or none.
    Menu(Menu),
}

/// The terms of an activity with a response curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Spending {
    pub(super) curve: Curve,
    pub(super) floor: Option<Money>,
    pub(super) cap: Option<Money>,
    pub(super) minimum_if_any: Option<Money>,
    pub(super) step: Option<Money>,
    pub(super) uses_per_unit: Vec<(Id, Quantity)>,
}

/// The terms of an activity with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    pub(super) options: Vec<MenuOption>,
    pub(super) required: bool,
}

/// One entry of a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuOption {
    pub(super) id: Id,
    pub(super) cost: Money,
    pub(super) value: f64,
    pub(super) uses: Vec<(Id, Quantity)>,
}

impl Activity {
    /// An activity whose spend is answered by a curve; no floor, no cap, steps of one minor unit.
    #[must_use]
    pub fn curve(id: Id, curve: impl Into<Curve>) -> Self {
        let kind = Kind::Spending(Spending {
            curve: curve.into(),
            floor: None,
            cap: None,
            minimum_if_any: None,
            step: None,
            uses_per_unit: Vec::new(),
        });
        Self { id, kind }
    }

    /// An activity of which at most one option is taken; none costs nothing and is worth 0.
    #[must_use]
    pub const fn menu(id: Id, options: Vec<MenuOption>) -> Self {
        let required = false;
        let kind = Kind::Menu(Menu { options, required });
        Self { id, kind }
    }

    /// A menu of which exactly one option must be taken.
    #[must_use]
    pub const fn required_menu(id: Id, options: Vec<MenuOption>) -> Self {
        let required = true;
        let kind = Kind::Menu(Menu { options, required });
        Self { id, kind }
    }

    /// The least spend. On a menu this and the other terms of spending change nothing.
    #[must_use]
    pub fn with_floor(self, floor: Money) -> Self {
        self.spending(|terms| terms.floor = Some(floor))
    }

    /// The most spend; may lie above the budget.
    #[must_use]
    pub fn with_cap(self, cap: Money) -> Self {
        self.spending(|terms| terms.cap = Some(cap))
    }

    /// The spend is 0 or at least this.
    #[must_use]
    pub fn with_minimum_if_any(self, minimum: Money) -> Self {
        self.spending(|terms| terms.minimum_if_any = Some(minimum))
    }

    /// The spend is a whole multiple of this: one call, one licence.
    #[must_use]
    pub fn with_step(self, step: Money) -> Self {
        self.spending(|terms| terms.step = Some(step))
    }

    /// Each currency unit spent uses this much of a resource.
    #[must_use]
    pub fn with_use_per_unit(self, resource: Id, amount: Quantity) -> Self {
        self.spending(|terms| terms.uses_per_unit.push((resource, amount)))
    }

    fn spending(mut self, change: impl FnOnce(&mut Spending)) -> Self {
        if let Kind::Spending(terms) = &mut self.kind {
            change(terms);
        }
        self
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// Curve or menu.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The terms of spending; `None` for a menu.
    #[must_use]
    pub const fn as_spending(&self) -> Option<&Spending> {
        match &self.kind {
            Kind::Spending(terms) => Some(terms),
            Kind::Menu(_) => None,
        }
    }

    /// The menu; `None` for a curve.
    #[must_use]
    pub const fn as_menu(&self) -> Option<&Menu> {
        match &self.kind {
            Kind::Menu(menu) => Some(menu),
            Kind::Spending(_) => None,
        }
    }

    pub(super) const fn kind_mut(&mut self) -> &mut Kind {
        &mut self.kind
    }
}

impl Spending {
    /// The response curve.
    #[must_use]
    pub const fn curve(&self) -> &Curve {
        &self.curve
    }

    /// The least spend; `None` is 0.
    #[must_use]
    pub const fn floor(&self) -> Option<Money> {
        self.floor
    }

    /// The most spend; `None` is no cap.
    #[must_use]
    pub const fn cap(&self) -> Option<Money> {
        self.cap
    }

    /// The least spend other than 0.
    #[must_use]
    pub const fn minimum_if_any(&self) -> Option<Money> {
        self.minimum_if_any
    }

    /// The step; `None` is one minor unit.
    #[must_use]
    pub const fn step(&self) -> Option<Money> {
        self.step
    }

    /// Resource used per currency unit; in a problem, in the order of the resources' ids.
    #[must_use]
    pub fn uses_per_unit(&self) -> &[(Id, Quantity)] {
        &self.uses_per_unit
    }
}

impl Menu {
    /// The options; in a problem, in the order of their ids.
    #[must_use]
    pub fn options(&self) -> &[MenuOption] {
        &self.options
    }

    /// Whether one must be taken.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }
}

impl MenuOption {
    /// An option with its cost (at least 0) and its value (any finite number).
    #[must_use]
    pub const fn new(id: Id, cost: Money, value: f64) -> Self {
        let uses = Vec::new();
        Self {
            id,
            cost,
            value,
            uses,
        }
    }

    /// Taking the option uses this much of a resource.
    #[must_use]
    pub fn with_use(mut self, resource: Id, amount: Quantity) -> Self {
        self.uses.push((resource, amount));
        self
    }

    /// Its name within the menu.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// What it costs.
    #[must_use]
    pub const fn cost(&self) -> Money {
        self.cost
    }

    /// What it is worth.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// Resource used; in a problem, in the order of the resources' ids.
    #[must_use]
    pub fn uses(&self) -> &[(Id, Quantity)] {
        &self.uses
    }
}
