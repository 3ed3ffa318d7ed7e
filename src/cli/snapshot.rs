//! `ecrecheck snapshot`: what every fixture of a corpus comes to, pinned in files that people review.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::judge::Harness;
use ecrecheck::report::snapshot::{self, Difference, Snapshot};
use ecrecheck::subject;
use similar::{ChangeTag, TextDiff};

use super::place::CorpusPlace;
use super::{Exit, print, quoted};

/// Compares what every fixture comes to (preimage, digest, what each subject recovers) with the files in snapshots/
/// beside the corpus. A difference, a missing file or one without a fixture fails; --accept takes them all.
#[derive(Debug, Args)]
pub(super) struct SnapshotCommand {
    /// Write what changed or is missing, and remove files without a fixture
    #[arg(long)]
    accept: bool,
    /// The folder of the snapshots [default: snapshots/ beside the corpus folder]
    #[arg(long, value_name = "FOLDER")]
    snapshots: Option<PathBuf>,
    #[command(flatten)]
    place: CorpusPlace,
}

impl SnapshotCommand {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let subjects = subject::all()?;
        let corpus = self.place.load()?;
        let folder = match (&self.snapshots, &corpus.folder) {
            (Some(folder), _) => folder.clone(),
            (None, Some(corpus)) => beside(corpus),
            (None, None) => bail!("the built-in corpus has no snapshots beside it: give --snapshots FOLDER"),
        };
        let snapshots = snapshot::of_corpus(&corpus, Harness::new(subjects, &corpus.divergences));
        if snapshots.is_empty() {
            bail!("{}: no fixtures: there is nothing to pin", corpus.place());
        }
        let count = snapshots.len();
        let differences = snapshot::differences(snapshots, &folder)?;
        let mut text: String = differences.iter().map(shown).collect();
        let of = format!("{count} snapshots in {}", folder.display());
        if differences.is_empty() {
            let _ = writeln!(text, "agreed: {of}");
        } else if self.accept {
            for difference in &differences {
                difference
                    .accept(&folder)
                    .with_context(|| format!("{}: cannot be written", folder.display()))?;
            }
            let _ = writeln!(text, "accepted: {} of {of}", differences.len());
        } else {
            let named = self.snapshots.as_ref().map(|folder| format!(" --snapshots {}", quoted(folder)));
            let _ = writeln!(
                text,
                "FAILED: {} of {of} differ; if that is meant, take it with: ecrecheck snapshot --accept{}{}",
                differences.len(),
                self.place.argument(),
                named.unwrap_or_default()
            );
        }
        print(&text)?;
        Ok(if differences.is_empty() || self.accept { Exit::Agreed } else { Exit::Findings })
    }
}

fn beside(corpus: &Path) -> PathBuf {
    // `.` and `..` have no parent by name.
    let whole = std::path::absolute(corpus).unwrap_or_else(|_| corpus.to_owned());
    match corpus.parent() {
        Some(parent) if corpus.file_name().is_some() => parent.join("snapshots"),
        _ => whole.join("..").join("snapshots"),
    }
}

/// A difference: what it is of, what a reader looks for first, and every line that changed.
fn shown(difference: &Difference) -> String {
    match difference {
        Difference::Missing(Snapshot { name, description, contents }) => {
            let lines: String = contents.lines().map(|line| format!("  + {line}\n")).collect();
            format!("MISSING  {name} ({description})\n{lines}\n")
        }
        Difference::Orphan(file) => {
            format!("ORPHAN  {}: no fixture of the corpus belongs to it\n\n", file.display())
        }
        Difference::Changed { new: Snapshot { name, description, contents }, old } => {
            let mut text = format!("CHANGED  {name} ({description})\n");
            text += &preimages(old, contents);
            for change in TextDiff::from_lines(old.as_str(), contents.as_str()).iter_all_changes() {
                let sign = match change.tag() {
                    ChangeTag::Equal => continue,
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                };
                let _ = writeln!(text, "  {sign} {}", change.value().trim_end());
            }
            text.push('\n');
            text
        }
    }
}

/// Where two records' preimages part.
fn preimages(old: &str, new: &str) -> String {
    let preimage = |record: &str| -> Option<Vec<u8>> {
        let line = record.lines().find_map(|line| line.strip_prefix("preimage"))?;
        const_hex::decode(line.split_whitespace().next()?).ok()
    };
    let (Some(old), Some(new)) = (preimage(old), preimage(new)) else { return String::new() };
    if old == new {
        return String::new();
    }
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = |bytes: &[u8]| {
        let rest = &bytes[same..bytes.len().min(same + 16)];
        if rest.is_empty() { "its end".to_owned() } else { format!("0x{}", const_hex::encode(rest)) }
    };
    format!(
        "  the preimage had {} bytes and has {}; they part after {same}: there was {}, and there is {}\n",
        old.len(),
        new.len(),
        rest(&old),
        rest(&new)
    )
}
