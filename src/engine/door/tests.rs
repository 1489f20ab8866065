use super::*;

fn door(listen: &str, password: Option<&str>, queue: Option<&str>) -> Result<Door, DoorError> {
    let listen = listen.parse().expect("an address");
    Door::new(listen, password.map(str::to_owned), queue.map(str::to_owned))
}

#[test]
fn beyond_loopback_there_is_no_door_without_a_password() {
    for listen in ["0.0.0.0:5672", "192.168.1.20:5672", "[::]:5672"] {
        let error = door(listen, None, None).expect_err("no password");
        assert!(error.to_string().contains("--password-file"), "{error}");
        assert!(door(listen, Some("sesame"), None).is_ok(), "{listen}");
    }
    for listen in ["127.0.0.1:0", "[::1]:5672"] {
        assert!(door(listen, None, None).is_ok(), "{listen}");
    }
}

#[test]
fn join_line_has_user_and_place_and_never_the_password() {
    let rows = [
        (
            "127.0.0.1:0",
            None,
            None,
            "dispatch-lab join amqp://127.0.0.1:77 --name NAME",
        ),
        (
            "192.168.1.20:0",
            Some("sesame"),
            None,
            "dispatch-lab join amqp://class@192.168.1.20:77 --name NAME",
        ),
        (
            "[::1]:0",
            Some("sesame"),
            Some("jobs"),
            "dispatch-lab join amqp://class@[::1]:77 --queue jobs --name NAME",
        ),
    ];
    for (listen, password, queue, want) in rows {
        let door = door(listen, password, queue).expect("a door");
        assert_eq!(door.join_line(77), want);
        assert!(!format!("{door:?}").contains("sesame"));
    }
    let everywhere = door("0.0.0.0:0", Some("sesame"), None).expect("a door").join_line(77);
    assert!(
        !everywhere.contains("0.0.0.0") && !everywhere.contains("sesame"),
        "{everywhere}"
    );
}

#[test]
fn the_lab_itself_comes_in_by_whatever_way_there_is() {
    let rows = [
        ("0.0.0.0:0", Some("p"), "amqp://guest:guest@127.0.0.1:77/%2F"),
        ("127.0.0.1:0", None, "amqp://guest:guest@127.0.0.1:77/%2F"),
        ("10.0.0.5:0", Some("p"), "amqp://class:PASSWORD@10.0.0.5:77/%2F"),
        ("[::]:0", Some("p"), "amqp://guest:guest@[::1]:77/%2F"),
    ];
    for (listen, password, want) in rows {
        let door = door(listen, password, None).expect("a door");
        assert_eq!(door.own_url(77).for_programs(), want);
    }
}

#[test]
fn queue_has_a_name_that_clients_may_use() {
    for name in ["", "amq.x"] {
        assert!(matches!(
            door("127.0.0.1:0", None, Some(name)),
            Err(DoorError::QueueName(_))
        ));
    }
}

#[test]
fn url_without_a_password_is_known_as_such() {
    let rows = [
        ("amqp://class@host:5672", true),
        ("amqp://class:sesame@host", false),
        ("amqp://host:5672", false),
        ("class@host", true),
        ("amqp://class@host/a:b@c", true),
    ];
    for (url, lacks) in rows {
        assert_eq!(BrokerUrl::lacks_password(url), lacks, "{url}");
    }
}
