//! What each method is for, in one or two sentences.

use crate::lab::{Frame, Way};

/// What this frame says to the other side.
pub(super) fn meaning(frame: &Frame) -> &'static str {
    let again = frame
        .fields
        .iter()
        .any(|(name, value)| &**name == "redelivered" && &**value == "true");
    match (&*frame.method, frame.way) {
        ("basic.deliver", _) if again => {
            "The broker hands out a message that it has handed out before and that was never acked. The work may have \
             been done already: do it again only if that does no harm."
        }
        ("basic.deliver", _) => {
            "The broker hands a message to this consumer. Under manual ack it stays unacked at the broker, and counts \
             against the prefetch, until the ack for its delivery tag comes."
        }
        ("basic.ack", Way::ToBroker) => {
            "The worker is done with this delivery: the broker forgets the message and may send the next one."
        }
        ("basic.ack", Way::FromBroker) => {
            "A publisher confirm: the broker has taken responsibility for this publication. It says nothing of any \
             worker."
        }
        ("basic.nack", Way::FromBroker) => "The broker could not take responsibility for this publication.",
        ("basic.nack" | "basic.reject", _) => {
            "The worker refuses this delivery. With requeue it goes back to its place in the queue; without, it is \
             dead-lettered or dropped."
        }
        ("basic.publish", _) => {
            "The producer hands a message to the broker: to an exchange, with a routing key. Nothing comes back, \
             unless confirms are on."
        }
        ("basic.return", _) => "A mandatory message that no queue would take.",
        ("basic.qos", _) => "How many unacked deliveries each consumer that starts after this may hold. 0 is no limit.",
        ("basic.consume", _) => {
            "A consumer is registered: from now on the broker sends it messages by itself. With no-ack the broker \
             forgets each message as soon as it is sent."
        }
        ("basic.cancel", _) => "The consumer ends. What it holds unacked stays unacked: the channel is still open.",
        ("confirm.select", _) => "From now on the broker confirms each publication on this channel.",
        _ => setup(frame),
    }
}

/// The same, of what must be there first, and of how it ends.
fn setup(frame: &Frame) -> &'static str {
    match (&*frame.method, frame.way) {
        ("queue.declare", _) => {
            "The queue shall exist, with exactly these qualities; if it exists already with others, the broker \
             refuses. Passive: only ask whether it is there."
        }
        ("queue.declare-ok", _) => {
            "The queue exists; how many messages are ready in it, and how many consumers it has."
        }
        ("channel.open", _) => {
            "A channel: a conversation of its own within the connection, with its own delivery tags."
        }
        ("channel.close", Way::FromBroker) => {
            "The broker ends this channel because of an error, which it names. All that was unacked on it goes back \
             to the queue."
        }
        ("channel.close", _) => "The channel ends. All that was unacked on it goes back to the queue.",
        ("connection.close", _) => {
            "The connection ends, and all its channels with it. What was unacked goes back to the queue."
        }
        ("socket closed", _) => {
            "The TCP connection is gone. The broker takes back all that was unacked on it, as soon as it notices."
        }
        ("heartbeat", _) => {
            "Eight octets that say: I am still here. Who hears nothing for two intervals takes the other side for dead."
        }
        ("connection.tune" | "connection.tune-ok", _) => {
            "Both sides agree on the largest frame, the number of channels and the heartbeat interval."
        }
        ("connection.start", _) => "The broker introduces itself and says how one can log in.",
        ("connection.start-ok", _) => "The client introduces itself and logs in. The password is not shown here.",
        ("connection.open", _) => "The virtual host that the client wants to work in.",
        ("protocol header", _) => "The first eight octets of every AMQP connection.",
        (method, _) if method.ends_with("-ok") => "The answer: it was done.",
        _ => "",
    }
}
