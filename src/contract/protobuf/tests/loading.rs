//! What is read, and what is said of what can't be.

use std::collections::BTreeMap;

use prost::Message;
use prost_reflect::prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet, MessageOptions};

use super::super::load;
use super::{held, one};
use crate::contract::{Source, Tree};

#[track_caller]
fn refused(source: &Source, expected: &str) {
    match load(source) {
        Ok(_) => panic!("read, though {expected}"),
        Err(error) => assert_eq!(error.to_string(), expected),
    }
}

fn bytes(path: &str, bytes: Vec<u8>) -> Source {
    Source { tree: Tree::Held(BTreeMap::from([(path.to_owned(), bytes)])), path: path.to_owned() }
}

fn set(files: Vec<FileDescriptorProto>) -> Vec<u8> {
    FileDescriptorSet { file: files }.encode_to_vec()
}

fn file(name: &str, imports: &[&str]) -> FileDescriptorProto {
    FileDescriptorProto {
        name: Some(name.to_owned()),
        package: Some("a".to_owned()),
        syntax: Some("proto3".to_owned()),
        dependency: imports.iter().map(|import| (*import).to_owned()).collect(),
        message_type: vec![DescriptorProto { name: Some("M".to_owned()), ..Default::default() }],
        ..Default::default()
    }
}

/// The own files of a contract, by the names that imports have for them.
fn files(source: &Source) -> Vec<String> {
    load(source).unwrap().files().map(|file| file.name().to_owned()).collect()
}

#[test]
fn a_wrong_text_is_told_with_file_line_and_column() {
    refused(
        &one("syntax = \"proto3\";\nmessage M {\n  int32 x = ;\n}"),
        "a.proto:3:13: expected an integer, but found ';'",
    );
    refused(
        &one("syntax = \"proto3\";\nimport \"b.proto\";"),
        "a.proto:2:1: `b.proto` is imported and not there: give the folder that holds it too, or a descriptor set with all imports",
    );
    refused(
        &one("edition = \"2023\";\nmessage M {}"),
        "a.proto:1:1: edition `2023` can't be compiled yet: give the FileDescriptorSet of a version in proto2 or proto3 syntax instead, or leave the file out",
    );
    refused(&one("syntax = \"proto3\";\nmessage M { N x = 1; }"), "a.proto:2:13: name 'N' is not defined");
    refused(
        &one("syntax = \"proto3\";\nmessage M { int32 x = 1; int32 y = 1; }"),
        "a.proto:2:36: field number '1' is already used",
    );
}

#[test]
fn a_name_that_two_files_define_is_told_where_it_comes_up_again() {
    let text = "syntax = \"proto3\";\npackage a;\nmessage M {}";
    refused(
        &held(&[("one.proto", text), ("two.proto", text)]),
        "two.proto:3:9: name 'a.M' is already defined in file 'one.proto'",
    );
}

#[test]
fn imports_in_a_circle_are_told() {
    let importing = |name: &str| format!("syntax = \"proto3\";\nimport \"{name}.proto\";");
    let source = held(&[("a.proto", &importing("b")), ("b.proto", &importing("a"))]);
    refused(&source, "b.proto:2:1: importing `a.proto` closes a circle: take what both need into a third file");
}

#[test]
fn a_folder_without_a_contract_is_told() {
    let what = "holds no `.proto` file and not just one descriptor set: give the folder, the `.proto` file or the set";
    refused(&held(&[]), &format!("the folder {what}"));
    refused(&held(&[("readme.md", "hello")]), &format!("the folder {what}"));
    refused(
        &Source { path: "api".to_owned(), ..held(&[("api/readme.md", "hello"), ("x/a.proto", "")]) },
        &format!("`api` {what}"),
    );
    refused(
        &Source { path: "nowhere".to_owned(), ..held(&[("a.proto", "")]) },
        "`nowhere` can't be read: entity not found",
    );
}

#[test]
fn what_is_no_text_and_no_set_is_told() {
    refused(
        &bytes("a.proto", b"syntax = \"proto3\";\n// \xff".to_vec()),
        "a.proto:2:4: the text is not UTF-8: save it as UTF-8, or give a descriptor set with the ending `.fds`",
    );
    let error = load(&bytes("a.fds", b"\xff\xff".to_vec())).unwrap_err().to_string();
    assert!(error.starts_with("a.fds: not a FileDescriptorSet ("), "{error}");
    refused(
        &bytes("a.fds", Vec::new()),
        "a.fds: the FileDescriptorSet holds no file: was it written without an input?",
    );
}

#[test]
fn a_descriptor_set_is_read_by_its_ending_or_by_what_it_holds() {
    for name in ["a.fds", "a.binpb", "a.whatever"] {
        assert_eq!(files(&bytes(name, set(vec![file("shop.proto", &[])]))), ["shop.proto"]);
    }
    // What protobuf itself brings may be left out.
    assert_eq!(files(&bytes("a.fds", set(vec![file("shop.proto", &["google/protobuf/any.proto"])]))), ["shop.proto"]);
    refused(
        &bytes("a.fds", set(vec![file("shop.proto", &["money.proto"])])),
        "a.fds: `shop.proto` imports `money.proto`, which the set lacks: write it with `protoc --include_imports`",
    );
    let edition = FileDescriptorProto { syntax: Some("editions".to_owned()), ..file("shop.proto", &[]) };
    refused(
        &bytes("a.fds", set(vec![edition])),
        "a.fds: `shop.proto` is written in an edition, which can't be read yet: give proto2 or proto3 descriptors, or leave it out",
    );
    refused(
        &bytes("a.fds", set(vec![file("one.proto", &[]), file("two.proto", &[])])),
        "a.fds: name 'a.M' is already defined in file 'one.proto'",
    );
}

#[test]
fn a_damaged_descriptor_set_is_told_and_not_followed() {
    let syntax = FileDescriptorProto { syntax: Some("proto7".to_owned()), ..file("shop.proto", &[]) };
    refused(
        &bytes("a.fds", set(vec![syntax])),
        "a.fds: the syntax of `shop.proto` is none that is known: is the file damaged?",
    );
    let options = Some(MessageOptions { map_entry: Some(true), ..Default::default() });
    let entry = DescriptorProto { name: Some("E".to_owned()), options, ..Default::default() };
    let entry = FileDescriptorProto { message_type: vec![entry], ..file("shop.proto", &[]) };
    refused(
        &bytes("a.fds", set(vec![entry])),
        "a.fds: `E` in `shop.proto` says it is a map's entry and is not: is the file damaged?",
    );
}

#[test]
fn one_file_brings_what_it_imports_and_nothing_else() {
    let tree = held(&[
        ("proto/shop/a.proto", "syntax = \"proto3\"; import \"shop/b.proto\"; import \"google/protobuf/any.proto\";"),
        ("proto/shop/b.proto", "syntax = \"proto3\";"),
        ("proto/shop/broken.proto", "message {"),
    ]);
    let source = Source { path: "proto/shop/a.proto".to_owned(), ..tree };
    assert_eq!(files(&source), ["shop/a.proto", "shop/b.proto"]);
}

#[test]
fn nesting_without_end_is_refused_and_not_followed() {
    let deep = format!("syntax = \"proto3\"; {}{}", "message M { ".repeat(20_000), "}".repeat(20_000));
    assert!(load(&one(&deep)).unwrap_err().to_string().contains("nest"), "not told");
    let options = format!("syntax = \"proto3\"; option (x) = {}{};", "{ a: ".repeat(50_000), "}".repeat(50_000));
    assert!(load(&one(&options)).is_err());
    let chain: Vec<(String, String)> = (0..3_000)
        .map(|at| {
            (format!("f{at}.proto"), format!("syntax = \"proto3\"; import \"f{}.proto\"; message M{at} {{}}", at + 1))
        })
        .chain([("f3000.proto".to_owned(), "syntax = \"proto3\";".to_owned())])
        .collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(files(&held(&chain)).len(), 3_001);
}
