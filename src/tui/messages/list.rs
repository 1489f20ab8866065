//! Which part of the list is in sight, and what is selected in it.

use super::{Focus, State};
use crate::lab::{Elapsed, Filter, JobId, Page, PageRow, Sight};

/// Pages asked for: the one in sight, and one on either side.
pub(super) const PAGES: u16 = 3;

/// What is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum Mark {
    /// Whatever is the first of the list.
    #[default]
    Top,
    /// The job of that row, which is not known yet.
    Row(u32),
    /// That job.
    Job(JobId),
    /// That job, which is no longer on the page: it is asked for.
    Missed(JobId),
    /// That job, which a person looks for.
    Sought(JobId),
}

impl State {
    /// From the top, with another filter or order.
    pub(super) fn begin_anew(&mut self, now: Elapsed) {
        (self.mark, self.at, self.top, self.from) = (Mark::Top, 0, 0, 0);
        self.asked = now;
    }

    pub(super) fn seek(&mut self, job: JobId, now: Elapsed) {
        self.mark = Mark::Sought(job);
        (self.job, self.back) = (Some(job), 0);
        self.asked = now;
    }

    /// So many rows down.
    pub(super) fn go(&mut self, sight: &Sight, lines: u16, by: i64) {
        let Some(page) = self.answer(sight) else {
            return;
        };
        let count = page.counts[self.filter.slot()];
        let here = self.row(page).unwrap_or(self.at);
        let to = i64::from(here).saturating_add(by);
        let to = u32::try_from(to.max(0))
            .unwrap_or(u32::MAX)
            .min(count.saturating_sub(1));
        if to == here && self.mark == Mark::Top {
            return;
        }
        self.settle(page, to, lines);
    }

    /// The job on that line of the screen.
    pub(super) fn pick(&mut self, line: u16, sight: &Sight) {
        self.focus = Focus::List;
        let Some(page) = self.answer(sight) else {
            return;
        };
        let row = self.top + u32::from(line);
        if at(page, row).is_some() {
            self.settle(page, row, line + 1);
        }
    }

    /// An answer came. The job that was looked for, if the filter had to go for it.
    pub(super) fn observe(&mut self, sight: &Sight, lines: u16) -> Option<JobId> {
        let page = self.answer(sight)?;
        let asked = sight.gaze.page.and_then(|query| query.find);
        let last = page.counts[self.filter.slot()].checked_sub(1);
        match self.mark {
            Mark::Top => self.follow(page),
            Mark::Row(row) => match last {
                Some(last) => self.settle(page, row.min(last), lines),
                None => self.begin_anew(self.asked),
            },
            Mark::Job(job) | Mark::Missed(job) => match place(page, job) {
                Some(row) => self.keep_line(job, row, lines),
                None if asked == Some(job) => self.mark = Mark::Row(self.at),
                None => self.mark = Mark::Missed(job),
            },
            Mark::Sought(job) => match place(page, job) {
                Some(row) => {
                    self.top = row.saturating_sub(u32::from(lines / 2));
                    self.settle(page, row, lines);
                }
                None if asked == Some(job) && self.filter != Filter::All => {
                    self.filter = Filter::All;
                    return Some(job);
                }
                None if asked == Some(job) => self.mark = Mark::Row(self.at),
                None => {}
            },
        }
        None
    }

    /// The answer to what is asked for now, or to the same with other rows.
    fn answer<'s>(&self, sight: &'s Sight) -> Option<&'s Page> {
        let query = sight.gaze.page?;
        let is_this = (query.filter, query.sort) == (self.filter, self.sort);
        sight.page.as_ref().filter(|_| is_this)
    }

    fn follow(&mut self, page: &Page) {
        (self.at, self.top, self.from) = (0, 0, 0);
        if page.first == 0 {
            self.look_at(page.rows.first().map(|row| row.job));
        }
    }

    /// Selects that row: its job, if it is on the page.
    fn settle(&mut self, page: &Page, row: u32, lines: u16) {
        self.mark = Mark::Row(row);
        if let Some(found) = at(page, row) {
            self.mark = Mark::Job(found.job);
            self.look_at(Some(found.job));
        }
        self.at = row;
        let lines = u32::from(lines.max(1));
        self.top = self.top.clamp((row + 1).saturating_sub(lines), row);
        self.stay_near(lines);
    }

    /// The job moved within the list: its line on the screen is kept.
    fn keep_line(&mut self, job: JobId, row: u32, lines: u16) {
        self.mark = Mark::Job(job);
        self.look_at(Some(job));
        let lines = u32::from(lines.max(1));
        self.top = (self.top + row).saturating_sub(self.at);
        self.top = self.top.clamp((row + 1).saturating_sub(lines), row);
        self.at = row;
        self.stay_near(lines);
    }

    /// While a journey is read it stays.
    fn look_at(&mut self, job: Option<JobId>) {
        if self.focus == Focus::List && self.job != job {
            self.job = job;
            self.back = 0;
        }
    }

    /// Other rows are asked for when less than half a page is left on either side.
    fn stay_near(&mut self, lines: u32) {
        let above = self.top.saturating_sub(self.from);
        let near_start = self.top < self.from || (self.from > 0 && above < lines / 2);
        let near_end = above + lines + lines / 2 > lines * u32::from(PAGES);
        if near_start || near_end {
            self.from = self.top.saturating_sub(lines);
        }
    }

    /// Which row of the list is selected, if it is known.
    fn row(&self, page: &Page) -> Option<u32> {
        match self.mark {
            Mark::Top => Some(0),
            Mark::Row(row) => Some(row),
            Mark::Job(job) | Mark::Missed(job) | Mark::Sought(job) => place(page, job),
        }
    }

    /// The rows of a page that are in sight.
    pub(in crate::tui) fn in_sight<'p>(&self, page: &'p Page, lines: u16) -> &'p [PageRow] {
        let lines = usize::from(lines);
        let skip = usize::try_from(self.top.saturating_sub(page.first)).unwrap_or(usize::MAX);
        // Until the answer comes the old rows stay, as near to where they belong as they reach.
        let skip = skip.min(page.rows.len().saturating_sub(lines));
        &page.rows[skip..(skip + lines).min(page.rows.len())]
    }

    /// Whether that row of the page is the selected one.
    pub(in crate::tui) fn is_marked(&self, page: &Page, row: &PageRow) -> bool {
        match self.mark {
            Mark::Top => page.first == 0 && page.rows.first().is_some_and(|first| first.job == row.job),
            Mark::Row(n) => at(page, n).is_some_and(|marked| marked.job == row.job),
            Mark::Job(job) | Mark::Missed(job) | Mark::Sought(job) => row.job == job,
        }
    }
}

fn place(page: &Page, job: JobId) -> Option<u32> {
    let row = page.rows.iter().position(|row| row.job == job)?;
    Some(page.first + u32::try_from(row).ok()?)
}

fn at(page: &Page, row: u32) -> Option<&PageRow> {
    page.rows.get(usize::try_from(row.checked_sub(page.first)?).ok()?)
}
