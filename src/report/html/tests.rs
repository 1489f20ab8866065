//! The page is well made, asks for nothing, and can be read.

use super::{POLICY, STYLE, page};
use crate::report::tests::hand::{about, crowd, round_robin, stormy};
use crate::report::tests::lesson;
use std::collections::BTreeMap;

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "br", "!DOCTYPE"];

fn pages() -> Vec<(&'static str, String)> {
    let mut hostile = about();
    hostile.title = Some("\"><img src=x onerror=alert(1)> </style></title> & Zoë".into());
    hostile.by = Some("<svg/onload=alert(1)>".into());
    hostile.command = Some("</code></pre><script>alert(1)</script>".to_owned());
    vec![
        ("lesson", page(&lesson())),
        ("stormy", page(&stormy().report(16_000, about()))),
        ("empty", page(&round_robin().report(0, about()))),
        ("crowd", page(&crowd().report(600_000, about()))),
        ("hostile", page(&round_robin().report(42_000, hostile))),
    ]
}

/// The tags of a page in their order, with what stands between their brackets.
fn tags(page: &str) -> Vec<&str> {
    let (head, rest) = page.split_once("<style>").expect("it has a style");
    let (_, body) = rest.split_once("</style>").expect("that ends");
    let of = |text| -> Vec<&str> {
        let pieces = str::split(text, '<').skip(1);
        pieces
            .map(|piece| piece.split_once('>').expect("a bracket that closes").0)
            .collect()
    };
    [of(head), vec!["style", "/style"], of(body)].concat()
}

#[test]
fn what_is_opened_is_closed() {
    for (name, page) in pages() {
        let mut open = Vec::new();
        for tag in tags(&page) {
            let element = tag.split([' ', '\n']).next().unwrap_or_default();
            if let Some(closed) = element.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{name}: </{closed}>");
            } else if !VOID.contains(&element) {
                open.push(element);
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}

#[test]
fn names_come_once_and_what_names_them_is_there() {
    for (name, page) in pages() {
        let mut ids: BTreeMap<&str, u32> = BTreeMap::new();
        let attributes = |key: &str| {
            let key = format!(" {key}=\"");
            let found: Vec<&str> = page
                .split(&key)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            found
        };
        for id in attributes("id") {
            *ids.entry(id).or_default() += 1;
        }
        assert!(ids.values().all(|&count| count == 1), "{name}: {ids:?}");
        for wanted in attributes("aria-labelledby")
            .into_iter()
            .flat_map(|names| names.split(' '))
        {
            assert!(ids.contains_key(wanted), "{name}: nothing is called {wanted}");
        }
        for wanted in page.split("url(#").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(ids.contains_key(wanted), "{name}: nothing is called {wanted}");
        }
    }
}

#[test]
fn a_page_asks_for_nothing_and_runs_nothing() {
    for (name, page) in pages() {
        assert!(
            page.contains(POLICY) && POLICY.starts_with("default-src 'none'"),
            "{name}"
        );
        for tag in tags(&page) {
            let element = tag.split(' ').next().unwrap_or_default();
            let fetches = [
                "script",
                "link",
                "img",
                "image",
                "iframe",
                "object",
                "embed",
                "audio",
                "video",
                "base",
                "form",
                "use",
                "foreignObject",
            ];
            assert!(!fetches.contains(&element), "{name}: <{tag}>");
            for attribute in [
                " src=",
                " srcset=",
                " poster=",
                " background=",
                " ping=",
                " xlink:href=",
                " action=",
                " on",
            ] {
                assert!(!tag.contains(attribute) || tag.starts_with("title"), "{name}: <{tag}>");
            }
            assert!(!tag.contains(" href=") || element == "a", "{name}: <{tag}>");
        }
        let fetched = page
            .match_indices("url(")
            .filter(|(at, _)| !page[*at..].starts_with("url(#"));
        assert_eq!(fetched.count(), 0, "{name}");
        assert!(
            !page.contains("@import") && !page.contains("http-equiv=\"refresh\""),
            "{name}"
        );
    }
}

#[test]
fn what_people_write_stays_text() {
    let (_, hostile) = pages().pop().expect("the last one");
    assert!(hostile.contains("&lt;img src=x onerror=alert(1)&gt; &lt;/style&gt;&lt;/title&gt; &amp; Zoë"));
    assert!(hostile.contains("&lt;svg/onload=alert(1)&gt;"));
    let lesson = page(&lesson());
    assert!(lesson.contains("Ada &amp; &lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!lesson.contains("<script"));
}

#[test]
fn headings_tables_and_drawings_have_names() {
    for (name, page) in pages() {
        let count = |what: &str| page.matches(what).count();
        assert_eq!(count("<h1"), 1, "{name}");
        assert_eq!(count("<table"), count("<caption>"), "{name}");
        assert_eq!(count("role=\"img\""), count("<desc id="), "{name}");
        assert_eq!(count("<th "), count(" scope=\""), "{name}");
        assert!(page.contains("<html lang=\"en\">"), "{name}");
    }
}

/// The colours of a block of the style, by their names.
fn colours(block: &str) -> BTreeMap<&str, &str> {
    let pieces = block.split("--").skip(1).filter_map(|piece| piece.split_once(": #"));
    pieces.map(|(name, rest)| (name, &rest[..6])).collect()
}

/// Relative luminance, as WCAG 2 defines it.
fn luminance(hex: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn all_text_stands_out_from_its_ground() {
    let blocks: Vec<BTreeMap<&str, &str>> = STYLE
        .split(":root {")
        .skip(1)
        .map(|rest| colours(rest.split_once('}').expect("it ends").0))
        .collect();
    assert_eq!(blocks.len(), 3, "light, dark and paper");
    for colours in &blocks {
        let inks = ["ink", "soft", "link", "good", "bad", "mark"];
        let plain = inks.into_iter().flat_map(|ink| [(ink, "paper"), (ink, "card")]);
        let blocks = [
            ("on-work", "work"),
            ("on-work", "work-even"),
            ("on-mark", "again"),
            ("on-mark", "repeat"),
        ];
        for (ink, ground) in plain.chain(blocks) {
            let (one, other) = (luminance(colours[ink]), luminance(colours[ground]));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= 4.5, "{ink} on {ground}: {contrast:.2}");
        }
    }
}
