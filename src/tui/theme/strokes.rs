//! Thin and thick lines of frames.

/// The thick form of a line of a frame.
pub(in crate::tui) fn thick(thin: &str) -> Option<&'static str> {
    Some(match thin {
        "─" => "━",
        "│" => "┃",
        "┌" => "┏",
        "┐" => "┓",
        "└" => "┗",
        "┘" => "┛",
        "┬" => "┳",
        "┴" => "┻",
        "├" => "┣",
        "┤" => "┫",
        "┼" => "╋",
        _ => return None,
    })
}
