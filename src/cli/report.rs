//! `--report`: a file whose ending says of which kind it is.

use crate::report::{Form, UnknownForm};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a report goes, and its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// As given.
    pub path: PathBuf,
    /// By its ending.
    pub form: Form,
}

impl FromStr for ReportFile {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, UnknownForm> {
        let path = PathBuf::from(text);
        let form = Form::of(Path::new(text))?;
        Ok(Self { path, form })
    }
}
