//! Requests that are drawn around the description of the API: its routes and members, and what is near
//! them.

use std::{collections::BTreeMap, net::SocketAddr, sync::LazyLock};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderName, HeaderValue, Method, Request, Uri, header},
};
use proptest::{
    collection::{btree_map, vec},
    option::weighted,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};

use super::{Known, SECRET};
use crate::{
    description::operations,
    world::{EMAIL, PASSWORD},
};

const PAGES: [&str; 4] = ["/verify-email", "/reset-password", "/change-email", "/keep-email"];

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let described = serde_json::to_value(fastauth_http::openapi()).unwrap();
    let routes = operations(&described).into_iter();
    let routes = routes.map(|(path, method, operation)| {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let schema = schema.as_str().and_then(|it| described.pointer(it.strip_prefix('#')?));
        let members = schema.and_then(|schema| schema["properties"].as_object());
        let members = members.map(|members| members.keys().cloned().collect());
        Route { method, path, members: members.unwrap_or_default() }
    });
    let page = |path: &str, method| Route { method, path: path.to_owned(), members: Vec::new() };
    let pages = PAGES.iter().flat_map(|path| [Method::GET, Method::POST].map(|it| page(path, it)));
    routes.chain(pages).collect()
});

#[derive(Clone, Debug)]
struct Route {
    method: Method,
    path: String,
    /// What is in a body.
    members: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: Method,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Sent {
    /// The request, from a proxy; `None` if its path is none.
    pub(super) fn request(self) -> Option<Request<Body>> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.path.parse::<Uri>().ok()?;
        request.headers_mut().extend(self.headers);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_711))));
        Some(request)
    }

    pub(super) fn is_for_a_page(&self) -> bool {
        PAGES.iter().any(|page| self.path.starts_with(page))
    }
}

pub(super) fn requests(known: &'static Known) -> impl Strategy<Value = Sent> {
    select(&**ROUTES).prop_flat_map(move |Route { method, path, members }| {
        let other = weighted(0.1, "[A-Z]{1,7}|GET|HEAD|OPTIONS|PUT|PATCH|DELETE|TRACE|POST");
        let drawn = (other, paths(path, known), headers(known), bodies(&members, known));
        drawn.prop_map(move |(other, path, headers, body)| {
            let method = other.map_or_else(|| method.clone(), |other| other.parse().unwrap());
            Sent { method, path, headers, body }
        })
    })
}

/// The path with something in the place of its parameters and perhaps a query, or with something else in
/// it.
fn paths(template: String, known: &'static Known) -> impl Strategy<Value = String> {
    let segment = prop_oneof![select(&*known.ids), Just("admin".to_owned()), "[!-~]{0,9}"];
    let query = "(limit|before|keep_current|token)=([0-9]{1,20}|true|false|[!-~]{0,9})";
    let change = (any::<Index>(), "[!-~]{0,3}|%[0-9A-F]{2}|/|//|\\.\\./");
    (segment, weighted(0.2, query), weighted(0.1, change)).prop_map(
        move |(segment, query, change)| {
            let fill = |part| if str::starts_with(part, '{') { &segment } else { part };
            let mut path = template.split('/').map(fill).collect::<Vec<_>>().join("/");
            path.extend(query.map(|query| format!("?{query}")));
            if let Some((at, other)) = change {
                let at = at.index(path.len());
                path.replace_range(at..=at, &other);
            }
            path
        },
    )
}

/// Mostly those of an administrator who sends JSON; the others say anything.
fn headers(known: &'static Known) -> impl Strategy<Value = Vec<(HeaderName, HeaderValue)>> {
    let names = [
        header::ACCEPT_LANGUAGE,
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::FORWARDED,
        header::ORIGIN,
        header::USER_AGENT,
        HeaderName::from_static("x-forwarded-for"),
        HeaderName::from_static("x-request-id"),
    ];
    let usual = [
        "",
        "Bearer x",
        "Basic dXNlcjp3b3Jk",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-8",
        "for=192.0.2.7;proto=https, for=\"[2001:db8::7]:80\";by=_x",
        "203.0.113.7, unknown, 10.0.0.1:80",
        "de-AT, *;q=0.5, en;q=0",
        "https://example.com",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ];
    let bytes = vec(any::<u8>(), 0..40);
    let odd = bytes.prop_filter_map("no value", |bytes| HeaderValue::from_bytes(&bytes).ok());
    let value = prop_oneof![2 => select(usual.map(HeaderValue::from_static).to_vec()), 1 => odd];
    let bearer: HeaderValue = format!("Bearer {}", known.admin).parse().unwrap();
    let bearer = weighted(0.8, Just((header::AUTHORIZATION, bearer)));
    let json = HeaderValue::from_static("application/json");
    let json = weighted(0.8, Just((header::CONTENT_TYPE, json)));
    // Of two headers of a name the first counts.
    (bearer, json, vec((select(names.to_vec()), value), 0..5))
        .prop_map(|(bearer, json, others)| bearer.into_iter().chain(json).chain(others).collect())
}

/// Mostly the members that are described, whole or cut off; or a form; or anything.
fn bodies(members: &[String], known: &'static Known) -> impl Strategy<Value = Vec<u8>> + use<> {
    let member = |name: &String| weighted(0.9, (Just(name.clone()), values(name, known)));
    let object = members.iter().map(member).collect::<Vec<_>>().prop_map(|members| {
        json!(members.into_iter().flatten().collect::<BTreeMap<_, _>>()).to_string()
    });
    let cut = (object.clone(), any::<Index>()).prop_map(|(text, at)| {
        text.into_bytes().into_iter().take(at.index(400)).collect::<Vec<u8>>()
    });
    let token = select(&*known.tokens);
    let form = (token, "[!-~]{0,9}").prop_map(|(token, text)| {
        format!("token={token}&new_password={SECRET}{text}&{text}={text}")
    });
    prop_oneof![
        8 => object.prop_map(String::into_bytes),
        1 => cut,
        1 => form.prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// What a member should be, or something else. No password is anywhere else than where one should be.
fn values(name: &str, known: &'static Known) -> BoxedStrategy<Value> {
    if name.contains("password") {
        let text = any::<String>().prop_map(|text| format!("{SECRET}{text}"));
        let texts = vec(text.clone(), 0..3).prop_map(Value::from);
        let text = text.prop_map(Value::from);
        return prop_oneof![4 => Just(json!(PASSWORD)), 3 => text, 1 => texts].boxed();
    }
    let right = match name {
        "email" | "new_email" => vec![json!(EMAIL), json!("new@example.com")],
        "token" | "refresh_token" => known.tokens.iter().map(|it| json!(it)).collect(),
        "user_id" => vec![json!(known.ids[0])],
        "name" | "role_name" => vec![json!("admin"), json!("editor")],
        "permissions" => vec![json!(["posts:edit"]), json!(["*:*", "roles:manage"])],
        "image" => vec![json!("https://example.com/a.png")],
        _ => vec![json!(true), json!(false)],
    };
    let one = prop_oneof![
        3 => any::<String>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let several = vec(one.clone(), 0..4).prop_map(Value::from);
    let object = btree_map("[a-z]{0,3}", one.clone(), 0..2).prop_map(|it| json!(it));
    prop_oneof![8 => select(right), 2 => one, 1 => several, 1 => object].boxed()
}
