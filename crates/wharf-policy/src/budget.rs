//! A bound on retries as a share of live traffic.
//!
//! Every call deposits a fraction of a token, every retry withdraws a whole one. When a vendor
//! is down, retries stay at that fraction instead of multiplying the load.

use std::sync::atomic::{AtomicU64, Ordering};

/// A token in the parts that a deposit of less than one is counted in.
const TOKEN: u64 = 1_000;

/// A balance shared by all calls to one integration; safe to use from several threads.
#[derive(Debug)]
pub struct Budget {
    balance: AtomicU64,
    deposit: u64,
    capacity: u64,
}

impl Budget {
    /// A budget that allows `percent` retries per hundred calls, and `reserve` retries beyond
    /// that for quiet times. It starts full.
    pub fn new(percent: u32, reserve: u32) -> Self {
        let capacity = u64::from(reserve) * TOKEN;
        Self {
            balance: AtomicU64::new(capacity),
            deposit: u64::from(percent) * TOKEN / 100,
            capacity,
        }
    }

    /// Counts one call.
    pub fn deposit(&self) {
        let balance = self.balance.load(Ordering::Relaxed);
        // A full budget is the common case; it must not cost a write to shared memory.
        if balance < self.capacity {
            let _ = self
                .balance
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |balance| {
                    Some((balance + self.deposit).min(self.capacity))
                });
        }
    }

    /// Takes one retry out of the budget; `false` when it is spent.
    pub fn withdraw(&self) -> bool {
        self.balance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |balance| {
                balance.checked_sub(TOKEN)
            })
            .is_ok()
    }
}

impl Default for Budget {
    /// Twenty retries per hundred calls, and a reserve of a hundred.
    fn default() -> Self {
        Self::new(20, 100)
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_dead_vendor_gets_a_fifth_more_calls_and_no_more() {
        let budget = Budget::new(20, 10);
        let retries = (0..1_000)
            .filter(|_| {
                budget.deposit();
                budget.withdraw()
            })
            .count();
        // 1,000 calls earn 200 retries; the reserve of 10 comes on top, less the deposits
        // that found the budget full.
        assert!((200..=210).contains(&retries), "{retries}");
    }

    #[test]
    fn it_never_holds_more_than_the_reserve() {
        let budget = Budget::new(100, 3);
        (0..50).for_each(|_| budget.deposit());
        assert_eq!((0..50).filter(|_| budget.withdraw()).count(), 3);
    }

    #[test]
    fn no_reserve_means_no_retry() {
        let budget = Budget::new(20, 0);
        budget.deposit();
        assert!(!budget.withdraw());
    }
}
