//! The demo shop over gRPC: what its methods do, and how each fault and its twin show themselves to a client of either side.
#![expect(clippy::unwrap_used, reason = "a test")]

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request};
use prost::Message as _;
use prost_reflect::DynamicMessage;
use straddle::wire::grpc::{is_serving, written};
use straddle::wire::http::Http;
use straddle::wire::{Endpoint, Limits};
use tokio::net::TcpStream;

use super::shop::{Shop, described, method, told};
use crate::support::demo::case;
use crate::support::rpc::message;

/// What a client of `from` hears from its own server, and what from the other's.
async fn check(name: &str, from: &str, call: (&str, &str), own: &[&str], other: &[&str]) {
    let case = Some(case(name));
    let client = described(from, case);
    let to = if from == "old" { "new" } else { "old" };
    for (side, expected) in [(from, own), (to, other)] {
        let outcome = Shop::start(side, case).call(&client, call.0, &[call.1]).await;
        assert_eq!(told(&outcome), expected, "{name}: {call:?} of {from} with {side}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_contract_is_one_of_the_server() {
    let parcel = ("Estimate", "grams: 5000");
    check("number_reused", "old", parcel, &["cents:990,days:2"], &["cents:2450000,days:2"]).await;
    let parcels = ("Estimate", "parcels: 2");
    check("number_reused", "new", parcels, &["cents:980,days:2"], &["cents:490,days:2"]).await;
    let both = ("Estimate", r#"address: "a" locker: "b""#);
    let (kept, lost) = (r#"destination:"b",fallback:"a",cents:490,days:2"#, r#"destination:"b",cents:490,days:2"#);
    check("grpc_oneof_moved", "old", both, &[kept], &[lost]).await;
    let bytes = ("Search", r#"text: "\377""#);
    check("grpc_text_to_bytes", "new", bytes, &[r#"text:"\377""#], &["INTERNAL"]).await;
    let kettle = |how: &str| {
        format!(
            r#"text:"kettle",total:1,hits:[{{id:7,name:"Kettle",cents:4999,availability:{how},tags:["tea","steel"]}}]"#
        )
    };
    let (text, sold_out, number) = (("Search", r#"text: "kettle""#), kettle("AVAILABILITY_SOLD_OUT"), kettle("3"));
    check("enum_widened", "old", text, &[&sold_out], &[&number]).await;
    let backordered = kettle("AVAILABILITY_BACKORDERED");
    let wanted = ("Search", r#"text: "kettle" availability: AVAILABILITY_BACKORDERED"#);
    check("enum_widened", "new", wanted, &[&backordered], &["INVALID_ARGUMENT"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_fine_makes_no_difference() {
    for (name, from, call, said) in [
        ("grpc_number_freed", "old", ("Estimate", r#"colour: "red""#), "cents:490,days:2"),
        ("grpc_oneof_widened", "new", ("Estimate", r#"tin: "t""#), "cents:490,days:2"),
        ("grpc_bytes_added", "new", ("Search", r#"text: "zz" picture: "\377""#), r#"text:"zz""#),
    ] {
        check(name, from, call, &[said], &[said]).await;
    }
    let kettle = r#"text:"kettle",total:1,hits:[{id:7,name:"Kettle",cents:4999,availability:AVAILABILITY_SOLD_OUT,tags:["tea","steel"]}]"#;
    let sold = ("Search", r#"text: "kettle" availability: AVAILABILITY_SOLD_OUT"#);
    check("grpc_enum_aliased", "old", sold, &[kettle], &[kettle]).await;
}

#[test]
fn what_an_http_contract_says_holds_on_the_server() {
    let long = |length: usize| format!(r#"{{"text":"{}"}}"#, "é".repeat(length));
    for (name, target, body, old, new) in [
        ("length_narrowed", "/messages", long(200), 202, 202),
        ("length_narrowed", "/messages", long(201), 202, 422),
        ("length_narrowed", "/messages", long(501), 422, 422),
        ("length_widened", "/messages", long(800), 202, 202),
        ("length_widened", "/messages", long(801), 422, 422),
        ("required_added", "/estimates", "{}".to_owned(), 200, 422),
        ("required_added", "/estimates", r#"{"postcode":"LS1"}"#.to_owned(), 200, 200),
        ("optional_added", "/estimates", "{}".to_owned(), 200, 200),
        ("optional_added", "/estimates", r#"{"postcode":"LS1"}"#.to_owned(), 200, 200),
    ] {
        let status = |side| Shop::start(side, Some(case(name))).ask("POST", target, &body).0;
        assert_eq!((status("old"), status("new")), (old, new), "{name}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_pages_see_the_same_rows() {
    let (shop, pool) = (Shop::start("new", None), described("new", None));
    let picks = ["customer: \"ada\" product: 3 quantity: 2", "customer: \"ada\" product: 1"];
    let filled = told(&shop.call(&pool, "FillBasket", &picks).await);
    let lines = r#"lines:[{product:3,name:"Tea strainer",quantity:2,cents:620},{product:1,name:"Teapot",quantity:1,cents:3490}]"#;
    assert_eq!(filled, [format!(r#"customer:"ada",{lines},total:4730"#)]);
    let placed = shop.call(&pool, "PlaceOrder", &["customer: \"ada\" note: \"ring twice\""]).await;
    let order = &placed.messages[0];
    let text = |name: &str| order.get_field_by_name(name).unwrap().as_str().unwrap().to_owned();
    let asked = format!("customer: \"ada\" id: \"{}\"", text("id"));
    assert_eq!(shop.call(&pool, "GetOrder", &[&asked]).await.messages, placed.messages);
    let (status, parcel) = shop.ask("GET", &format!("/shipments/{}", text("tracking")), "");
    assert_eq!((status, parcel["order"].as_u64()), (200, order.get_field_by_name("number").unwrap().as_u64()));
    let listed = shop.call(&pool, "ListOrders", &["customer: \"grace\""]).await;
    let numbers = listed.messages.iter().map(|order| order.get_field_by_name("number").unwrap().as_u64().unwrap());
    assert_eq!(numbers.collect::<Vec<_>>(), [1001, 1002, 1003]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_says_why_and_leaves_all_as_it_was() {
    let (shop, pool) = (Shop::start("old", None), described("old", None));
    for (name, messages, code, detail) in [
        ("GetProduct", &["id: 99"][..], "NOT_FOUND", "google.rpc.ResourceInfo"),
        ("GetProduct", &["id: 18446744073709551615"], "NOT_FOUND", "google.rpc.ResourceInfo"),
        ("AddToBasket", &["product: 3"], "INVALID_ARGUMENT", "google.rpc.BadRequest"),
        ("AddToBasket", &["customer: \"a\\000b\" product: 3"], "INVALID_ARGUMENT", "google.rpc.BadRequest"),
        (
            "AddToBasket",
            &["customer: \"ada\" product: 3 quantity: 4294967295"],
            "INVALID_ARGUMENT",
            "google.rpc.BadRequest",
        ),
        (
            "FillBasket",
            &["customer: \"ada\" product: 3", "customer: \"ada\" product: 99"],
            "NOT_FOUND",
            "google.rpc.ResourceInfo",
        ),
        ("FillBasket", &[], "INVALID_ARGUMENT", "google.rpc.BadRequest"),
        ("Search", &["availability: 77"], "INVALID_ARGUMENT", "google.rpc.BadRequest"),
        // The basket is empty still.
        ("PlaceOrder", &["customer: \"ada\""], "FAILED_PRECONDITION", "google.rpc.PreconditionFailure"),
    ] {
        let outcome = shop.call(&pool, name, messages).await;
        assert_eq!(told(&outcome), [code], "{name} {messages:?}");
        let shown = outcome.ending.details[0].field("@type").and_then(|kind| kind.as_scalar_text());
        assert_eq!(shown, Some(format!("type.googleapis.com/{detail}").as_str()), "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_serves() {
    let shop = Shop::start("old", None);
    let at = Endpoint::new("127.0.0.1", shop.programs.port());
    assert!(is_serving(&Http::new(), &at, &Limits::default()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_question_is_answered_before_the_next_one_even_while_the_shop_stops() {
    let mut shop = Shop::start("old", None);
    let mut talk = Talk::begin(&shop, None).await;
    assert_eq!(talk.ask(r#"product: 3 quantity: 2 reference: "a""#).await, r#"reference:"a",cents:1240"#);
    shop.stop();
    assert_eq!(talk.ask(r#"product: 99 reference: "b""#).await, r#"reference:"b",refusal:"there is no such product""#);
    assert_eq!(talk.end().await["grpc-status"], "0");
    assert!(shop.ended().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_longer_than_its_caller_waits_has_passed_its_deadline() {
    let shop = Shop::start("old", None);
    // The question never comes.
    let mut talk = Talk::begin(&shop, Some("20m")).await;
    assert_eq!(talk.headers().await["grpc-status"], "4");
}

/// A two-way call, its connection driven beside it.
struct Talk {
    send: SendStream<Bytes>,
    reply: Option<h2::client::ResponseFuture>,
    answers: Option<RecvStream>,
    _connection: SendRequest<Bytes>,
}

impl Talk {
    async fn begin(shop: &Shop, timeout: Option<&str>) -> Self {
        let stream = TcpStream::connect(shop.programs).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let mut client = client.ready().await.unwrap();
        let request = Request::post(format!("http://{}/shop.v1.Shop/Quote", shop.programs));
        let request = request.header("content-type", "application/grpc").header("te", "trailers");
        let request = timeout.into_iter().fold(request, |request, timeout| request.header("grpc-timeout", timeout));
        let (reply, send) = client.send_request(request.body(()).unwrap(), false).unwrap();
        Self { send, reply: Some(reply), answers: None, _connection: client }
    }

    async fn headers(&mut self) -> HeaderMap {
        let (head, answers) = self.reply.take().unwrap().await.unwrap().into_parts();
        self.answers = Some(answers);
        head.headers
    }

    async fn ask(&mut self, question: &str) -> String {
        let pool = described("old", None);
        let bytes = message(&pool, "shop.v1.QuoteRequest", question).encode_to_vec().into();
        self.send.send_data(written([&bytes]), false).unwrap();
        if self.answers.is_none() {
            self.headers().await;
        }
        let data = self.answers.as_mut().unwrap().data().await.unwrap().unwrap();
        let answer = DynamicMessage::decode(method(&pool, "Quote").output(), data.slice(5..)).unwrap();
        answer.to_text_format()
    }

    async fn end(mut self) -> HeaderMap {
        self.send.send_data(Bytes::new(), true).unwrap();
        self.answers.as_mut().unwrap().trailers().await.unwrap().unwrap()
    }
}
