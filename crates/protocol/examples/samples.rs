//! Prints samples for the Java oracle in `tests/java`: one line for each message and version, with
//! its name, version, bytes in hexadecimal, and the names and types of its fields in order.
//!
//! `cargo run -p protocol --example samples [SAMPLES_PER_VERSION]`

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use protocol_codegen::sample::{self, Random};
use protocol_codegen::schema::{Field, Message, Struct, Type};

/// How many samples of every version are printed unless the command line says otherwise.
const SAMPLES_DEFAULT: u64 = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let samples = std::env::args().nth(1).map_or(Ok(SAMPLES_DEFAULT), |text| text.parse())?;
    let mut out = BufWriter::new(io::stdout().lock());
    for message in protocol_codegen::schemas()?.iter().flat_map(|schema| &schema.messages) {
        for version in message.versions.clone() {
            let shape = part_shape(message, &message.structs[0], version);
            for seed in 0..samples {
                let bytes = sample::bytes(message, version, &mut Random::new(seed));
                let mut hex = String::new();
                for byte in bytes {
                    write!(hex, "{byte:02x}")?;
                }
                writeln!(out, "{} {version} {hex}- {shape}", message.name)?;
            }
        }
    }
    Ok(out.flush()?)
}

/// `{name:type,..}`, tagged fields last, each behind its number. Underscores are left out of the
/// names, since Kafka puts them elsewhere around digits.
fn part_shape(message: &Message, part: &Struct, version: i16) -> String {
    let present = part.fields.iter().filter(|field| field.versions.contains(&version));
    let (mut tagged, plain): (Vec<&Field>, Vec<&Field>) =
        present.partition(|field| field.tag.is_some());
    tagged.sort_by_key(|field| field.tag);
    let mut shape = String::from("{");
    for field in plain.into_iter().chain(tagged) {
        if shape.len() > 1 {
            shape.push(',');
        }
        if let Some(tag) = field.tag {
            let _ = write!(shape, "{tag}=");
        }
        let name = field.name.replace('_', "");
        // Kafka 3.9 does not tell of structs and of records whether they may be null.
        let optional =
            field.is_nullable(version) && !matches!(field.kind, Type::Struct(_) | Type::Records);
        let mark = if optional { "?" } else { "" };
        let _ = write!(shape, "{name}:{}{mark}", type_shape(message, &field.kind, version));
    }
    shape.push('}');
    shape
}

fn type_shape(message: &Message, kind: &Type, version: i16) -> String {
    match kind {
        Type::Fixed(fixed) => match fixed.rust {
            "bool" => "boolean".to_owned(),
            "u16" => "uint16".to_owned(),
            "f64" => "float64".to_owned(),
            "Uuid" => "uuid".to_owned(),
            _ => format!("int{}", 8 * fixed.size),
        },
        Type::String => "string".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Records => "records".to_owned(),
        Type::Struct(name) => part_shape(message, message.find(name), version),
        Type::Array(element) => format!("[{}]", type_shape(message, element, version)),
    }
}
