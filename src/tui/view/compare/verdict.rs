//! Who won, in a sentence that can be read from the back row; before that, how far it is.

use super::super::Scene;
use super::super::pen::{Pen, wrap};
use crate::lab::{Contest, Phase, Verdict};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// While nothing runs yet.
pub(super) const PREPARING: &str = "… two queues, two producers, two crews are made ready; the clocks stand";

/// Returns how many lines it took.
pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, contest: &Contest) -> u16 {
    let theme = scene.theme;
    let told = match &contest.phase {
        Phase::Preparing => Err((PREPARING.to_owned(), theme.warn)),
        Phase::Running => Err((under_way(contest), theme.dim)),
        Phase::Ended => Err((
            "ended before its end: no verdict. Enter begins again.".to_owned(),
            theme.warn,
        )),
        Phase::Failed(why) => Err((format!("✖ it could not be run: {why}"), theme.alarm)),
        Phase::Over | Phase::TimedOut => Ok(contest.verdict()),
    };
    match told {
        Ok(verdict) => verdict.map_or(0, |verdict| banner(buf, area, scene, &verdict)),
        Err((text, style)) => {
            let lines = wrap(&text, area.width.saturating_sub(2));
            for (line, text) in (0..).zip(&lines) {
                Pen::new(buf, area, line).skip(1).put(text, style);
            }
            u16::try_from(lines.len()).unwrap_or(u16::MAX)
        }
    }
}

fn under_way(contest: &Contest) -> String {
    let [a, b] = contest.sides.each_ref().map(|side| side.measures.done);
    let ideal = contest.sides[0].measures.ideal;
    format!(
        "under way: A has done {a}, B {b} of {}; nothing can be sooner than {ideal}",
        contest.plan.jobs
    )
}

/// The sentence on a block of its own, the reason below it.
fn banner(buf: &mut Buffer, area: Rect, scene: Scene<'_>, verdict: &Verdict) -> u16 {
    let theme = scene.theme;
    let width = area.width.saturating_sub(6);
    let sign = verdict.winner.map_or("=", |side| side.letter());
    let mut line = 0;
    for (first, text) in wrap(&verdict.sentence, width).iter().enumerate() {
        let mut pen = Pen::new(buf, area, line);
        let lead = if first == 0 {
            format!("  {sign}  ")
        } else {
            "     ".to_owned()
        };
        pen.put(&lead, theme.message);
        pen.put(text, theme.message);
        let rest = pen.room();
        pen.repeat(" ", rest, theme.message);
        line += 1;
    }
    for text in wrap(&verdict.why, width) {
        if !text.is_empty() {
            Pen::new(buf, area, line).skip(5).put(&text, theme.text);
            line += 1;
        }
    }
    line
}
