//! Kills the example `virtual_budget` many times, and shows that no cent and no promise is lost or doubled.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails loudly and says what it did"
)]

#[path = "../examples/virtual_budget.rs"]
#[expect(dead_code, reason = "the example's own `main` is not called here")]
mod example;

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rusqlite::Connection;
use sortie::{money::Currency, numeric::Draws, virtual_budget::recover};

/// Kills at the least; the variable asks for more.
const KILLS: u64 = 40;
const KILLS_ASKED: &str = "SORTIE_KILLS";
/// Tells a child process which database to live its year in.
const DATABASE: &str = "SORTIE_KILLED_DATABASE";

/// Not a test by itself: the process that is killed. It lives the example's year.
#[test]
fn the_year_of_the_example() {
    if let Ok(path) = std::env::var(DATABASE) {
        example::live_the_year(Some(&path)).unwrap();
    }
}

/// The lines of the journal in the database.
fn journal(database: &Path) -> Vec<u8> {
    let connection = Connection::open(database).unwrap();
    let mut select = connection
        .prepare("SELECT line FROM journal ORDER BY number")
        .unwrap();
    let lines = select
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .unwrap();
    lines.flat_map(Result::unwrap).collect()
}

/// Runs the example, killed after a while if one is given, and returns the last day that it said was kept
/// and whether it came to its end.
fn run(database: &Path, kill_after: Option<Duration>) -> (Option<i32>, bool) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_year_of_the_example", "--nocapture"])
        .env(DATABASE, database)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let days = output.lines().map_while(Result::ok).filter_map(|line| {
            let number = line.strip_prefix("day ")?.strip_suffix(" kept")?;
            number.parse::<i32>().ok()
        });
        days.last()
    });
    if let Some(wait) = kill_after {
        std::thread::sleep(wait);
        // Already gone is as good as killed.
        let _ = child.kill();
    }
    let ended = child.wait().unwrap().success();
    (reader.join().unwrap(), ended)
}

#[test]
fn a_process_killed_many_times_keeps_every_cent_and_every_promise() {
    let folder = std::env::temp_dir().join(format!("sortie-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (whole, killed) = (folder.join("whole.db"), folder.join("killed.db"));
    let clock = Instant::now();
    assert!(run(&whole, None).1);
    let undisturbed = clock.elapsed();
    let wanted = journal(&whole);
    let year = recover(&wanted, Currency::USD).unwrap().ledger;
    let kills = std::env::var(KILLS_ASKED).map_or(KILLS, |text| text.parse().unwrap());

    let (mut count, mut years, mut in_the_middle) = (0, 0, 0);
    while count < kills {
        let mut promised_days = -1;
        // A year of kills at random points, a fraction of the undisturbed time apart.
        loop {
            let share = Draws::new(11).stream(&[count]).uniform();
            let wait = undisturbed.mul_f64(0.02 + 0.3 * share);
            let (last_kept, ended) = run(&killed, Some(wait));
            promised_days = promised_days.max(last_kept.unwrap_or(-1));
            if ended {
                break;
            }
            count += 1;
            if !killed.exists() {
                continue;
            }
            let found = match Connection::open(&killed)
                .unwrap()
                .prepare("SELECT line FROM journal")
            {
                Ok(_) => journal(&killed),
                Err(_) => Vec::new(), // killed before the table was made
            };
            // What is there is the beginning of the undisturbed year, whole days of it, …
            assert!(
                wanted.starts_with(&found),
                "another journal after {count} kills"
            );
            let recovered = recover(&found, Currency::USD).unwrap();
            assert_eq!(recovered.torn_bytes, 0);
            let length = recovered.ledger.journal().len();
            in_the_middle += u64::from(length > 0 && length < year.journal().len());
            let next = year.journal().get(length);
            if let (Some(last), Some(next)) = (recovered.ledger.journal().last(), &next) {
                assert!(last.on < next.on, "half a day was kept");
            }
            // … and nothing that it said was kept is missing.
            let kept_until = next.map_or(i32::MAX, |next| next.on.day_number());
            let start = year.journal().first().unwrap().on.day_number();
            assert!(
                promised_days < kept_until - start,
                "day {promised_days} was kept and is lost"
            );
        }
        years += 1;
        assert_eq!(journal(&killed), wanted);
        std::fs::remove_file(&killed).unwrap();
        for rest in ["killed.db-wal", "killed.db-shm"] {
            let _ = std::fs::remove_file(folder.join(rest));
        }
    }
    println!(
        "{count} kills over {years} years of {} entries, {in_the_middle} of them between the first entry and the last; \
         undisturbed run {undisturbed:?}",
        year.journal().len()
    );
    assert!(
        in_the_middle * 2 >= count,
        "the kills came too late or too early to mean anything"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
