//! Does knowing adopters raise the chance of adopting next month? \[C4\] put to the test.
//!
//! ```text
//! cargo run --release --example acquaintance -- DIR               a folder with physicians.csv and edges.csv
//! cargo run --release --example acquaintance -- DIR --weight 0.2  what a weight set knowingly would change
//! ```
//!
//! `physicians.csv` has a row for each person: `city`, `id`, `toa` (the month of first use, one above the last
//! month watched for none by then) and, if there are, `detail2` and `journ2` (contact with representatives,
//! journals read). `edges.csv` has a row for each nomination: `city`, `id_from`, `id_to`, `relation` (advice,
//! discuss or friend). Other columns are passed over.
//!
//! The estimate is a hazard by month: the log odds of adopting in a month, for those who have not yet, over
//! exposure (the share of those known who had adopted before that month), with an effect of its own for each
//! month and each town. It is printed with its uncertainty, whatever it says.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to the person who runs it"
)]

#[path = "acquaintance/door.rs"]
mod door;
#[path = "acquaintance/logit.rs"]
mod logit;
#[path = "acquaintance/panel.rs"]
mod panel;

use std::{error::Error, path::PathBuf, process::ExitCode};

use door::People;
use logit::Fit;
use panel::{Control, Panel, Row};
use sortie::{
    customer::acquaintance::{AcquaintanceGraph, Listening, TieKind},
    fraction::Fraction,
    money::{Currency, Money},
    numeric::cast,
    planting::{Candidate, Spread},
};

const HELP: &str = "\
Does knowing adopters raise the chance of adopting next month?

usage: acquaintance DIR [--weight W]

  DIR         a folder with physicians.csv and edges.csv
  --weight W  the weight of acquaintances that you set, from 0 to below 1";

/// 97.5 % of a standard normal distribution lie below it.
const Z: f64 = 1.959_963_984_540_054;

struct Arguments {
    folder: PathBuf,
    weight: Fraction,
}

fn arguments() -> Result<Option<Arguments>, Box<dyn Error>> {
    let (mut folder, mut weight) = (None, Fraction::ZERO);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--weight" => {
                let text = words.next().ok_or("--weight needs a number")?;
                let number = text
                    .parse()
                    .map_err(|_| format!("weight {text:?} is no number"))?;
                weight = Fraction::new(number)?;
            }
            _ if folder.is_none() => folder = Some(word.into()),
            other => return Err(format!("{other:?} is one argument too many").into()),
        }
    }
    let folder = folder.ok_or("a folder is needed; --help tells more")?;
    Ok(Some(Arguments { folder, weight }))
}

fn main() -> ExitCode {
    let told = arguments().and_then(|arguments| {
        if let Some(arguments) = arguments {
            return tell(&arguments);
        }
        println!("{HELP}");
        Ok(())
    });
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn tell(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let listening = Listening::uniform(arguments.weight)?;
    let people = People::read(&arguments.folder)?;
    println!(
        "{} people in {} towns, {} months; {} adopted; {} ties among them ({} nominations lead to others)",
        people.count(),
        people.towns(),
        people.months(),
        people.adopters(),
        people.graph().ties(),
        people.outside()
    );
    tell_raw(&people);

    println!(
        "\nLog odds of adopting in a month per unit of exposure (0 none of those known, 1 all of them)"
    );
    println!(
        "                                   estimate   s.e.  robust        95 % interval   rows"
    );
    let all = |_: TieKind| true;
    let months_and_towns = Panel::of(&people, all, Control::None)?;
    let main = show("months and towns held constant", &months_and_towns)?;
    for kind in [TieKind::Advice, TieKind::Discussion, TieKind::Friendship] {
        let panel = Panel::of(&people, |tie| tie == kind, Control::None)?;
        show(&format!("  the same, {kind} only"), &panel)?;
    }
    show("  no months, no towns", &Panel::pooled(&people, all)?)?;
    if people.has_controls() {
        show(
            "  with representatives and journals",
            &Panel::of(&people, all, Control::Contacts)?,
        )?;
    }
    conclude(&main, &months_and_towns);
    tell_selection(&people, &listening, arguments.weight)
}

/// Whether a person-month is of a class.
type Belongs = fn(&Row) -> bool;

/// The hazard by exposure, nothing held constant.
fn tell_raw(people: &People) {
    println!(
        "\nAdoptions per person and month at risk, by who had adopted before among those known"
    );
    let rows = panel::person_months(people, |_| true);
    let classes: [(&str, Belongs); 4] = [
        ("knows nobody here", |row| row.known == 0),
        ("none of them", |row| row.known > 0 && row.exposure <= 0.0),
        ("some", |row| row.exposure > 0.0 && row.exposure < 1.0),
        ("all", |row| row.known > 0 && row.exposure >= 1.0),
    ];
    for (name, belongs) in classes {
        let at_risk = rows.iter().filter(|row| belongs(row)).count();
        let adopted = rows.iter().filter(|row| belongs(row) && row.adopts).count();
        if at_risk > 0 {
            let hazard = cast::f64_of_usize(adopted) / cast::f64_of_usize(at_risk);
            println!("  {name:<18} {hazard:.3}  ({adopted} of {at_risk})");
        }
    }
}

fn show(name: &str, panel: &Panel) -> Result<Fit, Box<dyn Error>> {
    let fit = logit::fit(panel)?;
    println!(
        "{name:<34} {:>8.3} {:>6.3} {:>7.3}   {:>8.3} to {:>6.3} {:>6}",
        fit.estimate,
        fit.standard_error,
        fit.robust_error,
        fit.estimate - Z * fit.robust_error,
        fit.estimate + Z * fit.robust_error,
        panel.rows()
    );
    Ok(fit)
}

/// What the estimate means for the weight of acquaintances.
fn conclude(fit: &Fit, panel: &Panel) {
    let base = panel.hazard();
    // The chance, a month, that full exposure brings about adoption by itself, beside a base hazard h:
    // 1 − (1 − h′)/(1 − h), where h′ has the odds of h times e^β.
    let weight = |log_odds: f64| {
        let odds = base / (1.0 - base) * libm::exp(log_odds);
        let raised = odds / (1.0 + odds);
        (raised - base) / (1.0 - base)
    };
    let (low, high) = (
        fit.estimate - Z * fit.robust_error,
        fit.estimate + Z * fit.robust_error,
    );
    println!(
        "\nAt the mean hazard of {base:.3} a month, full exposure by itself brings about adoption with a chance of \
         {:.3} a month\n(95 % interval {:.3} to {:.3}; below 0 it would hold adoption back).",
        weight(fit.estimate),
        weight(low),
        weight(high)
    );
    if low > 0.0 {
        println!(
            "These data show the effect. The default weight of acquaintances is still 0: set --weight knowingly."
        );
    } else {
        println!(
            "These data do not show that knowing adopters raises adoption. The default weight of acquaintances is 0,\n\
             and whoever believes in more for another market sets it knowingly."
        );
    }
}

/// Whom to work on first in the month after half of all adopters have adopted.
fn tell_selection(
    people: &People,
    listening: &Listening,
    weight: Fraction,
) -> Result<(), Box<dyn Error>> {
    let graph: &AcquaintanceGraph = people.graph();
    let month = people.median_month();
    let adopted = |place: usize| people.adopted_before(place, month);
    let depth = |place: usize| Fraction::clamped(if adopted(place) { 0.5 } else { 0.0 });
    let effort = Money::from_minor(15_000, Currency::USD);
    let candidates: Vec<Candidate> = (0..graph.len())
        .filter(|place| !adopted(*place))
        .map(|place| Candidate {
            place,
            cost: effort,
            chance: Fraction::clamped(0.3),
            value: 1.0,
            depth: Fraction::clamped(0.5),
        })
        .collect();
    let waiting = candidates.len();
    let spread = Spread::new(graph, *listening, candidates, depth)?;
    let admission = spread.select(effort.checked_mul(5)?, 5)?;
    println!(
        "\nWith weight {weight}, in month {month}: five of the {waiting} who have not adopted, worked on first, bring {:.3} \
         adoptions (no five bring more than {:.3})",
        admission.value, admission.bound
    );
    for one in &admission.admitted {
        println!(
            "  {:<8} {:.3}, of which {:.3} through those who listen",
            one.id,
            one.gain,
            one.gain - one.own
        );
    }
    Ok(())
}
