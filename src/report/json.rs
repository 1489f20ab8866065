//! A report as data for other programs.

use super::model::Report;

/// The version of the JSON: it grows when a field changes its meaning or goes. New fields do not change it. Names end in
/// their unit; times are lab time. `outcome` is a scenario's result, with a version of its own.
pub const SCHEMA: u32 = 1;

pub(super) fn text(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("names are texts, and numbers finite");
    text.push('\n');
    text
}
