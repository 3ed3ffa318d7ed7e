//! `ecrecheck init`: a corpus of one's own, with an example.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{Exit, print, quoted};

/// The files of a new corpus.
const FILES: [(&str, &str); 2] = [
    ("formats/example.toml", include_str!("init/format.toml")),
    ("fixtures/example.toml", include_str!("init/fixture.toml")),
];

/// Makes a folder with one commented format and one fixture, for your own in their place.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The folder: new or empty
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let folder = self.folder.display().to_string();
        let occupied = match fs::read_dir(&self.folder) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(error).context(folder),
        };
        if occupied {
            bail!("{folder}: is not empty: nothing was written");
        }
        for (name, text) in FILES {
            write(&self.folder.join(name), text)?;
        }
        let quoted = quoted(&self.folder);
        print(&format!(
            "{folder} has a format and a fixture\n\
             check it         ecrecheck check --corpus {quoted}\n\
             pin it           ecrecheck snapshot --corpus {quoted} --accept\n\
             a new fixture    ecrecheck recover --corpus {quoted} --format … --set … --signature … --fixture group::name\n"
        ))?;
        Ok(Exit::Agreed)
    }
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{}: cannot be written", file.display());
    fs::create_dir_all(file.parent().unwrap_or(file)).with_context(cannot)?;
    fs::write(file, text).with_context(cannot)
}
