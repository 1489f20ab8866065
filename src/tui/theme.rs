//! Roles → styles. The palette is Okabe and Ito's, which colour-blind people can tell apart; every role also has a
//! sign or a word on screen, so that without colour nothing is lost.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::fmt;

mod palette;
pub(super) mod strokes;

#[cfg(test)]
mod tests;

use palette::{Depth, Hue};

/// Which theme a person asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ThemeChoice {
    /// By `NO_COLOR`, `COLORFGBG`, `COLORTERM` and `TERM`.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Black and white, a few strong hues, thick lines.
    Contrast,
    /// Bold, underline and reverse only.
    NoColour,
}

impl ThemeChoice {
    /// The next one, round and round.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Contrast,
            Self::Contrast => Self::NoColour,
            Self::NoColour => Self::Auto,
        }
    }
}

impl fmt::Display for ThemeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "as the terminal says",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "high contrast",
            Self::NoColour => "no colour",
        })
    }
}

/// A style for each role.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Theme {
    /// Ordinary text.
    pub(super) text: Style,
    /// Labels, hints, what is not the point.
    pub(super) dim: Style,
    /// Frames.
    pub(super) frame: Style,
    /// Titles.
    pub(super) title: Style,
    /// A number that is the point.
    pub(super) figure: Style,
    /// The selected row's mark.
    pub(super) selected: Style,
    /// A key in the footer.
    pub(super) key: Style,
    /// A key that can't be used now.
    pub(super) disabled: Style,
    /// A setting that changed just now.
    pub(super) flash: Style,
    /// A message to the person.
    pub(super) message: Style,
    /// All is well.
    pub(super) good: Style,
    /// Worth a look.
    pub(super) warn: Style,
    /// Lost, dead, wrong.
    pub(super) alarm: Style,
    /// An alarm that must be seen from the back row.
    pub(super) alarm_block: Style,
    /// Ready at the broker.
    pub(super) ready: Style,
    /// Unacked at the broker.
    pub(super) unacked: Style,
    /// In a tray.
    pub(super) tray: Style,
    /// In hand: progress dots, busy bars.
    pub(super) hand: Style,
    /// A job's block in the timeline, drawn by its foreground.
    pub(super) block: Style,
    /// The same in every second row, so that blocks above each other are told apart.
    pub(super) block_odd: Style,
    /// A redelivered job's block.
    pub(super) block_again: Style,
    /// A block of a job that was done before.
    pub(super) block_twice: Style,
    /// The laser's frame.
    pub(super) laser: Style,
    /// Text and background where nothing else is said; `None`: the terminal's own.
    ground: Option<(Color, Color)>,
    strokes: Strokes,
    /// Whether text on a block is set by reversing it (no colour) or by its background.
    lettering: Lettering,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lettering {
    Reversed,
    On(Color),
}

/// How frames are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strokes {
    Thin,
    Thick,
}

impl Theme {
    /// The theme for a wish and an environment; `env` reads a variable.
    pub(super) fn choose(choice: ThemeChoice, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let depth = Depth::detect(env);
        let no_colour = env("NO_COLOR").is_some_and(|v| !v.is_empty())
            || env("TERM").is_some_and(|v| v == "dumb" || v.contains("mono"));
        let choice = match choice {
            ThemeChoice::Auto if no_colour => ThemeChoice::NoColour,
            ThemeChoice::Auto if palette::background_is_light(env) => ThemeChoice::Light,
            chosen => chosen,
        };
        match choice {
            ThemeChoice::NoColour => Self::plain(),
            ThemeChoice::Light => Self::light(depth),
            ThemeChoice::Contrast if palette::background_is_light(env) => Self::contrast_light(depth),
            ThemeChoice::Contrast => Self::contrast_dark(depth),
            ThemeChoice::Dark | ThemeChoice::Auto => Self::dark(depth),
        }
    }

    /// Text on a block of the given style.
    pub(super) fn on_block(&self, block: Style) -> Style {
        match self.lettering {
            Lettering::Reversed => block.add_modifier(Modifier::REVERSED),
            Lettering::On(ink) => Style::new()
                .fg(ink)
                .bg(block.fg.unwrap_or(Color::Reset))
                .add_modifier(Modifier::BOLD),
        }
    }

    /// A theme chosen while the screen is shown: it brings its background along, whatever the terminal has.
    pub(super) fn wear(choice: ThemeChoice, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let theme = Self::choose(choice, env);
        let depth = Depth::detect(env);
        let ground = match choice {
            ThemeChoice::Dark => Some((palette::ink_light(depth), palette::ink_dark(depth))),
            ThemeChoice::Light => Some((palette::ink_dark(depth), palette::ink_light(depth))),
            ThemeChoice::Auto | ThemeChoice::Contrast | ThemeChoice::NoColour => theme.ground,
        };
        Self { ground, ..theme }
    }

    /// The same look for a picture that leaves the terminal: in full colour, with a ground.
    pub(super) fn portrait(choice: ThemeChoice, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let full = |name: &str| match name {
            "COLORTERM" => Some("truecolor".to_owned()),
            name => env(name),
        };
        let light = palette::background_is_light(env);
        let plain = env("NO_COLOR").is_some_and(|v| !v.is_empty());
        match choice {
            ThemeChoice::Auto if plain => Self::plain(),
            ThemeChoice::Auto if light => Self::wear(ThemeChoice::Light, &full),
            ThemeChoice::Auto => Self::wear(ThemeChoice::Dark, &full),
            chosen => Self::wear(chosen, &full),
        }
    }

    /// What concerns every cell of a drawn frame.
    pub(super) fn finish(&self, buf: &mut Buffer) {
        let thick = self.strokes == Strokes::Thick;
        if self.ground.is_none() && !thick {
            return;
        }
        for cell in &mut buf.content {
            if let Some((text, ground)) = self.ground {
                cell.fg = if cell.fg == Color::Reset { text } else { cell.fg };
                cell.bg = if cell.bg == Color::Reset { ground } else { cell.bg };
            }
            if let Some(line) = thick.then(|| strokes::thick(cell.symbol())).flatten() {
                cell.set_symbol(line);
            }
        }
    }

    /// White on black.
    fn contrast_dark(depth: Depth) -> Self {
        let (white, black) = (palette::ink_light(depth), palette::ink_dark(depth));
        Self::contrast(&|hue: Hue| Style::new().fg(hue.strong_on_dark(depth)), white, black)
    }

    /// Black on white, for a room that is not dark.
    fn contrast_light(depth: Depth) -> Self {
        let (white, black) = (palette::ink_light(depth), palette::ink_dark(depth));
        Self::contrast(&|hue: Hue| Style::new().fg(hue.strong_on_light(depth)), black, white)
    }

    fn contrast(paint: &dyn Fn(Hue) -> Style, text: Color, ground: Color) -> Self {
        let bold = |hue: Hue| paint(hue).add_modifier(Modifier::BOLD);
        let plain = Style::new().fg(text);
        Self {
            dim: plain,
            disabled: plain.add_modifier(Modifier::CROSSED_OUT),
            good: bold(Hue::Green),
            warn: bold(Hue::Orange),
            ready: bold(Hue::Yellow),
            unacked: bold(Hue::Orange),
            tray: bold(Hue::Purple),
            hand: bold(Hue::Sky),
            ground: Some((text, ground)),
            strokes: Strokes::Thick,
            ..Self::coloured(paint, plain, ground)
        }
    }

    pub(super) fn dark(depth: Depth) -> Self {
        let paint = |hue: Hue| Style::new().fg(hue.on_dark(depth));
        let dim = Style::new().fg(palette::grey_on_dark(depth));
        Self::coloured(&paint, dim, palette::ink_dark(depth))
    }

    pub(super) fn light(depth: Depth) -> Self {
        let paint = |hue: Hue| Style::new().fg(hue.on_light(depth));
        let dim = Style::new().fg(palette::grey_on_light(depth));
        Self::coloured(&paint, dim, palette::ink_light(depth))
    }

    fn coloured(paint: &dyn Fn(Hue) -> Style, dim: Style, ink: Color) -> Self {
        let bold = Modifier::BOLD;
        let on = |hue: Hue| {
            Style::new()
                .fg(ink)
                .bg(paint(hue).fg.unwrap_or(Color::Reset))
                .add_modifier(bold)
        };
        Self {
            text: Style::new(),
            dim,
            frame: dim,
            title: Style::new().add_modifier(bold),
            figure: Style::new().add_modifier(bold),
            selected: paint(Hue::Orange).add_modifier(bold),
            key: paint(Hue::Sky).add_modifier(bold),
            disabled: dim.add_modifier(Modifier::CROSSED_OUT),
            flash: on(Hue::Yellow),
            message: on(Hue::Sky),
            good: paint(Hue::Green),
            warn: paint(Hue::Orange),
            alarm: paint(Hue::Vermillion).add_modifier(bold),
            alarm_block: on(Hue::Vermillion),
            ready: paint(Hue::Yellow),
            unacked: paint(Hue::Orange),
            tray: paint(Hue::Purple),
            hand: paint(Hue::Sky),
            block: paint(Hue::Sky),
            block_odd: paint(Hue::Blue),
            block_again: paint(Hue::Orange),
            block_twice: paint(Hue::Purple),
            laser: paint(Hue::Vermillion).add_modifier(bold),
            ground: None,
            strokes: Strokes::Thin,
            lettering: Lettering::On(ink),
        }
    }

    /// No colour at all.
    pub(super) fn plain() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            text: plain,
            dim: plain,
            frame: plain.add_modifier(Modifier::DIM),
            title: bold,
            figure: bold,
            selected: bold,
            key: bold,
            disabled: plain.add_modifier(Modifier::CROSSED_OUT | Modifier::DIM),
            flash: reversed,
            message: reversed,
            good: plain,
            warn: bold,
            alarm: bold.add_modifier(Modifier::UNDERLINED),
            alarm_block: reversed.add_modifier(Modifier::BOLD),
            ready: plain,
            unacked: plain,
            tray: plain,
            hand: plain,
            block: plain,
            block_odd: plain,
            block_again: bold,
            block_twice: bold,
            laser: bold,
            ground: None,
            strokes: Strokes::Thin,
            lettering: Lettering::Reversed,
        }
    }
}
