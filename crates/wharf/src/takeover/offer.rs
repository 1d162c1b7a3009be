//! The side of the process that serves: it hands its listeners to the next.

use std::io;
use std::os::unix::net::UnixStream as StdStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

use super::door::{Door, knock};
use super::{
    GREETING, Handed, Kept, Kind, NO, READY, SERVING, VERSION, YOURS, named, number_of, wire,
};

/// Longest time for the first line of a process that asks.
const GREETING_TIME: Duration = Duration::from_secs(5);

/// Most processes that are waited for at once for their first line. It is a thread each.
const MOST_GREETERS: usize = 8;

/// Longest time in which the new process prepares itself.
pub(super) const PREPARATION: Duration = Duration::from_secs(60);

/// Time between two looks whether the socket is still found.
const INTERVAL: Duration = Duration::from_secs(1);

/// Lets another process take over.
pub(crate) struct Offer {
    state: PathBuf,
    kind: Kind,
    handed: Arc<Handed>,
    kept: Option<Arc<dyn Kept>>,
    open: Mutex<Option<(Door, UnixListener)>>,
}

/// Why a process that asked did not take over.
#[derive(Debug, thiserror::Error)]
enum Broken {
    /// It only looked whether somebody answers.
    #[error("the new process said nothing")]
    Mute,
    #[error(
        "the new process speaks no version of take-overs that the running one speaks ({VERSION})"
    )]
    Version,
    #[error("what the new process says is not understood")]
    Unintelligible,
    #[error("the new process was not ready within {} seconds", PREPARATION.as_secs())]
    Late,
    #[error("the new process ended before it served")]
    Gone,
    #[error("the connection to the new process failed")]
    System(#[source] io::Error),
}

impl Broken {
    fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::Late,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Self::Gone,
            io::ErrorKind::InvalidData => Self::Unintelligible,
            _ => Self::System(error),
        }
    }
}

impl Offer {
    /// Nothing is offered before [`Self::open`]. While this value lives, `handed` is held open.
    /// `kept` is let go of before the other process may serve.
    pub(crate) fn new(
        state: PathBuf,
        kind: Kind,
        handed: Handed,
        kept: Option<Arc<dyn Kept>>,
    ) -> Self {
        Self {
            state,
            kind,
            handed: Arc::new(handed),
            kept,
            open: Mutex::default(),
        }
    }

    /// Opens the socket. One that another process of this kind answers at stays, unless that is the
    /// one that was taken over from.
    ///
    /// That it cannot be opened does no other harm, and is logged.
    pub(crate) fn open(&self, was_taken_over: bool) {
        if let Err(error) = self.try_open(was_taken_over) {
            tracing::warn!(
                "no other process can take over from this one: its socket in {} cannot be made: {error}",
                self.state.display()
            );
        }
    }

    fn try_open(&self, was_taken_over: bool) -> io::Result<()> {
        // A simulation makes no folder; it is found where there is one.
        if !self.state.is_dir() {
            return Ok(());
        }
        let name = self.kind.socket();
        if !was_taken_over && knock(&self.state, name).is_ok_and(|other| other.is_some()) {
            return Ok(());
        }
        let (door, listener) = Door::open(&self.state, name)?;
        let listener = UnixListener::from_std(listener)?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some((door, listener));
        Ok(())
    }

    /// Waits until another process serves in the place of this one, and gives its number where the
    /// system tells it. Attempts that fail are logged, and change nothing.
    ///
    /// Dropping the future and this value withdraws the offer; a process that is preparing itself by
    /// then may still begin to serve.
    pub(crate) async fn until_taken(self: Arc<Self>) -> Option<u32> {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut open, mut talk, mut greeters) = (None, None::<Talk>, JoinSet::new());
        loop {
            if let Some(opened) = self.opened() {
                open = Some(opened);
            }
            let listener = open.as_ref().map(|(_, listener)| listener);
            tokio::select! {
                ended = ended(&mut talk) => {
                    match ended {
                        (number, Ok(())) => return number,
                        (number, Err(error)) => log(number, &error),
                    }
                    talk = None;
                }
                Some(greeted) = greeters.join_next() => match greeted {
                    Ok(Greeted { number, stream, greeting: Ok(()) }) => {
                        self.begin(number, stream, &mut talk);
                    }
                    Ok(Greeted { number, greeting: Err(error), .. }) => log(number, &error),
                    Err(error) => tracing::warn!(%error, "a process that asked was not heard"),
                },
                asked = accept(listener) => match asked {
                    Ok(stream) => hear(stream, &mut greeters),
                    Err(error) => {
                        tracing::warn!(%error, "the socket for take-overs failed");
                        open = None;
                    }
                },
                _ = ticks.tick() => {
                    // The state folder may have been replaced, or come back.
                    if !open.as_ref().is_some_and(|(door, _)| door.is_in_place()) {
                        // It was logged when it failed first.
                        let _ = self.try_open(false);
                    }
                }
            }
        }
    }

    fn opened(&self) -> Option<(Door, UnixListener)> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.take()
    }

    /// Talks with a process that has greeted, unless one is taking over already.
    fn begin(&self, number: Option<u32>, stream: StdStream, talk: &mut Option<Talk>) {
        if talk.is_some() {
            return refuse(number, &stream, "another process is taking over already");
        }
        let (handed, kept) = (Arc::clone(&self.handed), self.kept.clone());
        // Descriptors go over a socket by calls that block, and the other side takes its time.
        let work = tokio::task::spawn_blocking(move || converse(&stream, &handed, kept.as_deref()));
        *talk = Some(Talk { number, work });
    }
}

/// Waits for the first line of a process that asks. One that says nothing, as one that only looks
/// whether somebody answers, is in nobody's way.
fn hear(stream: UnixStream, greeters: &mut JoinSet<Greeted>) {
    let Ok(peer) = stream.peer_cred() else { return };
    let number = number_of(&peer);
    let Ok(stream) = stream.into_std() else {
        return;
    };
    // The folder may be open to others.
    if peer.uid() != rustix::process::geteuid().as_raw() {
        return refuse(number, &stream, "it runs as another user");
    }
    if greeters.len() >= MOST_GREETERS {
        return refuse(number, &stream, "too many ask at once");
    }
    greeters.spawn_blocking(move || {
        let greeting = greet(&stream);
        Greeted {
            number,
            stream,
            greeting,
        }
    });
}

fn refuse(number: Option<u32>, stream: &StdStream, refusal: &str) {
    tracing::warn!("{} may not take over: {refusal}", named(number));
    say_no(stream, refusal);
}

/// It fits into any socket; a peer that is gone needs no word.
fn say_no(stream: &StdStream, reason: &str) {
    let _ = wire::send(stream, &format!("{NO}{reason}"), &[]);
}

fn log(number: Option<u32>, error: &Broken) {
    if !matches!(error, Broken::Mute) {
        tracing::warn!(
            "{} did not take over, and this one serves on: {}",
            named(number),
            causes(error)
        );
    }
}

/// A process whose first line was waited for.
struct Greeted {
    number: Option<u32>,
    stream: StdStream,
    greeting: Result<(), Broken>,
}

/// A process that asked, and the thread that talks with it.
struct Talk {
    number: Option<u32>,
    work: JoinHandle<Result<(), Broken>>,
}

async fn ended(talk: &mut Option<Talk>) -> (Option<u32>, Result<(), Broken>) {
    match talk {
        Some(talk) => {
            let ended = (&mut talk.work).await;
            let failed = |error| Err(Broken::System(io::Error::other(error)));
            (talk.number, ended.unwrap_or_else(failed))
        }
        None => std::future::pending().await,
    }
}

async fn accept(listener: Option<&UnixListener>) -> io::Result<UnixStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

/// Hears the first line of a process, and answers one that is not as it should be. Blocks for at
/// most [`GREETING_TIME`].
fn greet(stream: &StdStream) -> Result<(), Broken> {
    let heard = || {
        stream.set_nonblocking(false).map_err(Broken::System)?;
        let greeting = wire::receive(stream, Some(within(GREETING_TIME)));
        let (greeting, _) = greeting.map_err(|error| match Broken::of(error) {
            Broken::Gone | Broken::Late => Broken::Mute,
            broken => broken,
        })?;
        let mut words = greeting.split(' ');
        if words.next() != Some(GREETING) {
            return Err(Broken::Unintelligible);
        }
        if !words.any(|version| version == VERSION) {
            return Err(Broken::Version);
        }
        Ok(())
    };
    heard().inspect_err(|broken| say_no(stream, &broken.to_string()))
}

/// Talks with a process that has greeted, to the end. Blocks.
fn converse(stream: &StdStream, handed: &Handed, kept: Option<&dyn Kept>) -> Result<(), Broken> {
    let (line, descriptors) = handed.line();
    wire::send(stream, &line, &descriptors).map_err(Broken::of)?;
    let ready = match wire::receive(stream, Some(within(PREPARATION))).map_err(Broken::of) {
        Ok((word, _)) if word == READY => Ok(()),
        Ok(_) => Err(Broken::Unintelligible),
        Err(broken) => Err(broken),
    };
    ready.inspect_err(|broken| say_no(stream, &broken.to_string()))?;
    if let Some(kept) = kept {
        kept.release();
    }
    let served = hand_over(stream);
    if let (Some(kept), Err(_)) = (kept, &served) {
        kept.take_back();
    }
    served
}

fn hand_over(stream: &StdStream) -> Result<(), Broken> {
    wire::send(stream, YOURS, &[]).map_err(Broken::of)?;
    // Without a bound: what was promised is not taken back from a process that lives, and until it
    // serves this one does.
    let (word, _) = wire::receive(stream, None).map_err(Broken::of)?;
    if word == SERVING {
        Ok(())
    } else {
        Err(Broken::Unintelligible)
    }
}

fn within(time: Duration) -> Instant {
    Instant::now() + time
}

fn causes(error: &Broken) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
