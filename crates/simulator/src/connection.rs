//! One client's connection, from its first request to its end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;

use crate::answer::Step;
use crate::control;
use crate::endpoint::Endpoint;
use crate::plan::Plan;
use crate::request::{BodyLength, Request};
use crate::shared::Shared;
use crate::working::Working;

const MOST_HEAD_BYTES: usize = 64 << 10;
const MOST_BODY_BYTES: usize = 64 << 20;
/// Read ahead of the answer, to notice that a client leaves.
const MOST_AHEAD_BYTES: usize = 64 << 10;
const READ_BYTES: usize = 8 << 10;

/// One client's connection.
pub(crate) struct Connection {
    socket: TcpStream,
    input: BytesMut,
    shared: Arc<Shared>,
}

/// Why a request did not arrive whole.
enum Broken {
    /// The client left.
    Left,
    /// It is answered with this status, and the connection closes.
    Unreadable(u16),
}

/// What is left of a connection after a plan.
#[derive(PartialEq, Eq)]
enum State {
    Open,
    Ended,
    /// The client left before the plan was done.
    Left,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream, shared: Arc<Shared>) -> Self {
        Self { socket, input: BytesMut::new(), shared }
    }

    /// Answers requests until one side has enough.
    pub(crate) async fn serve(mut self) {
        loop {
            let request = match self.read_head().await {
                Ok(request) => request,
                Err(Broken::Left) => return,
                Err(Broken::Unreadable(status)) => {
                    self.play(Plan::unreadable(status), None).await;
                    return;
                }
            };
            let is_kept_alive = request.is_kept_alive;
            if self.exchange(request).await != State::Open || !is_kept_alive {
                return;
            }
        }
    }

    async fn exchange(&mut self, request: Request) -> State {
        let endpoint = Endpoint::of(&request.path);
        if endpoint == Endpoint::Control {
            return match self.read_body(request).await {
                Ok(request) => self.play(control::answer(&self.shared, &request), None).await,
                Err(_) => State::Left,
            };
        }
        self.shared.count_arrival(&request.path);
        let Some((plan, working)) = self.plan(request, endpoint).await else {
            self.shared.count_end(None);
            return State::Left;
        };
        let outcome = plan.outcome;
        let state = self.play(plan, working).await;
        self.shared.count_end((state != State::Left).then_some(outcome));
        state
    }

    /// Reads the rest of the request, unless a fault strikes before; none when the client leaves.
    async fn plan(
        &mut self,
        request: Request,
        endpoint: Endpoint,
    ) -> Option<(Plan, Option<Working>)> {
        if endpoint.protocol().is_some()
            && let Some(fault) = self.shared.script.lock().take_early()
        {
            self.shared.record(request);
            return Some((Plan::early(&fault), None));
        }
        match self.read_body(request).await {
            Ok(request) => Some(self.shared.plan(request)),
            Err(Broken::Left) => None,
            Err(Broken::Unreadable(status)) => Some((Plan::unreadable(status), None)),
        }
    }

    async fn read_head(&mut self) -> Result<Request, Broken> {
        loop {
            match Request::head_length(&self.input) {
                Ok(Some(length)) => {
                    let head = self.input.split_to(length).freeze();
                    return Request::parse(head).map_err(|_| Broken::Unreadable(400));
                }
                Ok(None) if self.input.len() > MOST_HEAD_BYTES => {
                    return Err(Broken::Unreadable(431));
                }
                Ok(None) => self.read().await?,
                Err(_) => return Err(Broken::Unreadable(400)),
            }
        }
    }

    async fn read_body(&mut self, request: Request) -> Result<Request, Broken> {
        if request.expects_continue {
            let line = b"HTTP/1.1 100 Continue\r\n\r\n";
            self.socket.write_all(line).await.map_err(|_| Broken::Left)?;
        }
        let body = match request.body_length {
            BodyLength::Bytes(length) => self.take(length).await?,
            BodyLength::Chunked => self.read_chunks().await?,
        };
        Ok(request.with_body(body))
    }

    async fn read_chunks(&mut self) -> Result<Bytes, Broken> {
        let mut body = BytesMut::new();
        loop {
            match httparse::parse_chunk_size(&self.input) {
                Ok(httparse::Status::Complete((line, size))) => {
                    let size = usize::try_from(size).map_err(|_| Broken::Unreadable(413))?;
                    self.take(line).await?;
                    let chunk = self.take(size).await?;
                    if self.take(2).await? != "\r\n" {
                        return Err(Broken::Unreadable(400));
                    }
                    body.extend_from_slice(&chunk);
                    if size == 0 {
                        return Ok(body.freeze());
                    }
                    if body.len() > MOST_BODY_BYTES {
                        return Err(Broken::Unreadable(413));
                    }
                }
                Ok(httparse::Status::Partial) => self.read().await?,
                Err(_) => return Err(Broken::Unreadable(400)),
            }
        }
    }

    /// The next `length` bytes.
    async fn take(&mut self, length: usize) -> Result<Bytes, Broken> {
        if length > MOST_BODY_BYTES {
            return Err(Broken::Unreadable(413));
        }
        while self.input.len() < length {
            self.input.reserve(length - self.input.len());
            self.read().await?;
        }
        Ok(self.input.split_to(length).freeze())
    }

    async fn read(&mut self) -> Result<(), Broken> {
        self.input.reserve(READ_BYTES);
        match self.socket.read_buf(&mut self.input).await {
            Ok(0) | Err(_) => Err(Broken::Left),
            Ok(_) => Ok(()),
        }
    }

    /// Takes the steps. What is worked on is done when nothing but its last bytes is left to send,
    /// so that its place is free by the time its client knows.
    async fn play(&mut self, plan: Plan, mut working: Option<Working>) -> State {
        let waits = |step: &Step| matches!(step, Step::Pause(_) | Step::Hold | Step::Hang);
        let last_wait = plan.steps.iter().rposition(waits);
        for (index, step) in plan.steps.into_iter().enumerate() {
            if last_wait.is_none_or(|last| index > last) {
                drop(working.take());
            }
            match self.step(step).await {
                Ok(State::Open) => {}
                Ok(state) => return state,
                Err(_) => return State::Left,
            }
        }
        State::Open
    }

    async fn step(&mut self, step: Step) -> io::Result<State> {
        match step {
            Step::Send(bytes) => self.socket.write_all(&bytes).await?,
            Step::Pause(span) => return Ok(self.pause(span).await),
            Step::Hold => return Ok(self.hold().await),
            Step::Hang => {
                self.left().await;
                return Ok(State::Left);
            }
            Step::Reset => {
                self.socket.set_zero_linger()?;
                return Ok(State::Ended);
            }
            Step::Close => {
                self.socket.shutdown().await?;
                return Ok(State::Ended);
            }
        }
        Ok(State::Open)
    }

    async fn pause(&mut self, span: Duration) -> State {
        tokio::select! {
            () = time::sleep(span) => State::Open,
            () = self.left() => State::Left,
        }
    }

    async fn hold(&mut self) -> State {
        let shared = Arc::clone(&self.shared);
        tokio::select! {
            permit = shared.releases.acquire() => {
                if let Ok(permit) = permit {
                    permit.forget();
                }
                State::Open
            }
            () = self.left() => State::Left,
        }
    }

    /// Ends when the client has left.
    async fn left(&mut self) {
        while self.input.len() < MOST_AHEAD_BYTES {
            if self.read().await.is_err() {
                return;
            }
        }
        std::future::pending().await
    }
}
