//! Where the corpus is.

use std::env;
use std::path::{Path, PathBuf};

use clap::Args;
use ecrecheck::corpus::{Corpus, CorpusError};

/// The corpus to use.
#[derive(Debug, Default, Args)]
pub(super) struct CorpusPlace {
    /// The corpus folder [default: corpus/ in this or a parent folder, or else in the source tree]
    #[arg(long, value_name = "FOLDER", env = "ECRECHECK_CORPUS")]
    corpus: Option<PathBuf>,
}

impl CorpusPlace {
    /// Reads it.
    pub(super) fn load(&self) -> Result<Corpus, CorpusError> {
        Corpus::load(&self.folder())
    }

    fn folder(&self) -> PathBuf {
        let here = env::current_dir().unwrap_or_default();
        let above = here.ancestors().map(|folder| folder.join("corpus"));
        let source = || Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        self.corpus
            .clone()
            .or_else(|| above.into_iter().find(|folder| folder.is_dir()))
            .unwrap_or_else(source)
    }
}
