//! Numbers, texts and bytes: the edges of each type, and values at random.
//!
//! Main type: [`Scalar`].

use bytes::Bytes;
use proptest::test_runner::TestRng;
use prost_reflect::{Kind, Value};

use super::chance::{below, bits, one_in, pick};

/// How long a long text is.
const LONG: usize = 4_096;
/// Beyond this an edge is not drawn at random: it would be most of what is sent.
const SHORT: usize = 32;
/// Letters of texts at random: words mostly, and what is longer than a byte.
const PLAIN: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -";
const OTHER: [char; 12] = ['é', 'ß', 'я', 'ي', '日', '語', '😀', '\u{301}', '"', '\\', '\n', '\u{7f}'];

/// A type of single values, and its edges.
pub struct Scalar {
    kind: Kind,
    edges: Vec<Value>,
    short: Vec<Value>,
    finite: bool,
}

impl Scalar {
    /// A type. Whether a zero keeps its sign where it stands, and whether what is no number may stand there.
    pub fn of(kind: Kind, keeps_sign: bool, takes_any_float: bool) -> Self {
        let mut edges = edges(&kind);
        edges.retain(|value| match float(value) {
            Some(0.0) => keeps_sign,
            Some(float) => takes_any_float || float.is_finite(),
            None => true,
        });
        let is_short = |value: &&Value| match value {
            Value::String(text) => text.len() <= SHORT,
            Value::Bytes(bytes) => bytes.len() <= SHORT,
            _ => true,
        };
        let short = edges.iter().filter(is_short).cloned().collect();
        Self { kind, edges, short, finite: !takes_any_float }
    }

    /// Its default.
    pub fn zero(&self) -> Value {
        self.kind.default_value()
    }

    /// What readers may stumble over; zero is not among it.
    pub fn edges(&self) -> &[Value] {
        &self.edges
    }

    /// One at random: an edge in four times.
    pub fn draw(&self, rng: &mut TestRng) -> Value {
        if one_in(rng, 4)
            && let Some(edge) = pick(rng, &self.short)
        {
            return edge.clone();
        }
        match self.kind {
            Kind::Double => Value::F64(real(rng, self.finite)),
            // Rounding a double is as good as any float.
            #[expect(clippy::cast_possible_truncation, reason = "a float at random")]
            Kind::Float => Value::F32(real(rng, true) as f32),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(signed(rng, 32).try_into().unwrap_or_default()),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(signed(rng, 64)),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(sized(rng, 32).try_into().unwrap_or_default()),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(sized(rng, 64)),
            Kind::Bool => Value::Bool(one_in(rng, 2)),
            Kind::Bytes => Value::Bytes(bytes_of(rng)),
            _ => Value::String(text(rng)),
        }
    }
}

/// A number of any length in bits, so that small ones come as often as large ones.
fn sized(rng: &mut TestRng, most: usize) -> u64 {
    let length = below(rng, most + 1);
    if length == 0 { 0 } else { bits(rng) >> (64 - length) }
}

fn signed(rng: &mut TestRng, most: usize) -> i64 {
    let size = i64::try_from(sized(rng, most - 1)).unwrap_or_default();
    if one_in(rng, 3) { -size } else { size }
}

/// Mostly such a number as people write down; of any bits where that is asked for.
fn real(rng: &mut TestRng, plain: bool) -> f64 {
    let any = f64::from_bits(bits(rng));
    // Which of the many that are no number it is, JSON can't tell.
    if !plain && one_in(rng, 4) && !any.is_nan() && any != 0.0 {
        return any;
    }
    #[expect(clippy::cast_precision_loss, reason = "a number at random")]
    let real = signed(rng, 40) as f64 / [1.0, 2.0, 10.0, 100.0][below(rng, 4)];
    // A zero with a sign is not kept everywhere.
    if real == 0.0 { 1.0 } else { real }
}

fn text(rng: &mut TestRng) -> String {
    let length = below(rng, 17);
    let is_plain = !one_in(rng, 4);
    (0..length)
        .map(|_| match pick(rng, &OTHER) {
            Some(other) if !is_plain && one_in(rng, 3) => *other,
            _ => pick(rng, PLAIN).map_or('a', |byte| char::from(*byte)),
        })
        .collect()
}

fn bytes_of(rng: &mut TestRng) -> Bytes {
    let length = below(rng, 25);
    (0..length).map(|_| bits(rng).to_le_bytes()[0]).collect()
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::F32(float) => Some(f64::from(*float)),
        Value::F64(float) => Some(*float),
        _ => None,
    }
}

/// 2^53: up to here a double holds every whole number, and so does JSON where it is read as doubles.
const EXACT: i64 = 1 << 53;

fn edges(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Double => [
            1.0,
            -1.0,
            0.1,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            5e-324,
            f64::EPSILON,
            9_007_199_254_740_991.0,
            9_007_199_254_740_994.0,
            1e21,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
        ]
        .map(Value::F64)
        .to_vec(),
        Kind::Float => [
            1.0,
            -1.0,
            0.1,
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
            1e-45,
            f32::EPSILON,
            16_777_215.0,
            16_777_218.0,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            -0.0,
        ]
        .map(Value::F32)
        .to_vec(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            [1, -1, i32::MAX, i32::MIN, 127, 128, 16_777_217].map(Value::I32).to_vec()
        }
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => [
            1,
            -1,
            i64::MAX,
            i64::MIN,
            EXACT + 1,
            EXACT - 1,
            -EXACT - 1,
            EXACT,
            1 << 31,
            -(1 << 31) - 1,
            1 << 32,
            (1 << 32) + 1,
        ]
        .map(Value::I64)
        .to_vec(),
        Kind::Uint32 | Kind::Fixed32 => [1, u32::MAX, 1 << 31, 127, 128].map(Value::U32).to_vec(),
        Kind::Uint64 | Kind::Fixed64 => [
            1,
            u64::MAX,
            1 << 63,
            EXACT.unsigned_abs() + 1,
            EXACT.unsigned_abs() - 1,
            EXACT.unsigned_abs(),
            1 << 32,
            (1 << 32) + 1,
        ]
        .map(Value::U64)
        .to_vec(),
        Kind::Bool => vec![Value::Bool(true)],
        Kind::Bytes => {
            let all: Vec<u8> = (0..=u8::MAX).collect();
            [&b"abc"[..], &[0], &[0xff, 0xfe], &all, &[0; LONG]].map(|b| Value::Bytes(Bytes::copy_from_slice(b))).into()
        }
        Kind::String => texts().into_iter().map(Value::String).collect(),
        Kind::Enum(_) | Kind::Message(_) => Vec::new(),
    }
}

fn texts() -> Vec<String> {
    let long = "x".repeat(LONG);
    let wide = "語".repeat(LONG / 4);
    let all = [
        "a",
        "é",
        "日本語",
        "😀",
        "e\u{301}",
        "\u{10ffff}",
        " ",
        " a ",
        "0",
        "-1",
        "null",
        "\"\\'",
        "a\tb\r\nc",
        "\0",
        "\u{feff}a",
        "../a?b=c&d#e%",
        "<a href='b'>",
        &long,
        &wide,
    ];
    all.map(str::to_owned).to_vec()
}
