//! The command line: one file a command. Results go to stdout, everything else to stderr.

#[cfg(feature = "dstack")]
mod chain;
mod check;
mod fuzz;
#[cfg(feature = "identify")]
mod identify;
mod list;
mod place;
mod recover;
mod replay;
mod seeds;
mod selftest;
mod signer;
mod tables;
mod watch;

use std::env;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ecrecheck::report::reproducer::one_line;

/// Cross-checks secp256k1 public-key recovery between k256, libsecp256k1 and EVM ecrecover, each held to an
/// independent reference, and shows which bytes a signature was made over.
///
/// Exit status: 0 agreed, 1 findings or an expectation that failed, 2 the work could not be done.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the corpus: every case through every subject (the default)
    Check(check::Check),
    /// Generate cases and hold every subject to them
    Fuzz(fuzz::Fuzz),
    /// Run reproducers and raw fuzzer inputs, or print them for other people
    Replay(replay::Replay),
    /// Recover one signature with every subject
    Recover(recover::Recover),
    #[cfg(feature = "identify")]
    /// Search message formats: which bytes were signed?
    Identify(identify::Identify),
    /// Hunt implementations that are wrong on purpose: does the harness notice?
    Selftest(selftest::Selftest),
    /// Make the seeds and dictionaries of the fuzz targets
    Seeds(seeds::Seeds),
    #[cfg(feature = "dstack")]
    /// Make, verify and explain dstack's chains (KMS root, app key, derived key); audit contracts that verify them
    Chain(chain::Chain),
    /// List what there is
    List(list::List),
}

impl Default for Command {
    fn default() -> Self {
        Self::Check(check::Check::default())
    }
}

/// How a command ended. The exit status is its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything agreed.
    Agreed = 0,
    /// There were findings, or an expectation failed.
    Findings = 1,
    /// The work could not be done.
    Broken = 2,
}

/// Parses the command line, runs the command, reports its errors.
pub(crate) fn run() -> ExitCode {
    // No command is `check`, parsed as such, so that its environment variables count.
    let parsed = Cli::try_parse().and_then(|cli| match cli.command {
        Some(command) => Ok(command),
        None => Cli::try_parse_from(["ecrecheck", "check"]).map(|cli| cli.command.unwrap_or_default()),
    });
    let command = match parsed {
        Ok(command) => command,
        Err(shown) if shown.use_stderr() => return fail(&in_one_line(&shown)),
        Err(help) => {
            let shown = print(&help.render().to_string());
            return shown.map_or_else(|error| fail(&format!("{error:#}")), |()| ExitCode::SUCCESS);
        }
    };
    let ended = match command {
        Command::Check(check) => check.run(),
        Command::Fuzz(fuzz) => fuzz.run(),
        Command::Replay(replay) => replay.run(),
        Command::Recover(recover) => recover.run(),
        #[cfg(feature = "identify")]
        Command::Identify(identify) => identify.run(),
        Command::Selftest(selftest) => selftest.run(),
        Command::Seeds(seeds) => seeds.run(),
        #[cfg(feature = "dstack")]
        Command::Chain(chain) => chain.run(),
        Command::List(list) => list.run(),
    };
    ended.map_or_else(|error| fail(&format!("{error:#}")), |exit| ExitCode::from(exit as u8))
}

/// Says in a line why the work could not be done.
fn fail(message: &str) -> ExitCode {
    let message = one_line(message);
    let red = anstyle::AnsiColor::Red.on_default().bold();
    // Nobody is left to tell if stderr is closed too.
    let _ = writeln!(anstream::stderr(), "{red}error{red:#}: {message}");
    ExitCode::from(Exit::Broken as u8)
}

/// Says something on stderr that does not stop the work.
fn warn(message: &str) {
    let _ = writeln!(anstream::stderr(), "warning: {}", one_line(message));
}

/// What was given on the command line, the program's name apart.
#[cfg(feature = "dstack")]
fn arguments() -> impl Iterator<Item = String> {
    env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned())
}

/// A usage error without the usage.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    // clap quotes what it was given, and this command is given keys.
    #[cfg(feature = "dstack")]
    let text = if arguments().any(|argument| argument == "chain") {
        chain::without_keys(&text, arguments())
    } else {
        text
    };
    let first_paragraph = text.trim().lines().take_while(|line| !line.is_empty()).map(str::trim);
    let line = first_paragraph.collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    format!("{line} (see --help)")
}

/// Writes a result to stdout. A reader that has seen enough (`| head`) is no error.
fn print(text: &str) -> anyhow::Result<()> {
    write_all(anstream::stdout().lock(), text)
}

fn write_all(mut stdout: impl io::Write, text: &str) -> anyhow::Result<()> {
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(cannot_write(error)),
        _ => Ok(()),
    }
}

fn cannot_write(error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context("cannot write to stdout")
}

/// Writes a result to stdout as JSON, every byte of it: no terminal's codes are looked for.
fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    write_all(io::stdout().lock(), &format!("{value:#}\n"))
}
