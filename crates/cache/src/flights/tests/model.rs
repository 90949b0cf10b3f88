//! Random interleavings against a model that is plain lists.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Wake, Waker};

use proptest::prelude::*;

use super::*;

/// A waker that remembers.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A future that is polled by hand.
struct Task<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    flag: Arc<Flag>,
}

impl<T> Task<T> {
    fn new(future: impl Future<Output = T> + 'static) -> Self {
        Self { future: Box::pin(future), flag: Arc::default() }
    }

    fn poll(&mut self) -> Poll<T> {
        self.flag.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&self.flag));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    fn is_woken(&self) -> bool {
        self.flag.0.load(Ordering::SeqCst)
    }
}

type Shared = Arc<tokio::sync::Mutex<Subscription<u32>>>;

/// A subscriber of the real thing, and the model's knowledge of it.
struct Caller {
    subscription: Shared,
    /// The turn it waits for, where it does.
    turn: Option<Task<Turn<u32>>>,
    flight: usize,
    heard: u32,
    may_lead: bool,
}

struct Flying {
    producer: Arc<Producer<u32>>,
    abandoned: Task<()>,
    /// Whether `abandoned` was polled and pending.
    waits: bool,
    flight: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Vacant,
    Led,
    Flying,
    Landed,
    Lost,
}

struct ModelFlight {
    key: u64,
    phase: Phase,
    pushed: u32,
    can_be_joined: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Join(u64),
    /// Polls the turn that a caller waits for, or a new one.
    Poll(usize),
    /// Drops the future of a turn and keeps the subscription.
    Cancel(usize),
    Leave(usize),
    Decline(usize),
    TakeOff(usize),
    Push(usize),
    Land(usize),
    Crash(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let at = any::<usize>();
    prop_oneof![
        4 => (0..2_u64).prop_map(Step::Join),
        8 => at.prop_map(Step::Poll),
        2 => at.prop_map(Step::Cancel),
        3 => at.prop_map(Step::Leave),
        2 => at.prop_map(Step::Decline),
        2 => at.prop_map(Step::TakeOff),
        3 => at.prop_map(Step::Push),
        1 => at.prop_map(Step::Land),
        1 => at.prop_map(Step::Crash),
    ]
}

#[derive(Default)]
struct World {
    flights: Flights<u32>,
    callers: Vec<Caller>,
    leads: Vec<(Lead<u32>, usize)>,
    producers: Vec<Flying>,
    model: Vec<ModelFlight>,
}

fn pick<T>(items: &[T], at: usize) -> Option<usize> {
    at.checked_rem(items.len())
}

impl World {
    fn step(&mut self, step: Step) {
        match step {
            Step::Join(key) => self.join(key),
            Step::Poll(at) => {
                if let Some(at) = pick(&self.callers, at) {
                    self.poll(at);
                }
            }
            Step::Cancel(at) => {
                if let Some(at) = pick(&self.callers, at) {
                    self.callers[at].turn = None;
                }
            }
            Step::Leave(at) => {
                if let Some(at) = pick(&self.callers, at) {
                    let caller = self.callers.swap_remove(at);
                    self.settle(caller.flight);
                }
            }
            Step::Decline(at) => {
                if let Some(at) = pick(&self.leads, at) {
                    let (lead, flight) = self.leads.swap_remove(at);
                    drop(lead);
                    self.model[flight].phase = Phase::Vacant;
                    self.settle(flight);
                }
            }
            Step::TakeOff(at) => {
                if let Some(at) = pick(&self.leads, at) {
                    let (lead, flight) = self.leads.swap_remove(at);
                    self.model[flight].phase = Phase::Flying;
                    let producer = Arc::new(lead.take_off());
                    let watched = Arc::clone(&producer);
                    let abandoned = Task::new(async move { watched.abandoned().await });
                    let waits = false;
                    self.producers.push(Flying { producer, abandoned, waits, flight });
                }
            }
            Step::Push(at) => {
                if let Some(at) = pick(&self.producers, at) {
                    let flight = self.producers[at].flight;
                    self.producers[at].producer.push(self.model[flight].pushed);
                    self.model[flight].pushed += 1;
                }
            }
            Step::Land(at) => self.end(at, Phase::Landed),
            Step::Crash(at) => self.end(at, Phase::Lost),
        }
    }

    fn join(&mut self, key: u64) {
        let known = self.model.iter().position(|flight| flight.key == key && flight.can_be_joined);
        let flight = known.unwrap_or_else(|| {
            let phase = Phase::Vacant;
            self.model.push(ModelFlight { key, phase, pushed: 0, can_be_joined: true });
            self.model.len() - 1
        });
        let subscription = Arc::new(tokio::sync::Mutex::new(self.flights.join(key_of(key))));
        self.callers.push(Caller { subscription, turn: None, flight, heard: 0, may_lead: true });
    }

    fn poll(&mut self, at: usize) {
        let caller = &mut self.callers[at];
        let subscription = Arc::clone(&caller.subscription);
        let old = caller.turn.take();
        // One that was not told of anything need not look again.
        let looks = old.as_ref().is_none_or(Task::is_woken);
        let mut turn = old.unwrap_or_else(|| {
            Task::new(async move { subscription.lock_owned().await.next().await })
        });
        let said = turn.poll();
        let flight = &mut self.model[caller.flight];
        match said {
            Poll::Ready(Turn::Item(item)) => {
                assert!(caller.heard < flight.pushed);
                assert_eq!(item, caller.heard);
                caller.heard += 1;
            }
            Poll::Ready(Turn::Lead(lead)) => {
                assert_eq!((flight.phase, caller.may_lead), (Phase::Vacant, true));
                caller.may_lead = false;
                flight.phase = Phase::Led;
                self.leads.push((lead, caller.flight));
            }
            Poll::Ready(Turn::Landed) => {
                assert_eq!((caller.heard, flight.phase), (flight.pushed, Phase::Landed));
            }
            Poll::Ready(Turn::Lost) => {
                assert_eq!((caller.heard, flight.phase), (flight.pushed, Phase::Lost));
            }
            Poll::Pending => {
                assert!(!has_news(flight, caller));
                assert!(!(looks && flight.phase == Phase::Vacant && caller.may_lead));
                caller.turn = Some(turn);
            }
        }
    }

    fn end(&mut self, at: usize, phase: Phase) {
        let Some(at) = pick(&self.producers, at) else { return };
        let Flying { producer, abandoned, waits: _, flight } = self.producers.swap_remove(at);
        drop(abandoned);
        let producer = Arc::into_inner(producer).unwrap();
        if phase == Phase::Landed {
            producer.land()
        } else {
            drop(producer)
        }
        self.model[flight].phase = phase;
        self.model[flight].can_be_joined = false;
    }

    /// What follows for a flight when somebody leaves or declines.
    fn settle(&mut self, at: usize) {
        let mut aboard = self.callers.iter().filter(|caller| caller.flight == at).peekable();
        let flight = &mut self.model[at];
        if aboard.peek().is_none() {
            flight.can_be_joined = false;
        }
        if flight.phase == Phase::Vacant && !aboard.any(|caller| caller.may_lead) {
            flight.phase = Phase::Lost;
            flight.can_be_joined = false;
        }
    }

    fn check(&mut self) {
        let joinable = self.model.iter().filter(|flight| flight.can_be_joined).count();
        assert_eq!(self.flights.len(), joinable);
        let mut waiting: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
        for caller in &self.callers {
            let Some(turn) = &caller.turn else { continue };
            let flight = &self.model[caller.flight];
            assert!(turn.is_woken() || !has_news(flight, caller), "slept through news");
            if flight.phase == Phase::Vacant && caller.may_lead {
                waiting.entry(caller.flight).or_default().push(turn.is_woken());
            }
        }
        for woken in waiting.values() {
            assert!(woken.contains(&true), "a vacancy that nobody was told of");
        }
        for flying in &mut self.producers {
            let deserted = self.callers.iter().all(|caller| caller.flight != flying.flight);
            if deserted {
                assert!(flying.abandoned.is_woken() || !flying.waits, "not told");
            }
            let told = flying.abandoned.poll().is_ready();
            assert_eq!(told, deserted);
            flying.waits = !told;
            if told {
                let watched = Arc::clone(&flying.producer);
                flying.abandoned = Task::new(async move { watched.abandoned().await });
            }
        }
    }
}

fn has_news(flight: &ModelFlight, caller: &Caller) -> bool {
    caller.heard < flight.pushed || matches!(flight.phase, Phase::Landed | Phase::Lost)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500, 100_000)))]

    #[test]
    fn any_interleaving_does_what_the_model_does(
        steps in proptest::collection::vec(any_step(), 0..120)
    ) {
        let mut world = World::default();
        for step in steps {
            world.step(step);
            world.check();
        }
    }
}
