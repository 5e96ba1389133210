//! `cargo xtask kills`: kills straddle at random moments of its commands and looks at what is left: no process of its, no torn
//! file, no heap of temporary ones; and the next run works. The moments are drawn from a seed, which is said.

mod commands;
mod left;
mod lots;

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::options::Options;
use crate::steps::{self, Done, Failure};
use commands::{COMMANDS, Lane, RECORDING};
use left::Left;
use lots::Lots;

/// Marks straddle, its guardian and its builds: they all inherit it.
const MARK: &str = "STRADDLE_XTASK_KILLED";
/// So many at a time, each in a folder of its own.
const LANES: u32 = 2;
/// A program that was just started may not have come so far as to listen to signals.
const STARTING: Duration = Duration::from_millis(30);

/// Kills the named commands, or all, as often as is asked for.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let count = options.value("--count")?.map_or(Ok(200), |count| count.parse::<u32>())?;
    let seed = options.value("--seed")?.map_or(Ok(0), |seed| seed.parse::<u64>())?;
    let names = options.names()?;
    if let Some(unknown) = names.iter().find(|name| !COMMANDS.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is not killed; {} are", COMMANDS.join(", ")).into());
    }
    let straddle = steps::build()?;
    let known: Vec<&str> =
        COMMANDS.into_iter().filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == name)).collect();
    eprintln!("kills: {count} of {}, seed {seed}", known.join(", "));
    let begun = Instant::now();
    let told: Vec<Result<Told, String>> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                let (straddle, known) = (&straddle, &known);
                scope.spawn(move || lane_of(straddle, known, lane, count, seed).map_err(|error| error.to_string()))
            })
            .collect();
        lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|_| Err("a lane panicked".to_owned()))).collect()
    });
    let (mut whole, mut errors) = (Told::default(), Vec::new());
    for told in told {
        match told {
            Ok(told) => whole.add(told),
            Err(error) => errors.push(error),
        }
    }
    errors.append(&mut whole.errors);
    println!(
        "{} kills in {:.0?}: {} ended by the signal, {} by exit code 130, {} were done before; {} errors",
        whole.kills,
        begun.elapsed(),
        whole.by_signal,
        whole.interrupted,
        whole.done,
        errors.len()
    );
    for error in &errors {
        eprintln!("xtask: {error}");
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What came of the kills.
#[derive(Debug, Default)]
struct Told {
    kills: u64,
    by_signal: u64,
    interrupted: u64,
    done: u64,
    errors: Vec<String>,
}

impl Told {
    fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.by_signal += other.by_signal;
        self.interrupted += other.interrupted;
        self.done += other.done;
        self.errors.extend(other.errors);
    }
}

fn lane_of(straddle: &Path, names: &[&str], number: u32, count: u32, seed: u64) -> Result<Told, Failure> {
    let lane = Lane::lay_out(straddle, number)?;
    let mut lots = Lots::new(seed ^ (u64::from(number) << 32));
    let mut told = Told::default();
    // What a command takes, undisturbed; and that it works.
    let mut takes = Vec::new();
    for name in names {
        let begun = Instant::now();
        lane.finish(name, &lane.mark("whole"))?;
        takes.push(if *name == "record" { RECORDING } else { begun.elapsed() });
    }
    for kill in (number..count).step_by(LANES as usize) {
        let turn = usize::try_from(kill / LANES)? % names.len();
        let (name, whole) = (names[turn], takes[turn]);
        let signal = ["KILL", "TERM", "INT"][lots.below(3)];
        // More of the moments are early ones: most of what can be left half-made is begun then.
        let moment = whole.mul_f64(lots.share() * lots.share() * 1.3);
        let what = format!("kill {kill}: {name}, SIG{signal} after {moment:.1?}");
        let mark = lane.mark(&kill.to_string());
        let mut child = lane.begin(name, &mark)?;
        thread::sleep(moment);
        let status = end(&mut child, signal)?;
        told.kills += 1;
        match status.code() {
            Some(130) => told.interrupted += 1,
            Some(code) if lane.is_fine(name, code) => told.done += 1,
            None if signal == "KILL" || moment < STARTING => told.by_signal += 1,
            _ => told.errors.push(format!("{what}: it ended with {status}")),
        }
        let left = Left { lane: &lane, mark: &mark };
        told.errors.extend(left.wrong().into_iter().map(|wrong| format!("{what}: {wrong}")));
    }
    for name in names {
        lane.finish(name, &lane.mark("after"))?;
    }
    told.errors.extend(lane.temporary().into_iter().map(|file| format!("{} is left", file.display())));
    Ok(told)
}

/// Sends a signal, unless it has ended, and waits for the end.
pub fn end(child: &mut Child, signal: &str) -> Result<std::process::ExitStatus, Failure> {
    if child.try_wait()?.is_none() {
        // That it has ended meanwhile is no trouble.
        let _ = Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(child.id().to_string())
            .stderr(Stdio::null())
            .status()?;
    }
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begun.elapsed() > Duration::from_mins(1) {
            let _ = child.kill();
            return Err(format!("SIG{signal} did not end straddle within a minute").into());
        }
        thread::sleep(Duration::from_millis(5));
    }
}
