//! Events in lanes: stored before they are acknowledged, read in order, each handler with its cursor.

mod batch;
pub(crate) mod list;
mod outcome;
mod step;

pub use batch::{
    BATCH_COUNT_LIMIT, BATCH_LIMIT_BYTES, Batch, BatchError, Event, KEY_LIMIT_BYTES, NewEvent,
    WAITING_LIMIT_BYTES,
};
pub use list::{
    ATTEMPT_LIMIT, Filter, HandlerResult, LIST_LIMIT, ListPosition, ListPositionError, Listed,
    Match, Page, Paging, Standing,
};
pub use outcome::{
    AdvanceError, AppendError, Appended, Cursor, LaneError, OwnError, OwnedLane, ReadError,
    ReadLimit,
};
pub use step::{
    Attempt, EXCEPTION_LIMIT, EXCEPTION_RESERVE, EXCEPTION_TOTAL_LIMIT, Exception, HANDLER_LIMIT,
    HANDLER_TOTAL_LIMIT, Outcome, REASON_LIMIT_BYTES, Reason, STEP_LIMIT, State, Step,
};
pub(crate) use step::{
    TOO_LARGE, TOO_MANY_EXCEPTIONS, TOO_MANY_EXCEPTIONS_IN_ALL, TOO_MANY_HANDLERS,
    TOO_MANY_HANDLERS_IN_ALL, shared_places,
};
