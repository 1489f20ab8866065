//! Small screens as texts and drawings.

use super::*;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

fn screen() -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 3));
    buffer.set_string(0, 0, "┌─W1──┐", Style::new().fg(Color::Rgb(1, 2, 3)));
    let wide = Style::new().fg(Color::Indexed(196)).add_modifier(Modifier::BOLD);
    buffer.set_string(0, 1, "│界 <&>\"│", wide);
    buffer.set_string(0, 2, "█▌ ▁", Style::new().bg(Color::Rgb(0, 0, 0)));
    buffer
}

#[test]
fn a_text_has_the_lines_of_the_screen() {
    assert_eq!(text(&screen()), "┌─W1──┐\n│界 <&>\"│\n█▌ ▁\n");
}

#[test]
fn a_drawing_keeps_columns_colours_and_wide_letters() {
    insta::assert_snapshot!(svg(&screen(), "a <screen>"));
}

#[test]
fn what_is_reversed_has_its_colours_swapped() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
    let style = Style::new().fg(Color::Rgb(1, 1, 1)).bg(Color::Rgb(2, 2, 2));
    buffer.set_string(1, 0, "x", style.add_modifier(Modifier::REVERSED));
    let drawing = svg(&buffer, "");
    assert!(
        drawing.contains("width=\"8.4\" height=\"17\" fill=\"#010101\""),
        "{drawing}"
    );
    assert!(drawing.contains("fill=\"#020202\">x</text>"), "{drawing}");
}

#[test]
fn controls_never_reach_a_drawing() {
    assert_eq!(escaped("a\u{1b}[31m\u{0}b\n"), "a[31mb");
    assert_eq!(
        escaped("a\u{fffe}\u{ffff}\u{fffd}"),
        "a\u{fffd}",
        "no characters of XML"
    );
}
