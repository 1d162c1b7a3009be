//! `Date` of answers that have none (RFC 9110, 6.6.1).
//!
//! The parser's own is made anew when the wall clock passes its next second. Where that clock was
//! ahead and is set back, it would stand still until the time comes again, be it for days. So the
//! value is kept by a clock that is never set.

use std::cell::RefCell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::header::{DATE, HeaderMap, HeaderValue};

/// A value, and until when it is used.
#[derive(Default)]
struct Kept(Option<(HeaderValue, Instant)>);

impl Kept {
    /// The value for this moment. `wall` is asked once a second.
    fn at(&mut self, now: Instant, wall: impl FnOnce() -> SystemTime) -> Option<HeaderValue> {
        match &self.0 {
            Some((value, until)) if now < *until => Some(value.clone()),
            _ => {
                let wall = wall();
                let value = HeaderValue::try_from(httpdate::fmt_http_date(wall)).ok()?;
                let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
                let part = Duration::from_nanos(u64::from(since.subsec_nanos()));
                self.0 = Some((
                    value.clone(),
                    now + Duration::from_secs(1).saturating_sub(part),
                ));
                Some(value)
            }
        }
    }
}

thread_local! {
    /// Of one worker.
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// Sets `Date` where there is none: another one's answer keeps its own.
pub(crate) fn ensure(headers: &mut HeaderMap) {
    if headers.contains_key(DATE) {
        return;
    }
    let date = KEPT.with_borrow_mut(|kept| kept.at(Instant::now(), SystemTime::now));
    if let Some(date) = date {
        headers.insert(DATE, date);
    }
}

#[cfg(test)]
mod tests {
    //! A wall clock that is set while an answer's date is kept.

    use std::time::{Duration, Instant, UNIX_EPOCH};

    use super::Kept;

    /// apache/tomcat#467
    #[test]
    fn a_date_follows_the_clock_both_ways() {
        let (start, noon) = (Instant::now(), Duration::from_secs(1_600_000_000));
        let mut kept = Kept::default();
        let mut at = |after: u64, wall: Duration| {
            let value = kept.at(start + Duration::from_millis(after), || UNIX_EPOCH + wall);
            value.unwrap().to_str().unwrap().to_owned()
        };
        let part = Duration::from_millis(400);
        assert_eq!(at(0, noon + part), "Sun, 13 Sep 2020 12:26:40 GMT");
        // Kept for the rest of its second.
        assert_eq!(at(599, noon * 2), "Sun, 13 Sep 2020 12:26:40 GMT");
        let days = Duration::from_secs(2 * 86_400);
        assert_eq!(at(600, noon + days), "Tue, 15 Sep 2020 12:26:40 GMT");
        assert_eq!(at(1_600, noon), "Sun, 13 Sep 2020 12:26:40 GMT");
        assert_eq!(
            at(2_600, noon.saturating_sub(days)),
            "Fri, 11 Sep 2020 12:26:40 GMT"
        );
    }
}
