//! The command line: one file a command. Results go to stdout, everything else to stderr.

#[cfg(feature = "dstack")]
mod chain;
mod check;
#[cfg(all(unix, feature = "outsiders"))]
mod digests;
mod export;
mod fuzz;
#[cfg(feature = "identify")]
mod identify;
mod init;
mod list;
#[cfg(all(unix, feature = "outsiders"))]
mod load_library;
mod outsiders;
mod place;
mod recover;
mod replay;
mod seeds;
mod selftest;
mod signer;
mod snapshot;
#[cfg(all(unix, feature = "outsiders"))]
mod survey;
mod tables;
mod watch;

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ecrecheck::report::one_line;

/// Cross-checks secp256k1 public-key recovery between k256, libsecp256k1 and EVM ecrecover, each held to an
/// independent reference, and shows which bytes a signature was made over.
///
/// Exit status: 0 agreed, 1 findings or an unmet expectation, 2 bad input or another error.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = "Check the corpus: run every case through every subject (the default)")]
    Check(check::Check),
    #[cfg(all(unix, feature = "outsiders"))]
    #[command(about = "Hold what libraries hash for a message to the known formats")]
    Digests(digests::Digests),
    #[command(about = "Write cases as vectors for other projects: wycheproof, geth, statetest, json")]
    Export(export::ExportCommand),
    #[command(about = "Generate cases and judge every subject on them")]
    Fuzz(fuzz::Fuzz),
    #[command(about = "Run case files and raw fuzzer inputs, or print them as tests for other projects")]
    Replay(replay::Replay),
    #[command(about = "Recover the signer of one signature with every subject")]
    Recover(recover::Recover),
    #[cfg(feature = "identify")]
    #[command(about = "Search message formats: which bytes were signed?")]
    Identify(identify::Identify),
    #[command(about = "Make a corpus of your own: a folder with one format and one fixture")]
    Init(init::Init),
    #[command(about = "Pin what every fixture of a corpus comes to, in files that people review")]
    Snapshot(snapshot::SnapshotCommand),
    #[cfg(all(unix, feature = "outsiders"))]
    #[command(about = "Survey many subjects, each alone: the field on one page")]
    Survey(survey::Survey),
    #[command(about = "Test the harness: does it find bugs that were planted on purpose?")]
    Selftest(selftest::Selftest),
    #[command(about = "Generate the seeds and dictionaries of the fuzz targets")]
    Seeds(seeds::Seeds),
    #[cfg(feature = "dstack")]
    #[command(about = "Issue, verify and explain dstack's key chains; audit contracts that verify them")]
    Chain(chain::ChainCommand),
    #[command(
        about = "List subjects, formats, fixtures, divergences, facts, strategies or the investigation"
    )]
    List(list::List),
    #[cfg(all(unix, feature = "outsiders"))]
    #[command(hide = true)]
    LoadLibrary(load_library::LoadLibrary),
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
    /// Bad input or another error.
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
        #[cfg(all(unix, feature = "outsiders"))]
        Command::Digests(digests) => digests.run(),
        Command::Export(export) => export.run(),
        Command::Fuzz(fuzz) => fuzz.run(),
        Command::Replay(replay) => replay.run(),
        Command::Recover(recover) => recover.run(),
        #[cfg(feature = "identify")]
        Command::Identify(identify) => identify.run(),
        Command::Init(init) => init.run(),
        Command::Snapshot(snapshot) => snapshot.run(),
        #[cfg(all(unix, feature = "outsiders"))]
        Command::Survey(survey) => survey.run(),
        Command::Selftest(selftest) => selftest.run(),
        Command::Seeds(seeds) => seeds.run(),
        #[cfg(feature = "dstack")]
        Command::Chain(chain) => chain.run(),
        Command::List(list) => list.run(),
        #[cfg(all(unix, feature = "outsiders"))]
        Command::LoadLibrary(load) => load.run(),
    };
    ended.map_or_else(|error| fail(&format!("{error:#}")), |exit| ExitCode::from(exit as u8))
}

/// Prints an error in one line.
fn fail(message: &str) -> ExitCode {
    let message = one_line(message);
    let red = anstyle::AnsiColor::Red.on_default().bold();
    // If stderr is closed too, the message cannot be shown.
    let _ = writeln!(anstream::stderr(), "{red}error{red:#}: {message}");
    ExitCode::from(Exit::Broken as u8)
}

/// Prints a warning in one line.
#[cfg(feature = "dstack")]
fn warn(message: &str) {
    let _ = writeln!(anstream::stderr(), "warning: {}", one_line(message));
}

/// What was given on the command line, the program's name apart.
#[cfg(feature = "dstack")]
fn arguments() -> impl Iterator<Item = String> {
    std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned())
}

/// A usage error without the usage.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    // clap quotes what it was given, and this command is given keys.
    #[cfg(feature = "dstack")]
    let text = if arguments().any(|argument| argument == "chain")
        || error.kind() == clap::error::ErrorKind::InvalidSubcommand
    {
        chain::without_keys(&text, arguments())
    } else {
        text
    };
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "expected a command (see --help)".to_owned();
    }
    let first_paragraph = text.trim().lines().take_while(|line| !line.is_empty()).map(str::trim);
    let line = first_paragraph.collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    format!("{line} (see --help)")
}

/// A path as a shell reads it, for commands that are printed.
fn quoted(path: &std::path::Path) -> String {
    let path = path.display().to_string();
    shlex::try_quote(&path).map_or_else(|_| path.clone(), Into::into)
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
