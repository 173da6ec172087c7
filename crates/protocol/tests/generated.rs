//! What is committed is what the generator writes.

#[test]
fn generated_code_is_what_the_schemas_say() {
    protocol_codegen::run(true).unwrap();
}
