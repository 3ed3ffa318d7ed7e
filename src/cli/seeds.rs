//! `ecrecheck seeds`: what coverage-guided fuzzers start from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::fuzz_target::seed;

use super::place::CorpusPlace;
use super::{Exit, print};

/// Generates the seeds, dictionaries and options of the fuzz targets from the corpus.
///
/// For each target: a folder of seeds, an index of what each was made from and shows (.txt), a dictionary
/// (.dict) and libFuzzer's options (.options). Seeds that `replay --keep` put into the corpus are copied.
#[derive(Debug, Args)]
pub(super) struct Seeds {
    /// A new or empty folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    place: CorpusPlace,
}

impl Seeds {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        if fs::read_dir(&self.out).is_ok_and(|mut entries| entries.next().is_some()) {
            bail!("{}: not empty: expected a new or empty folder", self.out.display());
        }
        let mut text = String::new();
        for target in ecrecheck::fuzz_targets() {
            let seeds = seed::seeds(target, &corpus);
            if seeds.is_empty() {
                bail!("{}: no seed in the corpus for this fuzz target", target.name);
            }
            let bytes: usize = seeds.iter().map(|chosen| chosen.seed.bytes.len()).sum();
            let classes: usize = seeds.iter().map(|chosen| chosen.shows.len()).sum();
            let beside = |extension: &str| self.out.join(format!("{}.{extension}", target.name));
            write(&beside("txt"), seed::index(target, &seeds).as_bytes())?;
            write(&beside("dict"), seed::dictionary(target).as_bytes())?;
            write(&beside("options"), seed::options(target).as_bytes())?;
            let folder = self.out.join(target.name);
            for chosen in &seeds {
                write(&folder.join(&chosen.seed.name), &chosen.seed.bytes)?;
            }
            let kept = match &corpus.folder {
                Some(corpus) => copy_kept(&corpus.join("seeds").join(target.name), &folder)?,
                None => 0,
            };
            text += &format!(
                "{:<16} {:>3} seeds, {bytes:>6} bytes, {classes:>3} classes, {kept} kept\n",
                target.name,
                seeds.len()
            );
        }
        print(&text)?;
        Ok(Exit::Agreed)
    }
}

fn write(to: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let cannot = || format!("{}: cannot be written", to.display());
    fs::create_dir_all(to.parent().unwrap_or(to)).with_context(cannot)?;
    fs::write(to, bytes).with_context(cannot)
}

/// Copies the seeds that somebody kept, if there are any, and counts them.
fn copy_kept(from: &Path, to: &Path) -> anyhow::Result<usize> {
    let Ok(entries) = fs::read_dir(from) else { return Ok(0) };
    let mut kept = 0;
    for entry in entries {
        let entry = entry.with_context(|| format!("{}: cannot be read", from.display()))?;
        fs::copy(entry.path(), to.join(entry.file_name()))
            .with_context(|| format!("{}: cannot be copied", entry.path().display()))?;
        kept += 1;
    }
    Ok(kept)
}
