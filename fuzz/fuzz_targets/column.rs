//! Column definitions: no panic, reading back, and a renamed schema changes the schema only.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::wire::{ColumnDefinition, rewrite_schema};

fuzz_target!(|data: &[u8]| {
    if let Ok(column) = ColumnDefinition::decode(data) {
        let (mut out, mut renamed) = (BytesMut::new(), BytesMut::new());
        column.encode(&mut out);
        assert_eq!(ColumnDefinition::decode(&out), Ok(column));
        assert_eq!(rewrite_schema(data, column.schema, b"logical", &mut renamed), Ok(true));
        let expected = ColumnDefinition {
            schema: b"logical",
            ..column
        };
        assert_eq!(ColumnDefinition::decode(&renamed), Ok(expected));
    }
});
