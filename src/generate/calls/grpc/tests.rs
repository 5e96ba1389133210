//! Which method goes first, and what it gives.

use std::collections::BTreeMap;

use super::{Method, methods};
use crate::contract::protobuf::{Schema, load};
use crate::contract::{Source, Tree};

fn schema(text: &str) -> Schema {
    let files =
        BTreeMap::from([("a.proto".to_owned(), format!("syntax = \"proto3\";\npackage a;\n{text}").into_bytes())]);
    load(&Source { tree: Tree::Held(files), path: String::new() }).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn found(text: &str) -> Vec<Method> {
    let schema = schema(text);
    methods(&schema.pool, schema.files())
}

/// The methods in their order, each with its links.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = found(text);
    let lines: Vec<String> = found
        .iter()
        .map(|method| {
            let links = method.takes.iter().map(|link| {
                let from = found.get(link.from.0).map_or("?", |from| from.descriptor.name());
                format!(" {} = {from}.{}", link.at, link.from.1)
            });
            format!("{}{}", method.descriptor.name(), links.collect::<String>())
        })
        .collect();
    assert_eq!(lines, expected, "{text}");
}

const ORDERS: &str = "
message Order { string id = 1; string customer_id = 2; string name = 3; }
message CreateOrderRequest { string customer_id = 1; string name = 2; }
message GetOrderRequest { string order_id = 1; }
message DeleteOrderRequest { string id = 1; }
message Empty {}
message ListOrdersReply { repeated Order orders = 1; }
";

#[test]
fn what_makes_a_thing_comes_before_what_reads_it_and_what_removes_it_last() {
    check(
        &format!("{ORDERS} service S {{ rpc DeleteOrder(DeleteOrderRequest) returns (Empty); rpc GetOrder(GetOrderRequest) returns (Order);
            rpc ListOrders(Empty) returns (ListOrdersReply); rpc CreateOrder(CreateOrderRequest) returns (Order); }}"),
        &[
            "CreateOrder",
            "ListOrders",
            "GetOrder order_id = CreateOrder.id",
            "DeleteOrder id = CreateOrder.id",
        ],
    );
}

#[test]
fn without_a_maker_a_list_gives() {
    check(
        &format!(
            "{ORDERS} service S {{ rpc GetOrder(GetOrderRequest) returns (Order); rpc ListOrders(Empty) returns (ListOrdersReply); }}"
        ),
        &["ListOrders", "GetOrder order_id = ListOrders.orders[0].id"],
    );
}

#[test]
fn things_of_another_service_are_found() {
    check(
        "message User { int64 id = 1; } message Empty {} message Order { int64 id = 1; int64 user_id = 2; }
         message New { int64 user_id = 1; } service Orders { rpc Place(New) returns (Order); } service Users { rpc Create(Empty) returns (User); }",
        &["Create", "Place user_id = Create.id"],
    );
}

#[test]
fn a_name_of_something_else_is_no_link() {
    check(
        "message Book { string name = 1; } message Shelf { string name = 1; } message Title { string name = 1; } message Empty {}
         service S { rpc CreateShelf(Empty) returns (Shelf); rpc GetBook(Title) returns (Book); }",
        &["CreateShelf", "GetBook"],
    );
    check(
        "message Book { string name = 1; } message Title { string name = 1; } message Update { Book book = 1; } message Empty {}
         service S { rpc UpdateBook(Update) returns (Book); rpc GetBook(Title) returns (Book); rpc CreateBook(Empty) returns (Book); }",
        &["CreateBook", "GetBook name = CreateBook.name", "UpdateBook book.name = CreateBook.name"],
    );
}

#[test]
fn a_value_of_another_type_is_no_link() {
    check(
        "message Order { int64 id = 1; } message Get { string order_id = 1; } message Empty {}
         service S { rpc CreateOrder(Empty) returns (Order); rpc GetOrder(Get) returns (Order); }",
        &["CreateOrder", "GetOrder"],
    );
}

#[test]
fn an_envelope_speaks_of_what_its_method_is_about() {
    check(
        "message CreateOrderReply { string id = 1; } message Get { string order_id = 1; } message Order {} message Empty {}
         service S { rpc GetOrder(Get) returns (Order); rpc CreateOrder(Empty) returns (CreateOrderReply); }",
        &["CreateOrder", "GetOrder order_id = CreateOrder.id"],
    );
}

#[test]
fn methods_that_need_each_other_have_an_order_all_the_same() {
    check(
        "message A { string a_id = 1; string b_id = 2; } service S { rpc One(A) returns (A); rpc Two(A) returns (A); }",
        &["One", "Two a_id = One.a_id b_id = One.b_id"],
    );
}

#[test]
fn a_method_of_a_message_that_holds_itself_can_be_shown() {
    let found = found(
        "message Tree { repeated Tree trees = 1; string tree_id = 2; } message Get { Tree tree = 1; }
         service S { rpc CreateTree(Get) returns (Tree); rpc GetTree(Get) returns (Tree); }",
    );
    assert_eq!(format!("{found:?}"), "[a.S.CreateTree([]), a.S.GetTree([tree.tree_id = 0:tree_id])]");
}

#[test]
fn health_and_reflection_are_no_part_of_it() {
    let schema = schema("message E {} service S { rpc A(E) returns (E); }");
    let mut pool = schema.pool.clone();
    let service = |package: &str| {
        let text = format!(
            "syntax = \"proto3\";\npackage {package};\nmessage E {{}} service H {{ rpc Check(E) returns (E); }}"
        );
        let files = BTreeMap::from([(format!("{package}.proto"), text.into_bytes())]);
        load(&Source { tree: Tree::Held(files), path: String::new() }).unwrap_or_else(|e| panic!("{e}")).pool
    };
    for package in ["grpc.health.v1", "grpc.reflection.v1alpha", "grpc.healthy"] {
        pool.add_file_descriptor_protos(service(package).file_descriptor_protos().cloned()).unwrap();
    }
    let all: Vec<_> = pool.files().collect();
    let names = |methods: Vec<Method>| -> Vec<String> {
        methods.iter().map(|method| method.descriptor.full_name().to_owned()).collect()
    };
    assert_eq!(names(methods(&pool, all)), ["a.S.A", "grpc.healthy.H.Check"]);
    assert_eq!(names(methods(&pool, schema.files())), ["a.S.A"]);
}

#[test]
fn a_field_that_is_called_as_a_thing_takes_its_id() {
    check(
        "message Product { uint64 id = 1; string name = 2; } message Products { repeated Product hits = 1; } message Empty {}
         message Pick { string customer = 1; uint64 product = 2; }
         service S { rpc AddToBasket(Pick) returns (Empty); rpc Search(Empty) returns (Products); }",
        &["Search", "AddToBasket product = Search.hits[0].id"],
    );
}
