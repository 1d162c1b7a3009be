//! What the end of a process waits for, and for how long.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::soon_after;

const DEADLINE: Duration = Duration::from_secs(60);

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ended = runtime.block_on(async { tokio::time::timeout(DEADLINE, future).await });
    ended.unwrap()
}

#[test]
fn a_disk_that_hangs_keeps_no_process_from_its_end() {
    let drained = CancellationToken::new();
    let limit = Duration::from_millis(20);
    block_on(async {
        let hanging = soon_after(&drained, limit, std::future::pending::<()>());
        let mut hanging = std::pin::pin!(hanging);
        // While calls are under way it may take its time.
        let early = tokio::time::timeout(3 * limit, hanging.as_mut()).await;
        assert!(early.is_err());
        drained.cancel();
        assert_eq!(hanging.await, None);
    });
}

#[test]
fn what_ends_in_time_is_waited_for() {
    let drained = CancellationToken::new();
    drained.cancel();
    let ended = block_on(soon_after(&drained, DEADLINE, async {
        tokio::task::yield_now().await;
        7
    }));
    assert_eq!(ended, Some(7));
}
