//! The kinds of reports, by the endings of their files.

use std::path::Path;

/// A kind of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// A page that needs nothing but itself.
    #[default]
    Html,
    /// A text with tables.
    Markdown,
    /// Data, with a version.
    Json,
    /// A row for each worker.
    Csv,
    /// The screen as it is, as a drawing.
    Svg,
    /// The screen as it is, as a text.
    Text,
}

/// A file's ending names no form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no kind of report; it ends in .html, .md, .json or .csv, or in .svg or .txt for the screen as it is"
)]
pub struct UnknownForm(pub String);

impl Form {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Html, Self::Markdown, Self::Json, Self::Csv, Self::Svg, Self::Text];

    /// The ending of its files.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Svg => "svg",
            Self::Text => "txt",
        }
    }

    /// Whether it shows the screen and not the run.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Svg | Self::Text)
    }

    /// By a file's ending; a file without one becomes a page.
    pub fn of(path: &Path) -> Result<Self, UnknownForm> {
        let Some(ending) = path.extension() else {
            return Ok(Self::Html);
        };
        let ending = ending.to_string_lossy().to_lowercase();
        match ending.as_str() {
            "html" | "htm" => Ok(Self::Html),
            "md" | "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "svg" => Ok(Self::Svg),
            "txt" => Ok(Self::Text),
            _ => Err(UnknownForm(format!(".{ending}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_s_ending_names_the_form() {
        for form in Form::ALL {
            let name = format!("a/run.7.{}", form.ending());
            assert_eq!(Form::of(Path::new(&name)), Ok(form));
            assert_eq!(Form::of(Path::new(&name.to_uppercase())), Ok(form));
        }
        assert_eq!(Form::of(Path::new("report")), Ok(Form::Html));
        let error = Form::of(Path::new("report.pdf")).expect_err("no such form");
        assert!(
            error.to_string().starts_with("`.pdf` names no kind of report"),
            "{error}"
        );
    }
}
