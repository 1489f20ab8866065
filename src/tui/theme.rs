//! Roles → styles. The palette is Okabe and Ito's, which colour-blind people can tell apart; every role also has a
//! sign or a word on screen, so that without colour nothing is lost.

use ratatui::style::{Color, Modifier, Style};

mod palette;

#[cfg(test)]
mod tests;

use palette::{Depth, Hue};

/// Which theme a person asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// By `NO_COLOR`, `COLORFGBG`, `COLORTERM` and `TERM`.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Bold, underline and reverse only.
    NoColour,
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
    /// Whether text on a block is set by reversing it (no colour) or by its background.
    lettering: Lettering,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lettering {
    Reversed,
    On(Color),
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
            lettering: Lettering::Reversed,
        }
    }
}
