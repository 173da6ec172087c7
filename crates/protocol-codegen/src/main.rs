//! Writes the codec; `--check` only compares. `cargo xtask codegen` does the same.

fn main() -> anyhow::Result<()> {
    protocol_codegen::run(std::env::args().any(|argument| argument == "--check"))
}
