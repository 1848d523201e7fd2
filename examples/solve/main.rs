//! Solves an allocation problem: `cargo run --release --example solve -- FILE`, or `-` for standard input.
//!
//! The file is a `sortie/problem/1` document; the `sortie/allocation/1` document that answers it goes to
//! standard output. Exit codes: 0 for an answer, 2 for a problem that is invalid or infeasible, with the
//! reason on standard error; 1 where reading, writing or solving failed for another cause.

mod place;

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use sortie::allocate::{AllocateError, Allocation, Problem, solve};

/// Why there is no answer, and the exit code that says so.
enum Failure {
    /// The problem itself is at fault: exit code 2.
    Problem(String),
    /// Anything else: exit code 1.
    Other(String),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let (code, message) = match failure {
                Failure::Problem(message) => (2, message),
                Failure::Other(message) => (1, message),
            };
            // Nothing is left to do if even this cannot be written.
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::from(code)
        }
    }
}

fn run() -> Result<(), Failure> {
    let path = path_argument()?;
    let text = read(&path)?;
    let problem = parse(&text)?;
    let allocation = answer(&problem)?;
    print(&allocation)
}

fn path_argument() -> Result<String, Failure> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(path), None) => Ok(path),
        _ => Err(Failure::Other(
            "usage: solve FILE, or solve - for standard input".to_owned(),
        )),
    }
}

fn read(path: &str) -> Result<String, Failure> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::Other(format!("cannot read {path}: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::Problem(format!(
            "invalid problem: byte {at} is not UTF-8; documents are UTF-8 JSON"
        ))
    })
}

fn parse(text: &str) -> Result<Problem, Failure> {
    serde_json::from_str(text).map_err(|error| {
        // A parser stops at a place in the text; say which value that is.
        let found = if error.line() == 0 {
            String::new()
        } else {
            let (path, token) = place::of(text, error.line(), error.column());
            let colon = if path.is_empty() { "" } else { ": " };
            let token = if token.is_empty() {
                token
            } else {
                format!("{token}: ")
            };
            format!("{path}{colon}{token}")
        };
        Failure::Problem(format!("invalid problem: {found}{error}"))
    })
}

fn answer(problem: &Problem) -> Result<Allocation, Failure> {
    solve(problem).map_err(|error| match error {
        AllocateError::Infeasible(_) | AllocateError::ValueOutOfRange => {
            Failure::Problem(error.to_string())
        }
        other => Failure::Other(other.to_string()),
    })
}

fn print(allocation: &Allocation) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Other(format!("cannot write: {error}"));
    let mut text = serde_json::to_string_pretty(allocation).map_err(|error| failed(&error))?;
    text.push('\n');
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| failed(&error))
}
