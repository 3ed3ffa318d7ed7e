//! Where the corpus is.

use std::env;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use ecrecheck::corpus::Corpus;

use super::quoted;

/// What stands for the corpus that is compiled in.
const BUILT_IN: &str = "built-in";

/// The corpus to use.
#[derive(Debug, Default, Args)]
pub(super) struct CorpusPlace {
    /// The corpus folder, or `built-in` [default: corpus/ in this or a parent folder, or else built-in]
    #[arg(long, value_name = "FOLDER", env = "ECRECHECK_CORPUS")]
    corpus: Option<PathBuf>,
}

impl CorpusPlace {
    /// The argument that names it, with a blank before it; nothing where it is not named.
    pub(super) fn argument(&self) -> String {
        self.corpus.as_ref().map(|corpus| format!(" --corpus {}", quoted(corpus))).unwrap_or_default()
    }

    /// Reads it.
    pub(super) fn load(&self) -> anyhow::Result<Corpus> {
        if let Some(named) = &self.corpus {
            return if named.as_os_str() == BUILT_IN {
                Ok(Corpus::built_in().clone())
            } else {
                Ok(Corpus::load(named)?)
            };
        }
        let here = env::current_dir().unwrap_or_default();
        let above = here.ancestors().map(|folder| folder.join("corpus")).find(|folder| folder.is_dir());
        let Some(found) = above else { return Ok(Corpus::built_in().clone()) };
        match Corpus::load(&found) {
            // Other projects have a folder of this name too.
            Err(error) if error.file == found => Err(error).context(
                "the folder `corpus` here or above is no corpus: give --corpus FOLDER or --corpus built-in",
            ),
            loaded => Ok(loaded?),
        }
    }
}
