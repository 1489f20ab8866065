//! The command that runs a scenario again just so, for a report.

use crate::cli::RunArgs;
use crate::lab::Version;
use crate::scenario::Scenario;
use std::borrow::Cow;
use std::fmt::Write;

/// With all that was asked for and changes what comes of it. A URL may hold a password: it is not shown.
pub(super) fn of(scenario: &Scenario, seed: u64, args: &RunArgs) -> String {
    let name = args.scenarios.first().map_or(&*scenario.name, String::as_str);
    let mut command = format!("dispatch-lab run {} --seed {seed}", quoted(name));
    let place = &args.place;
    if place.simulate {
        command.push_str(" --simulate");
    }
    if place.url.is_some() {
        command.push_str(" --url \"$AMQP_URL\"");
    }
    if let Some(ca) = &place.tls_ca {
        let _ = write!(command, " --tls-ca {}", quoted(&ca.to_string_lossy()));
    }
    if let Some(ctl) = &place.broker_ctl {
        let _ = write!(command, " --broker-ctl {}", quoted(&ctl.to_string()));
    }
    if let Some(like) = place.like {
        let _ = write!(command, " --like {}", Version::from(like));
    }
    if let Some(scale) = args.scale {
        let _ = write!(command, " --scale {}", f64::from(scale.0) / 1000.0);
    }
    if let Some(limit) = args.limit {
        let _ = match limit.0 % 1_000_000 {
            0 => write!(command, " --limit {}s", limit.0 / 1_000_000),
            _ => write!(command, " --limit {}.{:03}ms", limit.0 / 1000, limit.0 % 1000),
        };
    }
    command
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> Cow<'_, str> {
    if word.is_empty() || word.contains(|c: char| !c.is_alphanumeric() && !"-_./".contains(c)) {
        format!("'{}'", word.replace('\'', "'\\''")).into()
    } else {
        word.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    #[test]
    fn command_says_all_that_was_asked_for() {
        let scenario = super::super::source::find("fair-dispatch").expect("it is built in");
        let given = "dispatch-lab run fair-dispatch --url amqps://secret --tls-ca my ca.pem --broker-ctl ./ctl now \
                     --scale 2.5 --limit 1.5m --like 3.10 --seed 4";
        let words = given
            .replace("my ca.pem", "my_ca.pem")
            .replace("./ctl now", "./ctl_now");
        let words = words
            .split(' ')
            .map(|word| word.replace("my_", "my ").replace("ctl_", "ctl "));
        let parsed = Cli::try_parse_from(words).expect("arguments are good").command;
        let Some(Command::Run(args)) = parsed else {
            panic!("no run")
        };
        assert_eq!(
            of(&scenario, 4, &args),
            "dispatch-lab run fair-dispatch --seed 4 --url \"$AMQP_URL\" --tls-ca 'my ca.pem' --broker-ctl './ctl now' \
             --like 3.10 --scale 2.5 --limit 90s"
        );
    }

    #[test]
    fn limit_is_one_that_the_program_takes_again() {
        let scenario = super::super::source::find("fair-dispatch").expect("it is built in");
        let words = ["dispatch-lab", "run", "a b", "--limit", "1500ms", "--simulate"];
        let parsed = Cli::try_parse_from(words).expect("arguments are good").command;
        let Some(Command::Run(args)) = parsed else {
            panic!("no run")
        };
        let command = of(&scenario, 7, &args);
        assert_eq!(command, "dispatch-lab run 'a b' --seed 7 --simulate --limit 1500.000ms");
    }
}
