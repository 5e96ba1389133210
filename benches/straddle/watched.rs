//! What straddle takes for a command: its process is looked at until it ends.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a command took.
pub struct Watched {
    /// The most memory that it held, in megabytes.
    pub peak: f64,
    /// In seconds of one core.
    pub cpu: f64,
    pub took: Duration,
    pub status: ExitStatus,
    /// What it told a person.
    pub said: String,
}

/// Runs straddle in a folder.
pub fn watched(args: &[&str], folder: &Path) -> Watched {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    let said = File::create(folder.join("said")).unwrap_or_else(|e| panic!("{e}"));
    let mut child = command.stderr(said).spawn().unwrap_or_else(|e| panic!("straddle did not start: {e}"));
    let process = format!("/proc/{}", child.id());
    let mut peak = 0.0;
    let mut times = String::new();
    // A process that has ended keeps its times until it is waited for, and its memory not so long.
    while let Ok(now) = std::fs::read_to_string(format!("{process}/stat")) {
        let ended = now.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'));
        times = now;
        if ended {
            break;
        }
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let high =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = high.map_or(peak, |kilobytes: f64| kilobytes / 1_000.0);
        std::thread::sleep(Duration::from_millis(5));
    }
    let status = child.wait().unwrap_or_else(|e| panic!("{e}"));
    let said = std::fs::read_to_string(folder.join("said")).unwrap_or_default();
    Watched { peak, cpu: cpu(&times), took: start.elapsed(), status, said }
}

/// Seconds of a line of `/proc/PID/stat`: its 14th and 15th field, in hundredths.
fn cpu(stat: &str) -> f64 {
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}
