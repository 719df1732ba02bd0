//! Files run by several threads in one order, told in another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Native stack of a thread that runs cases, bytes: 1,024 frames, also unoptimised.
pub const STACK_SIZE: usize = 512 << 20;

/// Runs `work` on every item, on `jobs` threads with a deep stack, those of the lowest rank first,
/// and hands the results to `tell` in the order of the items, each as soon as those before it are
/// there.
///
/// # Errors
/// If the system gives no thread.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    ranks: &[u8],
    work: impl Fn(&T) -> R + Sync,
    mut tell: impl FnMut(&T, R),
) -> std::io::Result<()> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&at| ranks.get(at));
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for job in 0..jobs.clamp(1, items.len().max(1)) {
            let (next, order, work, sender) = (&next, &order, &work, sender.clone());
            thread::Builder::new()
                .name(format!("cases-{job}"))
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, move || {
                    loop {
                        let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) else {
                            return;
                        };
                        let Some(item) = items.get(at) else { return };
                        // Nobody listens any more only if the main thread panics.
                        if sender.send((at, work(item))).is_err() {
                            return;
                        }
                    }
                })?;
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (at, result) in receiver {
            early.insert(at, result);
            while let Some(result) = early.remove(&due) {
                if let Some(item) = items.get(due) {
                    tell(item, result);
                }
                due += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_in_order() {
        let items: Vec<u64> = (0..200).collect();
        for jobs in [1, 3, 500] {
            let mut told = Vec::new();
            in_order(
                &items,
                jobs,
                &[2, 0, 1, 1],
                |item| item * 2,
                |item, double| told.push((*item, double)),
            )
            .unwrap();
            let expected: Vec<_> = items.iter().map(|item| (*item, item * 2)).collect();
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn run_by_rank() {
        let items: Vec<u64> = (0..20).collect();
        let ran = std::sync::Mutex::new(Vec::new());
        let ranks: Vec<u8> = items.iter().map(|item| (item % 2) as u8).collect();
        in_order(
            &items,
            1,
            &ranks,
            |item| ran.lock().unwrap().push(*item),
            |_, ()| (),
        )
        .unwrap();
        let expected: Vec<_> = (0..20).step_by(2).chain((1..20).step_by(2)).collect();
        assert_eq!(ran.into_inner().unwrap(), expected);
    }
}
