//! Threads with deep stacks. A message may nest 1,024 calls, each of them
//! several native frames and a WASM stack: far more than a usual thread holds.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::error::MachineError;

/// Native stack of a message thread, in bytes. The FVM asks for at least
/// 64 MiB; pages that are not touched cost nothing.
pub const STACK_SIZE: usize = 256 << 20;

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// A fixed pool of message threads, taking jobs in the order of their coming.
#[derive(Debug)]
pub struct Workers {
    jobs: Sender<Job>,
    count: usize,
}

impl Workers {
    /// Starts `count` threads. They end when the pool is dropped.
    pub fn start(count: usize) -> std::io::Result<Self> {
        let (sender, receiver) = unbounded::<Job>();
        for n in 0..count {
            let receiver = receiver.clone();
            std::thread::Builder::new()
                .name(format!("message-{n}"))
                .stack_size(STACK_SIZE)
                .spawn(move || work(&receiver))?;
        }
        Ok(Self {
            jobs: sender,
            count,
        })
    }

    /// The number of threads.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Runs a job on a message thread and waits for its result. A job that
    /// panics gives [`MachineError::Panicked`] and the thread lives on. Called
    /// from within a job it runs in place, so that jobs never wait for each
    /// other's threads.
    pub fn run<T, F>(&self, job: F) -> Result<T, MachineError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        if IS_WORKER.get() {
            return catch_unwind(AssertUnwindSafe(job)).map_err(panicked);
        }
        let (sender, receiver) = sync_channel(1);
        self.spawn(move || {
            // The receiver waits below; it is gone only if its thread died.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(job)));
        })?;
        match receiver.recv() {
            Ok(result) => result.map_err(panicked),
            Err(_) => Err(MachineError::Panicked("message thread ended".into())),
        }
    }

    /// Gives a job to a message thread and does not wait.
    pub fn spawn(&self, job: impl FnOnce() + Send + 'static) -> Result<(), MachineError> {
        self.jobs
            .send(Box::new(job))
            .map_err(|_| MachineError::Panicked("no message thread is left".into()))
    }
}

fn work(jobs: &Receiver<Job>) {
    IS_WORKER.set(true);
    while let Ok(job) = jobs.recv() {
        // A panic was reported by the job's own wrapper, or is nobody's to
        // wait for; either way the thread goes on.
        drop(catch_unwind(AssertUnwindSafe(job)));
    }
}

fn panicked(payload: Box<dyn Any + Send>) -> MachineError {
    let text = payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into());
    MachineError::Panicked(text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn results_come_back_and_panics_do_not_kill_the_thread() {
        let workers = Workers::start(1).unwrap();
        assert_eq!(workers.run(|| 6 * 7).unwrap(), 42);
        let error = workers.run(|| panic!("at {}", 7)).unwrap_err();
        assert_eq!(error.to_string(), "the virtual machine panicked: at 7");
        assert_eq!(workers.run(|| "alive").unwrap(), "alive");
    }

    #[test]
    fn nested_jobs_run_in_place() {
        let workers = Arc::new(Workers::start(1).unwrap());
        let inner = workers.clone();
        let sum = workers.run(move || 1 + inner.run(|| 2).unwrap()).unwrap();
        assert_eq!(sum, 3);
    }

    #[test]
    fn the_stack_is_deep() {
        fn descend(n: usize) -> usize {
            let page = std::hint::black_box([n as u8; 4096]);
            if n == 0 {
                0
            } else {
                descend(n - 1) + usize::from(page[7] == n as u8)
            }
        }
        // 64 MiB of frames.
        let workers = Workers::start(1).unwrap();
        assert_eq!(workers.run(|| descend(16_384)).unwrap(), 16_384);
    }
}
