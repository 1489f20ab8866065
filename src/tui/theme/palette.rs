//! Okabe and Ito's colours, and the nearest ones where a terminal has only 256 or 16.

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Depth {
    /// 24 bits.
    True,
    /// The 256 of xterm.
    Indexed,
    /// The 16 named ones.
    Named,
}

impl Depth {
    /// By `COLORTERM` and `TERM`, and by what Windows' own terminal sets.
    pub(super) fn detect(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let has = |name: &str, words: &[&str]| env(name).is_some_and(|v| words.iter().any(|w| v.contains(w)));
        if has("COLORTERM", &["truecolor", "24bit"]) || env("WT_SESSION").is_some() {
            Self::True
        } else if has("TERM", &["256color", "kitty", "alacritty", "ghostty", "direct"]) {
            Self::Indexed
        } else {
            Self::Named
        }
    }
}

/// Whether `COLORFGBG` ("foreground;background") names a light background.
pub(super) fn background_is_light(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let value = env("COLORFGBG").unwrap_or_default();
    let background = value.rsplit(';').next().and_then(|b| b.parse::<u8>().ok());
    matches!(background, Some(7 | 9..=15))
}

/// A colour by its name in the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hue {
    Orange,
    Sky,
    Blue,
    Green,
    Yellow,
    Vermillion,
    Purple,
}

impl Hue {
    pub(super) const fn on_dark(self, depth: Depth) -> Color {
        match depth {
            Depth::True => match self {
                Self::Orange => Color::Rgb(0xE6, 0x9F, 0x00),
                Self::Sky => Color::Rgb(0x56, 0xB4, 0xE9),
                Self::Blue => Color::Rgb(0x3C, 0x93, 0xCB),
                Self::Green => Color::Rgb(0x1F, 0xC1, 0x95),
                Self::Yellow => Color::Rgb(0xF0, 0xE4, 0x42),
                Self::Vermillion => Color::Rgb(0xFF, 0x7A, 0x33),
                Self::Purple => Color::Rgb(0xE0, 0x92, 0xBF),
            },
            Depth::Indexed => match self {
                Self::Orange => Color::Indexed(178),
                Self::Sky => Color::Indexed(74),
                Self::Blue => Color::Indexed(68),
                Self::Green => Color::Indexed(36),
                Self::Yellow => Color::Indexed(227),
                Self::Vermillion => Color::Indexed(208),
                Self::Purple => Color::Indexed(175),
            },
            Depth::Named => match self {
                Self::Orange => Color::Yellow,
                Self::Sky => Color::LightCyan,
                Self::Blue => Color::Cyan,
                Self::Green => Color::LightGreen,
                Self::Yellow => Color::LightYellow,
                Self::Vermillion => Color::LightRed,
                Self::Purple => Color::LightMagenta,
            },
        }
    }

    /// Darker by so much that they can be read on white.
    pub(super) const fn on_light(self, depth: Depth) -> Color {
        match depth {
            Depth::True => match self {
                Self::Orange => Color::Rgb(0x9A, 0x62, 0x00),
                Self::Sky => Color::Rgb(0x00, 0x72, 0xB2),
                Self::Blue => Color::Rgb(0x1F, 0x5A, 0x8A),
                Self::Green => Color::Rgb(0x00, 0x7A, 0x59),
                Self::Yellow => Color::Rgb(0x7D, 0x6C, 0x00),
                Self::Vermillion => Color::Rgb(0xC4, 0x45, 0x00),
                Self::Purple => Color::Rgb(0xA3, 0x47, 0x7C),
            },
            Depth::Indexed => match self {
                Self::Orange => Color::Indexed(94),
                Self::Sky => Color::Indexed(25),
                Self::Blue => Color::Indexed(24),
                Self::Green => Color::Indexed(29),
                Self::Yellow => Color::Indexed(100),
                Self::Vermillion => Color::Indexed(130),
                Self::Purple => Color::Indexed(132),
            },
            Depth::Named => match self {
                Self::Orange | Self::Yellow => Color::Yellow,
                Self::Sky | Self::Blue => Color::Blue,
                Self::Green => Color::Green,
                Self::Vermillion => Color::Red,
                Self::Purple => Color::Magenta,
            },
        }
    }

    /// As far from black as it goes; blue and sky stay apart, since rows alternate between them.
    pub(super) const fn strong_on_dark(self, depth: Depth) -> Color {
        match (depth, self) {
            (Depth::True, Self::Orange) => Color::Rgb(0xFF, 0xB0, 0x00),
            (Depth::True, Self::Sky) => Color::Rgb(0x5C, 0xD6, 0xFF),
            (Depth::True, Self::Blue) => Color::Rgb(0xB8, 0xE6, 0xFF),
            (Depth::True, Self::Green) => Color::Rgb(0x00, 0xF5, 0xA8),
            (Depth::True, Self::Yellow) => Color::Rgb(0xFF, 0xFF, 0x00),
            (Depth::True, Self::Vermillion) => Color::Rgb(0xFF, 0x8A, 0x50),
            (Depth::True, Self::Purple) => Color::Rgb(0xFF, 0xA8, 0xE0),
            _ => self.on_dark(depth),
        }
    }

    /// As far from white as it goes.
    pub(super) const fn strong_on_light(self, depth: Depth) -> Color {
        match (depth, self) {
            (Depth::True, Self::Orange) => Color::Rgb(0x7A, 0x45, 0x00),
            (Depth::True, Self::Sky) => Color::Rgb(0x00, 0x4C, 0x99),
            (Depth::True, Self::Blue) => Color::Rgb(0x10, 0x2A, 0x5C),
            (Depth::True, Self::Green) => Color::Rgb(0x00, 0x59, 0x3C),
            (Depth::True, Self::Yellow) => Color::Rgb(0x5C, 0x4D, 0x00),
            (Depth::True, Self::Vermillion) => Color::Rgb(0xA8, 0x22, 0x00),
            (Depth::True, Self::Purple) => Color::Rgb(0x80, 0x14, 0x5C),
            _ => self.on_light(depth),
        }
    }
}

pub(super) const fn grey_on_dark(depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(0x9A, 0xA0, 0xA6),
        Depth::Indexed => Color::Indexed(247),
        Depth::Named => Color::Gray,
    }
}

pub(super) const fn grey_on_light(depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(0x5F, 0x63, 0x68),
        Depth::Indexed => Color::Indexed(241),
        Depth::Named => Color::DarkGray,
    }
}

/// Text on a coloured block of the dark theme.
pub(super) const fn ink_dark(depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(0, 0, 0),
        Depth::Indexed => Color::Indexed(16),
        Depth::Named => Color::Black,
    }
}

/// Text on a coloured block of the light theme.
pub(super) const fn ink_light(depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(0xFF, 0xFF, 0xFF),
        Depth::Indexed => Color::Indexed(231),
        Depth::Named => Color::White,
    }
}
