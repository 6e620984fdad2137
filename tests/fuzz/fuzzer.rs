//! Makes inputs out of inputs. What a target tells of an input is the feedback: an input with an outcome that was not
//! seen before is kept, and others are made of it. It knows nothing of what it feeds.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Inputs of one run of the tests.
const SHORT: usize = 1_500;
const LONGEST: usize = 16 * 1024;
const MOST_KEPT: usize = 2_000;
/// No input may take longer, however slow the machine is.
const SLOWEST: Duration = Duration::from_secs(5);
/// What one input may take of memory, at most.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// Numbers that look random and are the same for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// A campaign against one target.
pub struct Fuzzer {
    pub name: &'static str,
    pub seeds: Vec<Vec<u8>>,
    /// Pieces that inputs are made of more often than chance would.
    pub words: &'static [&'static str],
}

impl Fuzzer {
    /// Feeds the target. It answers what is to be told apart, and panics when something is wrong.
    pub fn run(self, target: impl Fn(&[u8]) -> String) {
        let seconds = std::env::var("OORE_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
        let seed = match std::env::var("OORE_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()) {
            Some(seed) => seed,
            None if seconds.is_none() => 1,
            None => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64,
        };
        let mut dice = Dice::new(seed);
        let (begun, time) = (Instant::now(), seconds.map(Duration::from_secs));
        let (mut kept, mut outcomes) = (self.seeds.clone(), HashSet::new());
        let (mut tried, mut slowest, mut largest) = (0_usize, Duration::ZERO, 0);
        // So that what every input needs is there before it is measured.
        self.seeds.iter().for_each(|seed| drop(target(seed)));
        while time.map_or(tried < SHORT, |time| begun.elapsed() < time) {
            let input = match self.seeds.get(tried) {
                Some(seed) => seed.clone(),
                None => self.made(&kept, &mut dice),
            };
            tried += 1;
            let (since, before) = (Instant::now(), Memory::now());
            let outcome = match catch_unwind(AssertUnwindSafe(|| target(&input))) {
                Ok(outcome) => outcome,
                Err(_) => self.fail(&target, input, seed),
            };
            let (took, took_memory) = (since.elapsed(), before.grown());
            assert!(took < SLOWEST, "{}: {took:?} for {}", self.name, shown(&input));
            assert!(took_memory < MOST_MEMORY, "{}: {took_memory} bytes for {}", self.name, shown(&input));
            slowest = slowest.max(took);
            largest = largest.max(took_memory);
            if outcomes.insert(outcome) && kept.len() < MOST_KEPT {
                kept.push(input);
            }
        }
        eprintln!(
            "{}: {tried} inputs, {} outcomes, slowest {slowest:?}, most memory {} KiB, seed {seed}",
            self.name,
            outcomes.len(),
            largest / 1024
        );
    }

    /// A new input out of what is kept.
    fn made(&self, kept: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
        let mut bytes = if kept.is_empty() { Vec::new() } else { dice.of(kept).clone() };
        for _ in 0..=dice.below(6) {
            let at = dice.below(bytes.len() + 1);
            let end = (at + dice.below(40)).min(bytes.len());
            match dice.below(8) {
                0 => bytes.insert(at, dice.next() as u8),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << dice.below(8)),
                3 => bytes.truncate(at),
                4 | 5 if !self.words.is_empty() => {
                    let word = dice.of(self.words).as_bytes().to_vec();
                    drop(bytes.splice(at..at, word));
                }
                6 if !kept.is_empty() => {
                    let other = dice.of(kept);
                    let from = dice.below(other.len() + 1);
                    drop(
                        bytes.splice(at..at, other[from..(from + dice.below(200)).min(other.len())].to_vec()),
                    );
                }
                _ => {
                    let piece = bytes[at..end].repeat(1 + dice.below(60));
                    drop(bytes.splice(at..at, piece));
                }
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }

    /// Cuts away what the failure does not need, and tells of it.
    fn fail(&self, target: &impl Fn(&[u8]) -> String, mut input: Vec<u8>, seed: u64) -> ! {
        let said = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let fails = |input: &[u8]| catch_unwind(AssertUnwindSafe(|| target(input))).is_err();
        let mut piece = input.len() / 2;
        while piece > 0 {
            let mut at = 0;
            while at + piece <= input.len() {
                let without = [&input[..at], &input[at + piece..]].concat();
                if fails(&without) { input = without } else { at += piece }
            }
            piece /= 2;
        }
        std::panic::set_hook(said);
        panic!("{} fails with seed {seed} for {}", self.name, shown(&input));
    }
}

fn shown(input: &[u8]) -> String {
    format!("b\"{}\"", input.escape_ascii())
}

/// How much memory the process had at most since it was looked at.
struct Memory(u64);

impl Memory {
    fn now() -> Self {
        let _systems_without = std::fs::write("/proc/self/clear_refs", "5");
        Self(Self::read("VmRSS:"))
    }

    fn grown(&self) -> u64 {
        Self::read("VmHWM:").saturating_sub(self.0)
    }

    fn read(field: &str) -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    }
}

#[test]
fn a_failure_is_found_and_made_small() {
    let fuzzer = Fuzzer { name: "itself", seeds: vec![b"abc".to_vec()], words: &["bad"] };
    let target = |input: &[u8]| {
        assert!(!input.windows(4).any(|window| window == b"badb"), "found");
        input.len().to_string()
    };
    let found = catch_unwind(AssertUnwindSafe(|| fuzzer.run(target))).unwrap_err();
    let told = found.downcast_ref::<String>().unwrap();
    assert!(told.ends_with("b\"badb\""), "{told}");
}
