//! Tasks: each has an owner, who can cancel it and wait for it; a panic in one is reported, not swallowed.

use futures_util::FutureExt;
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A running task. Dropping it cancels the task.
#[derive(Debug)]
pub(super) struct Owned {
    cancel: CancellationToken,
    handle: JoinHandle<()>,
}

impl Owned {
    /// Runs `future`; should it panic, `report` gets one sentence.
    pub(super) fn spawn<R>(
        cancel: CancellationToken,
        future: impl Future<Output = ()> + Send + 'static,
        report: impl FnOnce(String) -> R + Send + 'static,
    ) -> Self
    where
        R: Future<Output = ()> + Send,
    {
        let handle = tokio::spawn(async move {
            if let Err(panic) = AssertUnwindSafe(Box::pin(future)).catch_unwind().await {
                let sentence = format!("internal error: {}", panic_text(panic.as_ref()));
                tracing::error!(%sentence, "a task panicked");
                report(sentence).await;
            }
        });
        Self { cancel, handle }
    }

    /// Asks it to end.
    pub(super) fn cancel(&self) {
        self.cancel.cancel();
    }

    pub(super) fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Asks it to end, and waits; when that takes too long it is aborted. True: it ended by itself.
    pub(super) async fn end(mut self, patience: Duration) -> bool {
        self.cancel.cancel();
        let ended = tokio::time::timeout(patience, &mut self.handle).await.is_ok();
        if !ended {
            self.handle.abort();
            // Until then it may still hold a socket, or speak to the hub.
            let _ = (&mut self.handle).await;
        }
        ended
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Starts all futures in order, then waits for all of them.
///
/// lapin puts a frame on its list when the future is first polled, and completes it when the frame is written. Awaited
/// one by one, each frame would cost a wake-up of its I/O thread and a write; so, a batch costs one.
pub(super) async fn all_in_order<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, slot) in running.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                *slot = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn panic_in_a_task_is_reported_in_one_sentence() {
        let (tx, rx) = oneshot::channel();
        let task = Owned::spawn(
            CancellationToken::new(),
            async { panic!("boom") },
            |sentence| async move {
                let _ = tx.send(sentence);
            },
        );
        assert_eq!(rx.await.as_deref(), Ok("internal error: boom"));
        assert!(task.end(Duration::from_secs(10)).await);
    }

    #[tokio::test]
    async fn dropped_owner_cancels_its_task() {
        let cancel = CancellationToken::new();
        let inner = cancel.clone();
        let (tx, rx) = oneshot::channel();
        let task = Owned::spawn(
            cancel,
            async move {
                inner.cancelled().await;
                let _ = tx.send(());
            },
            |_| async {},
        );
        drop(task);
        assert_eq!(rx.await, Ok(()));
    }

    #[tokio::test]
    async fn batch_starts_in_order_and_yields_in_order() {
        let started = std::sync::Mutex::new(Vec::new());
        let futures = (0..5).map(|n| {
            let started = &started;
            async move {
                started.lock().expect("no panic holds it").push(n);
                for _ in n..5 {
                    tokio::task::yield_now().await;
                }
                n * 10
            }
        });
        assert_eq!(all_in_order(futures).await, [0, 10, 20, 30, 40]);
        assert_eq!(*started.lock().expect("no panic holds it"), [0, 1, 2, 3, 4]);
    }
}
