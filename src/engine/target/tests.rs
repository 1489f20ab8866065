use super::*;

fn parsed(text: &str) -> BrokerUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_program_that_is_shown_has_no_secret_and_can_be_run_where_there_is_none() {
    let rows = [
        ("amqp://localhost", "amqp://guest:guest@localhost:5672/%2F"),
        (
            "amqp://anna:sesame@broker:5673/shop",
            "amqp://anna:PASSWORD@broker:5673/shop",
        ),
        (
            "amqp://a%40b:guest@[::1]/x%2Fy",
            "amqp://a%40b:PASSWORD@[::1]:5672/x%2Fy",
        ),
    ];
    for (url, want) in rows {
        assert_eq!(url.parse::<BrokerUrl>().expect("a URL").for_programs(), want);
    }
}

#[test]
fn url_is_taken_apart_and_gaps_are_filled() {
    let rows = [
        ("amqp://localhost", ("guest", "guest", "localhost", 5672, "/")),
        ("amqp://localhost/", ("guest", "guest", "localhost", 5672, "/")),
        ("amqp://localhost/%2f", ("guest", "guest", "localhost", 5672, "/")),
        (
            "AMQP://me:pw@broker.example:5673/lab",
            ("me", "pw", "broker.example", 5673, "lab"),
        ),
        ("amqp://me@broker", ("me", "guest", "broker", 5672, "/")),
        ("amqp://me:@broker", ("me", "", "broker", 5672, "/")),
        (
            "amqp://me:p%40s%2Fs%25@broker/a%20b",
            ("me", "p@s/s%", "broker", 5672, "a b"),
        ),
        ("amqp://me:p@ss@broker", ("me", "p@ss", "broker", 5672, "/")),
        ("amqp://[::1]:5673/x", ("guest", "guest", "::1", 5673, "x")),
        ("amqp://[::1]", ("guest", "guest", "::1", 5672, "/")),
        ("  amqp://127.0.0.1:1 ", ("guest", "guest", "127.0.0.1", 1, "/")),
    ];
    for (text, want) in rows {
        let url = parsed(text);
        let got = (
            url.user.as_str(),
            url.password.as_str(),
            url.host.as_str(),
            url.port,
            url.vhost.as_str(),
        );
        assert_eq!(got, want, "{text}");
    }
}

#[test]
fn url_that_cannot_be_used_says_what_to_write() {
    let rows = [
        ("localhost:5672", UrlError::Scheme("localhost".into())),
        ("http://localhost", UrlError::Scheme("http".into())),
        ("amqp://", UrlError::NoHost),
        ("amqp://:5672", UrlError::NoHost),
        ("amqp://me:pw@/x", UrlError::NoHost),
        ("amqp://host:0", UrlError::Port),
        ("amqp://host:65536", UrlError::Port),
        ("amqp://host:five", UrlError::Port),
        ("amqp://me:p%zz@host", UrlError::Encoding("password")),
        ("amqp://me:p%4@host", UrlError::Encoding("password")),
        ("amqp://host/%ff", UrlError::Encoding("vhost")),
        ("amqp://me:pw@host?heartbeat=1", UrlError::Query),
        ("amqp://me:se/cret@host", UrlError::Slash),
    ];
    for (text, want) in rows {
        let error = text.parse::<BrokerUrl>().expect_err(text);
        assert_eq!(error, want, "{text}");
    }
}

#[test]
fn tls_url_is_refused_by_a_build_without_tls() {
    let result = "amqps://broker".parse::<BrokerUrl>();
    if cfg!(feature = "tls") {
        assert_eq!(result.map(|url| (url.is_tls(), url.port())), Ok((true, 5671)));
    } else {
        assert_eq!(result, Err(UrlError::NoTls));
    }
}

#[test]
fn password_is_shown_nowhere() {
    let secret = "hunter2";
    let good = [
        "amqp://me:hunter2@broker.example:5673/lab",
        "amqp://hunter:hunter2@[::1]/lab",
    ];
    for text in good {
        let url = parsed(text);
        for shown in [
            format!("{url}"),
            format!("{url:?}"),
            url.place(),
            format!("{:?}", Target::Url(url.clone())),
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let bad = [
        "me:hunter2@broker",
        "amqp://me:hunter2@broker:port",
        "amqp://me:hunter2",
        "amqp://me:x/hunter2@broker",
        "amqp://me:hunter2?@broker",
        "amqp://me:hunter2%@broker",
        "amqp://me:hunter2@",
    ];
    for text in bad {
        let error = text.parse::<BrokerUrl>().expect_err(text);
        assert!(!format!("{error} {error:?}").contains(secret), "{text}: {error:?}");
    }
}

#[test]
fn display_is_what_a_person_wrote_but_for_the_password() {
    assert_eq!(
        parsed("amqp://me:pw@host:5673/lab").to_string(),
        "amqp://me:***@host:5673/lab"
    );
    assert_eq!(parsed("amqp://[::1]").to_string(), "amqp://guest:***@[::1]:5672");
}
