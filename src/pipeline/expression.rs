//! The conditions of steps (`if:`): a tiny language over what is known of a build. Reading one can fail,
//! with the place; evaluating one cannot: what isn't set is an empty text.

use std::collections::BTreeMap;

use crate::domain::spec::BuildPlatform;

/// Longest condition, in characters.
const MAX_CHARS: usize = 512;
/// Deepest nesting of parentheses and negations.
const MAX_DEPTH: usize = 16;

const KNOWN: &str =
    "branch, trigger, platform, inputs.NAME, matrix.NAME, env.NAME, always(), success(), failure()";

/// A condition that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    text: String,
    root: Expression,
}

/// What is wrong with a condition, and how many characters into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    pub offset: usize,
    pub message: String,
    pub hint: Option<String>,
}

/// What is known of a build when a step is about to run.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Whether a step before has failed the build.
    pub failed: bool,
    pub branch: &'a str,
    pub trigger: &'a str,
    pub platforms: &'a [BuildPlatform],
    pub inputs: &'a BTreeMap<String, String>,
    pub matrix: &'a BTreeMap<String, String>,
    /// The variables of the step.
    pub variables: &'a BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Always,
    Success,
    Failure,
    /// The text `true`.
    Holds(Operand),
    Equal(Operand, Operand),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Literal(String),
    Branch,
    Trigger,
    Platform,
    Input(String),
    Axis(String),
    Variable(String),
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, Misread> {
        if text.chars().count() > MAX_CHARS {
            return Err(misread(MAX_CHARS, format!("a condition has at most {MAX_CHARS} characters")));
        }
        let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.chars().count(), depth: 0 };
        let root = parser.any()?;
        match parser.peek() {
            None => Ok(Self { text: text.to_owned(), root }),
            Some(token) => Err(misread(token.offset, format!("'{}' is not expected here", token.shown()))),
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of the inputs it looks at.
    pub fn inputs(&self) -> Vec<&str> {
        self.names(|operand| if let Operand::Input(name) = operand { Some(name) } else { None })
    }

    /// The names of the axes of the matrix it looks at.
    pub fn axes(&self) -> Vec<&str> {
        self.names(|operand| if let Operand::Axis(name) = operand { Some(name) } else { None })
    }

    fn names(&self, name: impl Fn(&Operand) -> Option<&String>) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.visit(&mut |operand| names.extend(name(operand).map(String::as_str)));
        names
    }

    /// Whether it is true. One that does not ask how the build stands is only true while nothing failed.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        (self.asks_for_status() || !facts.failed) && self.root.holds(facts)
    }

    /// Whether it says itself what a failure means.
    pub fn asks_for_status(&self) -> bool {
        self.root.asks_for_status()
    }
}

impl Expression {
    fn holds(&self, facts: &Facts<'_>) -> bool {
        match self {
            Expression::Always => true,
            Expression::Success => !facts.failed,
            Expression::Failure => facts.failed,
            Expression::Holds(operand) => operand.values(facts).contains(&"true"),
            Expression::Equal(one, other) => {
                let (one, other) = (one.values(facts), other.values(facts));
                one.iter().any(|value| other.contains(value))
            }
            Expression::Not(inner) => !inner.holds(facts),
            Expression::All(parts) => parts.iter().all(|part| part.holds(facts)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(facts)),
        }
    }

    fn asks_for_status(&self) -> bool {
        match self {
            Expression::Always | Expression::Success | Expression::Failure => true,
            Expression::Holds(_) | Expression::Equal(..) => false,
            Expression::Not(inner) => inner.asks_for_status(),
            Expression::All(parts) | Expression::Any(parts) => parts.iter().any(Self::asks_for_status),
        }
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Operand)) {
        match self {
            Expression::Always | Expression::Success | Expression::Failure => {}
            Expression::Holds(operand) => see(operand),
            Expression::Equal(one, other) => {
                see(one);
                see(other);
            }
            Expression::Not(inner) => inner.visit(see),
            Expression::All(parts) | Expression::Any(parts) => parts.iter().for_each(|part| part.visit(see)),
        }
    }
}

impl Operand {
    /// One value, or several for a build of several platforms.
    fn values<'a>(&'a self, facts: &Facts<'a>) -> Vec<&'a str> {
        let set = |map: &'a BTreeMap<String, String>, name: &str| map.get(name).map_or("", String::as_str);
        match self {
            Operand::Literal(text) => vec![text.as_str()],
            Operand::Branch => vec![facts.branch],
            Operand::Trigger => vec![facts.trigger],
            Operand::Platform => facts.platforms.iter().map(|platform| platform.as_str()).collect(),
            Operand::Input(name) => vec![set(facts.inputs, name)],
            Operand::Axis(name) => vec![set(facts.matrix, name)],
            Operand::Variable(name) => vec![set(facts.variables, name)],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    offset: usize,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Word(String),
    Quoted(String),
    Symbol(&'static str),
}

impl Token {
    fn shown(&self) -> &str {
        match &self.kind {
            Kind::Word(text) | Kind::Quoted(text) => text,
            Kind::Symbol(symbol) => symbol,
        }
    }
}

const SYMBOLS: [&str; 7] = ["==", "!=", "&&", "||", "!", "(", ")"];

fn tokens(text: &str) -> Result<Vec<Token>, Misread> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = characters.get(at) {
        let offset = at;
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        if matches!(first, '\'' | '"') {
            let rest = &characters[at + 1..];
            let length = rest.iter().position(|c| *c == first);
            let length = length.ok_or_else(|| misread(offset, format!("the quote {first} is not closed")))?;
            tokens.push(Token { offset, kind: Kind::Quoted(rest[..length].iter().collect()) });
            at += length + 2;
            continue;
        }
        if is_of_word(first) {
            let word: String = characters[at..].iter().copied().take_while(|c| is_of_word(*c)).collect();
            at += word.chars().count();
            tokens.push(Token { offset, kind: Kind::Word(word) });
            continue;
        }
        let symbol = SYMBOLS.into_iter().find(|symbol| {
            symbol.chars().enumerate().all(|(index, c)| characters.get(at + index) == Some(&c))
        });
        let Some(symbol) = symbol else {
            let hint = match first {
                '=' => Some("compare with =="),
                '&' => Some("write && for and"),
                '|' => Some("write || for or"),
                _ => None,
            };
            let wrong = misread(offset, format!("'{first}' is not expected here"));
            return Err(Misread { hint: hint.map(str::to_owned), ..wrong });
        };
        at += symbol.len();
        tokens.push(Token { offset, kind: Kind::Symbol(symbol) });
    }
    Ok(tokens)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn misread(offset: usize, message: impl Into<String>) -> Misread {
    Misread { offset, message: message.into(), hint: None }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Where the text ends.
    end: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Expression, Misread> {
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, Misread> {
        let mut parts = vec![self.one()?];
        while self.take("&&") {
            parts.push(self.one()?);
        }
        Ok(joined(parts, Expression::All))
    }

    fn one(&mut self) -> Result<Expression, Misread> {
        if self.depth == MAX_DEPTH {
            return Err(misread(self.offset(), format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let expression = self.nested();
        self.depth -= 1;
        expression
    }

    fn nested(&mut self) -> Result<Expression, Misread> {
        if self.take("!") {
            return Ok(Expression::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            self.expect(")")?;
            return Ok(inner);
        }
        match self.call()? {
            Some(status) => Ok(status),
            None => self.comparison(),
        }
    }

    /// `always()`, `success()` or `failure()`.
    fn call(&mut self) -> Result<Option<Expression>, Misread> {
        let Some(Token { kind: Kind::Word(word), .. }) = self.peek() else { return Ok(None) };
        let status = match word.as_str() {
            "always" => Expression::Always,
            "success" => Expression::Success,
            "failure" => Expression::Failure,
            _ => return Ok(None),
        };
        self.at += 1;
        self.expect("(")?;
        self.expect(")")?;
        Ok(Some(status))
    }

    fn comparison(&mut self) -> Result<Expression, Misread> {
        let offset = self.offset();
        let one = self.operand()?;
        if self.take("==") {
            return Ok(Expression::Equal(one, self.operand()?));
        }
        if self.take("!=") {
            return Ok(Expression::Not(Box::new(Expression::Equal(one, self.operand()?))));
        }
        match one {
            Operand::Literal(_) => Err(misread(offset, "a text alone is no condition: compare it")),
            Operand::Branch
            | Operand::Trigger
            | Operand::Platform
            | Operand::Input(_)
            | Operand::Axis(_)
            | Operand::Variable(_) => Ok(Expression::Holds(one)),
        }
    }

    fn operand(&mut self) -> Result<Operand, Misread> {
        let offset = self.offset();
        let Some(token) = self.peek().cloned() else {
            return Err(misread(offset, "the condition is not complete"));
        };
        self.at += 1;
        match token.kind {
            Kind::Quoted(text) => Ok(Operand::Literal(text)),
            Kind::Word(word) => named(&word).ok_or_else(|| Misread {
                hint: Some(format!("texts are in quotes, as in '{word}'; known here: {KNOWN}")),
                ..misread(offset, format!("'{word}' is not known"))
            }),
            Kind::Symbol(symbol) => Err(misread(offset, format!("'{symbol}' is not expected here"))),
        }
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Misread> {
        let offset = self.offset();
        if self.take(symbol) { Ok(()) } else { Err(misread(offset, format!("'{symbol}' is missing"))) }
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.peek().is_some_and(|token| matches!(token.kind, Kind::Symbol(s) if s == symbol));
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn offset(&self) -> usize {
        self.peek().map_or(self.end, |token| token.offset)
    }
}

/// One part stands for itself.
fn joined(mut parts: Vec<Expression>, join: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn named(word: &str) -> Option<Operand> {
    match word.split_once('.') {
        Some(("inputs", name)) if is_name(name) => Some(Operand::Input(name.to_owned())),
        Some(("matrix", name)) if is_name(name) => Some(Operand::Axis(name.to_owned())),
        Some(("env", name)) if is_name(name) => Some(Operand::Variable(name.to_owned())),
        Some(_) => None,
        None => match word {
            "branch" => Some(Operand::Branch),
            "trigger" => Some(Operand::Trigger),
            "platform" => Some(Operand::Platform),
            _ => None,
        },
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(text: &str, failed: bool) -> bool {
        let inputs = BTreeMap::from([
            ("flavor".to_owned(), "prod".to_owned()),
            ("signed".to_owned(), "true".to_owned()),
        ]);
        let variables = BTreeMap::from([("CHANNEL".to_owned(), "beta".to_owned())]);
        let facts = Facts {
            failed,
            branch: "main",
            trigger: "manual",
            platforms: &[BuildPlatform::Android, BuildPlatform::Ios],
            inputs: &inputs,
            matrix: &BTreeMap::from([("flavor".to_owned(), "dev".to_owned())]),
            variables: &variables,
        };
        Condition::parse(text).unwrap().holds(&facts)
    }

    #[test]
    fn comparisons_negations_and_parentheses_mean_what_they_say() {
        for (text, expected) in [
            ("branch == 'main'", true),
            ("branch == \"main\"", true),
            ("'main' == branch", true),
            ("branch != 'main'", false),
            ("trigger == 'manual' && env.CHANNEL == 'beta'", true),
            ("trigger == 'api' || inputs.flavor == 'prod'", true),
            ("branch == 'x' && branch == 'y' || branch == 'main'", true),
            ("branch == 'x' && (branch == 'y' || branch == 'main')", false),
            ("!(branch == 'x')", true),
            ("!!inputs.signed", true),
            ("inputs.signed && inputs.flavor", false),
            ("inputs.absent == ''", true),
            ("matrix.flavor == 'dev'", true),
            ("matrix.flavor == inputs.flavor || matrix.absent", false),
            ("env.ABSENT", false),
            ("platform == 'ios'", true),
            ("platform == 'macos'", false),
            ("platform != 'ios'", false),
            ("platform != 'macos'", true),
        ] {
            assert_eq!(holds(text, false), expected, "{text}");
        }
    }

    #[test]
    fn only_a_condition_that_asks_for_the_status_is_true_after_a_failure() {
        for (text, good, bad) in [
            ("branch == 'main'", true, false),
            ("success()", true, false),
            ("failure()", false, true),
            ("always()", true, true),
            ("always() && branch == 'x'", false, false),
            ("failure() && branch == 'main'", false, true),
            ("!success()", false, true),
        ] {
            assert_eq!((holds(text, false), holds(text, true)), (good, bad), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, offset, message) in [
            ("", 0, "the condition is not complete"),
            ("branch = 'main'", 7, "'=' is not expected here"),
            ("branch == main", 10, "'main' is not known"),
            ("branch == 'main", 10, "the quote ' is not closed"),
            ("branch == 'ü' & x", 14, "'&' is not expected here"),
            ("(branch == 'main'", 17, "')' is missing"),
            ("always", 6, "'(' is missing"),
            ("'main'", 0, "a text alone is no condition: compare it"),
            ("branch == 'a' 'b'", 14, "'b' is not expected here"),
            ("branch == == 'a'", 10, "'==' is not expected here"),
            ("secrets.KEY == ''", 0, "'secrets.KEY' is not known"),
        ] {
            let found = Condition::parse(text).unwrap_err();
            assert_eq!((found.offset, found.message.as_str()), (offset, message), "{text}");
        }
        assert!(Condition::parse(&format!("{}always()", "!".repeat(200))).is_err());
        assert!(Condition::parse(&format!("branch == '{}'", "x".repeat(600))).is_err());
    }

    #[test]
    fn the_inputs_it_looks_at_are_known() {
        let condition = Condition::parse("!(inputs.a == 'x') && (inputs.b || branch == inputs.c)").unwrap();
        assert_eq!(condition.inputs(), ["a", "b", "c"]);
        assert_eq!(Condition::parse("matrix.x == inputs.y").unwrap().axes(), ["x"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_evaluated_without_a_panic(text in "[ a-c.'\"=!&|()ü]{0,60}|(always\\(\\)|branch|!|&&|\\|\\||==|'x'|[()]){0,12}") {
            if Condition::parse(&text).is_ok() {
                holds(&text, true);
            }
        }
    }
}
