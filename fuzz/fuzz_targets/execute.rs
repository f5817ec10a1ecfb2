//! COM_STMT_EXECUTE: no panic, and what a server gets is what the client sent.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::wire::{
    CapabilityFlags, ExecuteCommand, Execution, Reader, SERVER_CAPABILITIES, put_execute,
    read_parameter,
};

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (placeholders, data) = input;
    let without = SERVER_CAPABILITIES - CapabilityFlags::CLIENT_QUERY_ATTRIBUTES;
    let Ok(command) = ExecuteCommand::decode(&data) else {
        return;
    };
    for client in [SERVER_CAPABILITIES, without] {
        let Ok(bound) = command.parameters(placeholders.into(), client) else {
            continue;
        };
        let Some(types) = bound.types() else {
            continue;
        };
        let types: Vec<_> = types.take(placeholders.into()).collect();
        let mut reader = Reader::new(bound.values);
        for declared in &types {
            if !matches!(read_parameter(&mut reader, *declared), Ok(Some(_))) {
                break;
            }
        }
        let execution = Execution {
            bound,
            types: &types,
            own_values: bound.values.len() - reader.remaining(),
            cursor: false,
        };
        for server in [SERVER_CAPABILITIES, without] {
            let mut out = BytesMut::new();
            put_execute(&mut out, server, 1, &execution);
            let again = ExecuteCommand::decode(&out[1..]).unwrap();
            let again = again.parameters(placeholders.into(), server).unwrap();
            if placeholders > 0 {
                let told: Vec<_> = again.types().unwrap().take(placeholders.into()).collect();
                assert_eq!(told, types);
            }
            assert!(bound.values.starts_with(again.values));
        }
    }
});
