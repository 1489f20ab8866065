//! Writes along one line of a buffer, never beyond its end.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

/// A place on a line, moving to the right as it writes.
pub(super) struct Pen<'b> {
    buf: &'b mut Buffer,
    x: u16,
    y: u16,
    end: u16,
}

impl<'b> Pen<'b> {
    /// At the start of the given line of `area`. Outside of the area or the buffer nothing is written.
    pub(super) fn new(buf: &'b mut Buffer, area: Rect, line: u16) -> Self {
        let area = area.intersection(buf.area);
        let visible = line < area.height;
        let end = if visible { area.right() } else { area.x };
        Self {
            y: area.y.saturating_add(line),
            x: area.x,
            end,
            buf,
        }
    }

    /// Writes text.
    pub(super) fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        if room > 0 {
            self.x = self.buf.set_stringn(self.x, self.y, text, usize::from(room), style).0;
        }
        self
    }

    /// Writes the same sign several times.
    pub(super) fn repeat(&mut self, sign: &str, times: u16, style: Style) -> &mut Self {
        for _ in 0..times.min(self.room()) {
            self.put(sign, style);
        }
        self
    }

    /// Writes text that ends `width` columns from here; too long a text loses its end.
    pub(super) fn right(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        self.skip(width.saturating_sub(columns(text))).fit(text, width, style)
    }

    /// Writes text into the next `width` columns and moves behind them; a cut is marked.
    pub(super) fn left(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        let after = self.x.saturating_add(width).min(self.end);
        self.fit(text, width, style);
        self.x = after;
        self
    }

    /// Writes as much of a text as `width` and the line allow; a cut is marked by `…`.
    pub(super) fn fit(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        let room = width.min(self.room());
        if columns(text) <= room {
            return self.put(text, style);
        }
        let (end, x) = (self.end, self.x);
        self.end = x + room.saturating_sub(1);
        self.put(text, style);
        self.end = x + room;
        self.put("…", style);
        self.end = end;
        self
    }

    /// Clears text and style of the next columns.
    pub(super) fn wipe(&mut self, width: usize) {
        for x in (self.x..self.end).take(width) {
            self.buf[(x, self.y)].reset();
        }
    }

    /// Moves on.
    pub(super) fn skip(&mut self, width: u16) -> &mut Self {
        self.x = self.x.saturating_add(width).min(self.end);
        self
    }

    /// Columns left on the line.
    pub(super) const fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }
}

/// The width of a text on screen.
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// Breaks a text into lines of at most `width` columns, between words.
pub(super) fn wrap(text: &str, width: u16) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if columns(line) + 1 + columns(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
