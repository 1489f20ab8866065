use super::*;

fn theme(choice: ThemeChoice, variables: &[(&str, &str)]) -> Theme {
    Theme::choose(choice, &|name| {
        variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    })
}

#[test]
fn the_environment_chooses_the_theme_unless_a_person_did() {
    let truecolour = ("COLORTERM", "truecolor");
    let cases = [
        (theme(ThemeChoice::Auto, &[truecolour]), Theme::dark(Depth::True)),
        (
            theme(ThemeChoice::Auto, &[("TERM", "xterm-256color")]),
            Theme::dark(Depth::Indexed),
        ),
        (
            theme(ThemeChoice::Auto, &[("TERM", "linux")]),
            Theme::dark(Depth::Named),
        ),
        (
            theme(ThemeChoice::Auto, &[truecolour, ("COLORFGBG", "0;15")]),
            Theme::light(Depth::True),
        ),
        (
            theme(ThemeChoice::Auto, &[truecolour, ("COLORFGBG", "15;default;0")]),
            Theme::dark(Depth::True),
        ),
        (
            theme(ThemeChoice::Auto, &[truecolour, ("NO_COLOR", "1")]),
            Theme::plain(),
        ),
        (
            theme(ThemeChoice::Auto, &[truecolour, ("NO_COLOR", "")]),
            Theme::dark(Depth::True),
        ),
        (theme(ThemeChoice::Auto, &[("TERM", "dumb")]), Theme::plain()),
        (
            theme(ThemeChoice::Light, &[truecolour, ("NO_COLOR", "1")]),
            Theme::light(Depth::True),
        ),
        (theme(ThemeChoice::NoColour, &[truecolour]), Theme::plain()),
    ];
    for (row, (chosen, wanted)) in cases.iter().enumerate() {
        assert_eq!(chosen, wanted, "row {row}");
    }
}

#[test]
fn the_plain_theme_has_no_colour_even_on_blocks() {
    let plain = Theme::plain();
    let printed = format!("{plain:?}");
    assert!(
        !printed.contains("fg: Some") && !printed.contains("bg: Some"),
        "{printed}"
    );
    let lettering = plain.on_block(plain.block);
    assert_eq!((lettering.fg, lettering.bg), (None, None));
}
