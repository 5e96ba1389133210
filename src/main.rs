//! The `straddle` command.

fn main() -> std::process::ExitCode {
    straddle::main(std::env::args_os())
}
