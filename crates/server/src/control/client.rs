//! The side of the control socket that a command line uses.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use orchestrator::operator::{Command, Outcome};
use orchestrator::{KnowledgeCommand, KnowledgeOutcome};
use types::{ProjectId, TenantId};

use super::{Answer, NAME, Request};
use crate::Error;

/// A daemon that listens.
#[derive(Debug)]
pub struct ControlClient {
    path: PathBuf,
    stream: UnixStream,
}

impl ControlClient {
    /// Connects to the daemon of `directory`; `None` where none runs.
    pub fn connect(directory: &Path) -> Result<Option<Self>, Error> {
        let path = directory.join(NAME);
        match UnixStream::connect(&path) {
            Ok(stream) => Ok(Some(Self { path, stream })),
            Err(source) if is_nobody(&source) => Ok(None),
            Err(source) => Err(Error::ControlSocket { path, source }),
        }
    }

    /// Has one command carried out.
    pub fn operate(self, command: Command) -> Result<Outcome, Error> {
        match self.send(&Request::Operate(command))? {
            Answer::Done(outcome) => Ok(outcome),
            Answer::Known(_) | Answer::Attending | Answer::Refused { .. } => {
                Err(Error::ControlMismatch)
            }
        }
    }

    /// Has one thing done with what is known.
    pub fn know(self, command: KnowledgeCommand) -> Result<KnowledgeOutcome, Error> {
        match self.send(&Request::Know(command))? {
            Answer::Known(outcome) => Ok(outcome),
            Answer::Done(_) | Answer::Attending | Answer::Refused { .. } => {
                Err(Error::ControlMismatch)
            }
        }
    }

    /// Makes this connection an agent's, who works for `tenant` on `project`. What is written to
    /// the stream and read from it then are messages of MCP, one a line.
    pub fn attend(self, tenant: TenantId, project: Option<ProjectId>) -> Result<UnixStream, Error> {
        let path = self.path.clone();
        let failed = |source| Error::ControlSocket { path, source };
        let stream = self.stream.try_clone().map_err(failed)?;
        match self.send(&Request::Attend { tenant, project })? {
            Answer::Attending => Ok(stream),
            Answer::Done(_) | Answer::Known(_) | Answer::Refused { .. } => {
                Err(Error::ControlMismatch)
            }
        }
    }

    /// What the daemon answers, unless it refuses. It says nothing more before it is asked again.
    fn send(self, request: &Request) -> Result<Answer, Error> {
        let mut line =
            serde_json::to_vec(request).map_err(|source| Error::ControlLanguage { source })?;
        line.push(b'\n');
        let path = self.path;
        let answer =
            exchange(self.stream, &line).map_err(|source| Error::ControlSocket { path, source })?;
        match serde_json::from_str(&answer).map_err(|source| Error::ControlLanguage { source })? {
            Answer::Refused { class, message } => Err(Error::Refused { class, message }),
            answer @ (Answer::Done(_) | Answer::Known(_) | Answer::Attending) => Ok(answer),
        }
    }
}

/// Sends a line and reads one. A daemon that is ending hangs up on whom it has not heard yet.
fn exchange(mut stream: UnixStream, line: &[u8]) -> io::Result<String> {
    let mut answer = String::new();
    let sent = stream.write_all(line);
    let read = sent.and_then(|()| BufReader::new(stream).read_line(&mut answer));
    match read.map_err(|error| (error.kind(), error)) {
        Ok(0) | Err((ErrorKind::BrokenPipe | ErrorKind::ConnectionReset, _)) => {
            let ended = "the daemon ended before it answered; see what it did, then try again";
            Err(io::Error::new(ErrorKind::UnexpectedEof, ended))
        }
        Ok(_) => Ok(answer),
        Err((_, error)) => Err(error),
    }
}

/// Whether no daemon listens: there is no socket, or one that a killed daemon left.
fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}
