//! `ecrecheck seeds`: what coverage-guided fuzzers start from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::target::seed::{self, KEPT};

use super::place::CorpusPlace;
use super::{Exit, print};

/// Makes the seeds, dictionaries and options of the fuzz targets from the corpus.
///
/// Writes a folder, an index, a dictionary and options for each target. Seeds that are there and that it would not
/// make are removed, but for those whose name begins with kept-.
#[derive(Debug, Args)]
pub(super) struct Seeds {
    /// Where they go [default: seeds/ in the corpus]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write nothing: fail where what is there is not what would be made
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: CorpusPlace,
}

impl Seeds {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        let out = self.out.clone().unwrap_or_else(|| corpus.folder.join("seeds"));
        let mut text = String::new();
        let mut files = BTreeMap::new();
        for (target, seeds) in seed::all(&corpus) {
            if seeds.is_empty() {
                bail!("{}: the corpus gives no seed for this fuzz target", target.name);
            }
            let bytes: usize = seeds.iter().map(|chosen| chosen.seed.bytes.len()).sum();
            let classes: usize = seeds.iter().map(|chosen| chosen.shows.len()).sum();
            text += &format!(
                "{:<16} {:>3} seeds, {bytes:>6} bytes, {classes:>3} classes\n",
                target.name,
                seeds.len()
            );
            files.insert(
                PathBuf::from(format!("{}.txt", target.name)),
                seed::index(target, &seeds).into_bytes(),
            );
            files.insert(
                PathBuf::from(format!("{}.dict", target.name)),
                seed::dictionary(target).into_bytes(),
            );
            files.insert(
                PathBuf::from(format!("{}.options", target.name)),
                seed::options(target).into_bytes(),
            );
            for chosen in seeds {
                files.insert(Path::new(target.name).join(chosen.seed.name), chosen.seed.bytes);
            }
        }
        let stale = stale(&out, &files)?;
        if self.check {
            text.extend(stale.iter().map(|path| format!("STALE  {}\n", out.join(path).display())));
            print(&text)?;
            return Ok(if stale.is_empty() { Exit::Agreed } else { Exit::Findings });
        }
        for path in &stale {
            let to = out.join(path);
            let cannot = || format!("{}: cannot be written", to.display());
            match files.get(path) {
                Some(bytes) => {
                    fs::create_dir_all(to.parent().unwrap_or(&out)).with_context(cannot)?;
                    fs::write(&to, bytes).with_context(cannot)?;
                }
                None => fs::remove_file(&to).with_context(cannot)?,
            }
        }
        print(&text)?;
        Ok(Exit::Agreed)
    }
}

/// The files that are missing, other than they should be, or of no use.
fn stale(out: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> anyhow::Result<Vec<PathBuf>> {
    let differs =
        |(path, bytes): &(&PathBuf, &Vec<u8>)| fs::read(out.join(path)).ok().as_ref() != Some(*bytes);
    let mut stale: Vec<_> = files.iter().filter(differs).map(|(path, _)| path.clone()).collect();
    for target in ecrecheck::target::TARGETS {
        let folder = out.join(target.name);
        if !folder.is_dir() {
            continue;
        }
        let cannot = || format!("{}: cannot be read", folder.display());
        for entry in fs::read_dir(&folder).with_context(cannot)? {
            let name = entry.with_context(cannot)?.file_name();
            let path = Path::new(target.name).join(&name);
            if !files.contains_key(&path) && !name.to_string_lossy().starts_with(KEPT) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}
