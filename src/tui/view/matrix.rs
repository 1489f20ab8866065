//! Durable queue × persistent message: what a broker's end left of the jobs that it had to keep, and why.
//!
//! Before an end it shows what is at stake, while the broker is down that nobody knows yet.

use super::pen::{Pen, columns, wrap};
use super::{Scene, overlay};
use crate::lab::{Delivery, Ending, Figure, Matrix, MatrixCell, Moment, QueueKind};
use crate::tui::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Columns for the name of a queue.
const SIDE: u16 = 12;
/// The widest window's inside.
const WIDEST: u16 = 98;
/// From this height of the screen on, the cells have frames and bars.
const ROOMY: u16 = 22;

/// Lines of a cell and of what is around it.
struct Form {
    /// Verdict, counts, reason.
    cell: u16,
    frame: Frame,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Lines,
    None,
}

impl Form {
    const fn of(area: Rect) -> Self {
        if area.height >= ROOMY {
            Self {
                cell: 5,
                frame: Frame::Lines,
            }
        } else {
            Self {
                cell: 4,
                frame: Frame::None,
            }
        }
    }

    const fn rules(&self) -> u16 {
        match self.frame {
            Frame::Lines => 1,
            Frame::None => 0,
        }
    }

    /// From the inside's first line to the first cell's.
    const fn first(&self) -> u16 {
        2 * self.rules() + 1
    }

    /// From one row of cells to the next.
    const fn row(&self) -> u16 {
        self.cell + self.rules()
    }

    /// Lines of the whole, with some below the cells.
    const fn lines(&self) -> u16 {
        let below = match self.frame {
            Frame::Lines => 2,
            Frame::None => 3,
        };
        self.first() + 2 * self.row() + below
    }
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>) {
    let matrix = &scene.snapshot.matrix;
    let form = Form::of(area);
    let width = WIDEST.min(area.width.saturating_sub(2));
    let inner = overlay::open(buf, overlay::place(area, width, form.lines()), &title(matrix), scene);
    let cell = inner.width.saturating_sub(SIDE + 2) / 2;
    heads(buf, inner, cell, &form, scene);
    if form.frame == Frame::Lines {
        grid(buf, inner, cell, &form, scene.theme.frame);
    }
    for queue in QueueKind::ALL {
        let top = form.first() + form.row() * line(queue.slot());
        side(buf, inner, top, queue, scene);
        for messages in Delivery::ALL {
            let place = Rect {
                x: inner.x + SIDE + (cell + 1) * line(messages.slot()),
                y: inner.y + top,
                width: cell.saturating_sub(form.rules()),
                height: form.cell.min(inner.height.saturating_sub(top)),
            };
            draw_cell(buf, place, (queue, messages), &form, scene);
        }
    }
    let below = form.first() + 2 * form.row();
    for (line, (text, style)) in (below..inner.height).zip(footnotes(inner.width.saturating_sub(2), scene)) {
        Pen::new(buf, inner, line).skip(1).put(&text, style);
    }
}

fn title(matrix: &Matrix) -> String {
    match matrix.moment {
        Moment::Running => "What would survive the broker's end?".to_owned(),
        Moment::Down(Ending::Away, at) => format!("The broker went away at {at}: what survives?"),
        Moment::Down(_, at) => format!("The broker is down since {at}: what will survive?"),
        Moment::Back(Ending::Killed, at) => format!("What survived the kill of the broker at {at}"),
        Moment::Back(Ending::Stopped, at) => format!("What survived the stop of the broker at {at}"),
        Moment::Back(Ending::Away, at) => format!("The broker went away at {at} and is back"),
    }
}

fn heads(buf: &mut Buffer, inner: Rect, cell: u16, form: &Form, scene: Scene<'_>) {
    let theme = scene.theme;
    if form.frame == Frame::Lines {
        let text = "Jobs published and not acked when it ended, by queue and message:";
        let now = "Jobs published and not acked yet, by queue and message:";
        let running = scene.snapshot.matrix.moment == Moment::Running;
        Pen::new(buf, inner, 0)
            .skip(1)
            .put(if running { now } else { text }, theme.dim);
    }
    let mut pen = Pen::new(buf, inner, form.rules());
    pen.skip(SIDE + form.rules());
    for messages in Delivery::ALL {
        pen.left(&format!("{messages} messages"), cell + 1, theme.title);
    }
}

fn side(buf: &mut Buffer, inner: Rect, top: u16, queue: QueueKind, scene: Scene<'_>) {
    let style = scene.theme.title;
    Pen::new(buf, inner, top).skip(1).put(&queue.to_string(), style);
    Pen::new(buf, inner, top + 1).skip(1).put("queue", style);
}

/// The frame of the four cells.
fn grid(buf: &mut Buffer, inner: Rect, cell: u16, form: &Form, style: Style) {
    let bars = [("┌", "┬", "┐"), ("├", "┼", "┤"), ("└", "┴", "┘")];
    let (first, row) = (form.first() - 1, form.row());
    for (rule, (left, middle, right)) in (0..).zip(bars) {
        let mut pen = Pen::new(buf, inner, first + rule * row);
        pen.skip(SIDE - 1).put(left, style).repeat("─", cell, style);
        pen.put(middle, style).repeat("─", cell, style).put(right, style);
    }
    for line in (0..2 * row).filter(|line| !(line + 1).is_multiple_of(row)) {
        for column in 0..3 {
            let mut pen = Pen::new(buf, inner, first + 1 + line);
            pen.skip(SIDE - 1 + column * (cell + 1)).put("│", style);
        }
    }
}

fn draw_cell(buf: &mut Buffer, place: Rect, which: (QueueKind, Delivery), form: &Form, scene: Scene<'_>) {
    let Scene { snapshot, theme, .. } = scene;
    let cell = snapshot.matrix.cell(which.0, which.1);
    let (verdict, style) = verdict(cell, snapshot.matrix.moment, scene);
    Pen::new(buf, place, 0).skip(1).put(&verdict, style);
    if cell.published == 0 && cell.again == 0 {
        return;
    }
    let mut line = 1;
    if form.frame == Frame::Lines {
        bar(
            &mut Pen::new(buf, place, line),
            cell,
            place.width.saturating_sub(2),
            scene,
        );
        line += 1;
    }
    let mut pen = Pen::new(buf, place, line);
    pen.skip(1);
    let room = pen.room();
    let counts = counts(cell);
    let text = counts.iter().find(|text| columns(text) <= room).unwrap_or(&counts[1]);
    pen.fit(text, room, theme.dim);
    let reasons = words::fate(which.0, which.1, cell, snapshot.matrix.moment);
    let reason = match form.frame {
        Frame::Lines => reasons[0],
        Frame::None => reasons[1],
    };
    for (line, text) in (line + 1..place.height).zip(wrap(reason, place.width.saturating_sub(2))) {
        Pen::new(buf, place, line).skip(1).put(&text, theme.text);
    }
}

/// The one line of a cell that must be read from the back row.
fn verdict(cell: &MatrixCell, moment: Moment, scene: Scene<'_>) -> (String, Style) {
    let theme = scene.theme;
    let published = cell.published;
    if published == 0 {
        return ("· none was in it".to_owned(), theme.dim);
    }
    if let Moment::Running = moment {
        return (format!("{published} to keep"), theme.figure);
    }
    let (survived, lost) = (words::figure(cell.survived), words::figure(cell.lost));
    match (cell.survived, cell.lost) {
        (Figure::Unknown, _) | (_, Figure::Unknown) => (format!("? {published}, fate unknown"), theme.warn),
        (_, Figure::Exact(0) | Figure::Estimated(0)) => (
            format!("✓ {survived} survived, 0 lost"),
            theme.good.add_modifier(Modifier::BOLD),
        ),
        (_, _) => (format!(" ✖ {lost} LOST, {survived} survived "), theme.alarm_block),
    }
}

/// As much of the bar as survived, then what is lost; all four by the same measure.
fn bar(pen: &mut Pen<'_>, cell: &MatrixCell, room: u16, scene: Scene<'_>) {
    let theme = scene.theme;
    let all = u64::from(cell.published);
    let most = scene.snapshot.matrix.all().map(|cell| u64::from(cell.published)).max();
    let most = most.unwrap_or(0).max(1);
    let width = u64::from(room).min(most);
    let columns = |n: u64| u16::try_from((n.min(all) * width).div_ceil(most)).unwrap_or(room);
    pen.skip(1);
    match (cell.survived, cell.lost) {
        (Figure::Unknown, _) | (_, Figure::Unknown) => pen.repeat("▒", columns(all), theme.ready),
        (_, lost) => {
            let lost = columns(words::magnitude(lost));
            pen.repeat("█", columns(all).saturating_sub(lost), theme.good)
                .repeat("░", lost, theme.alarm)
        }
    };
}

/// What was promised, in two lengths.
fn counts(cell: &MatrixCell) -> [String; 2] {
    let published = cell.published;
    if cell.unasked == published {
        return [
            format!("published {published}, no confirms asked"),
            format!("publ. {published} no confirms"),
        ];
    }
    let confirmed = match cell.unasked {
        0 => cell.confirmed.to_string(),
        unasked => format!("{} of {}", cell.confirmed, published.saturating_sub(unasked)),
    };
    [
        format!("published {published}, confirmed {confirmed}"),
        format!("publ. {published} conf. {confirmed}"),
    ]
}

/// What there is to say of all four.
fn footnotes(width: u16, scene: Scene<'_>) -> Vec<(String, Style)> {
    let Scene { snapshot, theme, .. } = scene;
    let sum = |of: fn(&MatrixCell) -> u32| snapshot.matrix.all().map(|cell| u64::from(of(cell))).sum::<u64>();
    let promised = snapshot
        .matrix
        .cell(QueueKind::Durable, Delivery::Persistent)
        .confirmed_lost;
    let broken = sum(|cell| cell.confirmed_lost);
    let again = sum(|cell| cell.again);
    let published = sum(|cell| cell.published);
    let guessed = snapshot
        .matrix
        .all()
        .any(|cell| matches!(cell.lost, Figure::Estimated(1..)));
    let known = if guessed { Figure::Estimated } else { Figure::Exact };
    let (text, style) = match snapshot.matrix.moment {
        Moment::Running if published == 0 => (words::FILL_THE_TABLE.to_owned(), theme.text),
        Moment::Running => (words::END_THE_BROKER.to_owned(), theme.text),
        Moment::Down(Ending::Away, _) => (words::BROKER_IS_AWAITED.to_owned(), theme.text),
        Moment::Down(..) => (words::START_THE_BROKER.to_owned(), theme.text),
        Moment::Back(..) if promised > 0 => (words::broken_word(known(promised.into())), theme.alarm),
        Moment::Back(..) if broken > 0 => (words::broken_promises(known(broken)), theme.warn),
        Moment::Back(..) if again > 0 => (words::settled_and_there(again), theme.warn),
        Moment::Back(..) => (words::FILL_THE_TABLE.to_owned(), theme.dim),
    };
    wrap(&text, width).into_iter().map(|line| (line, style)).collect()
}

fn line(slot: usize) -> u16 {
    u16::from(slot > 0)
}
