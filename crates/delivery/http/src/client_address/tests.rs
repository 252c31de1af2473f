use axum::http::HeaderValue;
use proptest::prelude::*;

use super::*;

const PROXY: &str = "10.0.0.1";

/// Whom a peer of these headers speaks for, where `10.0.0.0/8` and `2001:db8:ffff::/48` are trusted.
fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let proxies: TrustedProxies = "10.0.0.0/8, 2001:db8:ffff::/48".parse().unwrap();
    proxies.client(peer.parse().unwrap(), &map).to_string()
}

fn through(hops: &str) -> String {
    client(PROXY, &[("x-forwarded-for", hops)])
}

fn forwarded(line: &str) -> String {
    client(PROXY, &[("forwarded", line)])
}

#[test]
fn nobody_but_a_trusted_proxy_is_believed() {
    for name in ["x-forwarded-for", "forwarded"] {
        let headers = [(name, if name == "forwarded" { "for=192.0.2.7" } else { "192.0.2.7" })];
        assert_eq!(client("203.0.113.9", &headers), "203.0.113.9");
        assert_eq!(client(PROXY, &headers), "192.0.2.7");
    }
    assert_eq!(client(PROXY, &[]), PROXY);
}

#[test]
fn the_nearest_hop_that_is_no_proxy_is_the_client() {
    assert_eq!(through("192.0.2.7"), "192.0.2.7");
    assert_eq!(through("198.51.100.1, 192.0.2.7, 10.2.3.4, 2001:db8:ffff::1"), "192.0.2.7");
    let two = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "192.0.2.7,10.2.3.4")];
    assert_eq!(client(PROXY, &two), "192.0.2.7");
    assert_eq!(through("10.9.9.9, 10.2.3.4"), "10.9.9.9", "proxies all the way");
}

#[test]
fn what_a_client_wrote_before_its_own_address_is_not_even_read() {
    for lie in ["198.51.100.1", "10.0.0.7", "nonsense", "\"", "", ",,", "for=;"] {
        assert_eq!(through(&format!("{lie}, 192.0.2.7")), "192.0.2.7", "{lie:?}");
    }
}

#[test]
fn what_cannot_be_read_counts_as_the_peer() {
    for hops in ["", ",", "unknown", "192.0.2.7,", "192.0.2", "192.0.2.7 198.51.100.1", "é", "[::1"]
    {
        assert_eq!(through(hops), PROXY, "{hops:?}");
    }
    assert_eq!(through("192.0.2.7, unknown, 10.2.3.4"), PROXY);
}

#[test]
fn addresses_have_several_spellings() {
    assert_eq!(through("192.0.2.7:4711"), "192.0.2.7");
    assert_eq!(through("2001:db8::7"), "2001:db8::7");
    assert_eq!(through("[2001:DB8::7]"), "2001:db8::7");
    assert_eq!(through("[2001:db8::7]:4711"), "2001:db8::7");
    assert_eq!(through("::ffff:192.0.2.7"), "192.0.2.7");
    assert_eq!(through("192.0.2.7, ::ffff:10.2.3.4"), "192.0.2.7", "an IPv4 proxy as IPv6");
}

#[test]
fn the_standard_header_is_read_as_rfc_7239_has_it() {
    for line in [
        "for=192.0.2.7",
        "For=\"192.0.2.7:4711\";proto=https;by=10.0.0.1",
        "for=198.51.100.1, proto=https;for=192.0.2.7 , for=10.2.3.4",
        "for=_hidden, for=\"[2001:db8::1]\",for=192.0.2.7",
        "host=\"a, for=198.51.100.1\";for=192.0.2.7",
        "for=\"192\\.0.2.7\"",
    ] {
        assert_eq!(forwarded(line), "192.0.2.7", "{line:?}");
    }
    assert_eq!(forwarded("for=\"[2001:db8::7]:80\""), "2001:db8::7");
    assert_eq!(forwarded("for=[2001:db8::7]"), "2001:db8::7", "without quotation marks");
}

#[test]
fn a_standard_header_that_is_not_right_counts_as_the_peer() {
    for line in [
        "",
        "192.0.2.7",
        "for=",
        "for=unknown",
        "for=_secret",
        "proto=https",
        "for=192.0.2.7;for=192.0.2.8",
        "for=\"192.0.2.7",
        "for=192.0.2.7,",
        "for=192.0.2.7 for=192.0.2.8",
        "for=\"192.0.2.7\"x",
        "=192.0.2.7",
        "f r=192.0.2.7",
    ] {
        assert_eq!(forwarded(line), PROXY, "{line:?}");
    }
}

#[test]
fn a_quotation_that_a_client_left_open_does_not_hide_what_a_proxy_added() {
    for added in ["for=192.0.2.7", "for=\"192.0.2.7\"", "for=\"[2001:db8::7]:80\";by=\"[::1]\""] {
        for lie in ["for=198.51.100.1;x=\"", "for=\"198.51.100.1", "for=198.51.100.1;x=\"\\"] {
            let told = forwarded(&format!("{lie}, {added}"));
            assert_ne!(told, "198.51.100.1", "{lie} {added}");
        }
    }
}

#[test]
fn two_headers_that_contradict_each_other_are_both_left_out() {
    let both =
        |standard| client(PROXY, &[("x-forwarded-for", "192.0.2.7"), ("forwarded", standard)]);
    assert_eq!(both("for=192.0.2.7"), "192.0.2.7");
    assert_eq!(both("for=198.51.100.1"), PROXY);
    assert_eq!(both("nonsense"), PROXY);
}

#[test]
fn proxies_are_addresses_and_networks() {
    let proxies: TrustedProxies = "10.1.2.3/8,::ffff:192.168.0.0/112, 2001:db8::1".parse().unwrap();
    for (address, is_trusted) in [
        ("10.200.0.1", true),
        ("192.168.255.255", true),
        ("192.169.0.1", false),
        ("2001:db8::1", true),
        ("2001:db8::2", false),
    ] {
        assert_eq!(proxies.trusts(address.parse().unwrap()), is_trusted, "{address}");
    }
    assert!(!TrustedProxies::default().trusts("127.0.0.1".parse().unwrap()));
    for everybody in ["0.0.0.0/0", "10.0.0.0/8, ::/0", "::ffff:0:0/96"] {
        assert_eq!(everybody.parse::<TrustedProxies>(), Err(InvalidNetwork::Everybody));
    }
    for text in ["", "10.0.0.0/33", "10.0.0", "proxy.example.com", "10.0.0.1,", "10.0.0.1;10.0.0.2"]
    {
        assert_eq!(text.parse::<TrustedProxies>(), Err(InvalidNetwork::Unreadable), "{text:?}");
    }
}

/// What somebody may write into a header: any octets, and what looks like the real thing.
fn headers() -> impl Strategy<Value = HeaderMap> {
    let hop = prop_oneof![
        "[0-9]{1,3}(\\.[0-9]{1,3}){3}(:[0-9]{1,5})?",
        "\\[?[0-9a-f:]{2,20}\\]?(:[0-9]{1,5})?",
        "(for|by|proto|For)=\"?[\\[\\]0-9a-f.:_\\\\;]{0,20}\"?",
    ];
    let line = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::collection::vec(hop, 0..5).prop_map(|hops| hops.join(", ").into_bytes()),
    ];
    let name = prop_oneof![Just("x-forwarded-for"), Just("forwarded")];
    prop::collection::vec((name, line), 0..4).prop_map(|lines| {
        let mut map = HeaderMap::new();
        for (name, line) in lines {
            // Some octets are none that a header may have.
            let Ok(line) = HeaderValue::from_bytes(&line) else { continue };
            map.append(name, line);
        }
        map
    })
}

fn trusting(text: &str) -> TrustedProxies {
    text.parse().unwrap()
}

proptest! {
    #[test]
    fn whatever_strangers_write_they_are_whom_they_connect_as(headers in headers()) {
        let stranger = "203.0.113.9".parse().unwrap();
        prop_assert_eq!(trusting("10.0.0.0/8").client(stranger, &headers), stranger);
    }

    #[test]
    fn whatever_came_before_a_client_is_whom_the_nearest_proxy_names(mut headers in headers()) {
        let client: IpAddr = "192.0.2.7".parse().unwrap();
        let named =
            |headers: &HeaderMap| trusting("10.0.0.0/8").client(PROXY.parse().unwrap(), headers);
        named(&headers);
        headers.remove("forwarded");
        headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.7"));
        prop_assert_eq!(named(&headers), client);
        headers.append("forwarded", HeaderValue::from_static("for=192.0.2.7"));
        prop_assert_eq!(named(&headers), client);
    }

    #[test]
    fn a_line_that_a_proxy_added_to_names_the_client_or_nobody(line in "[ -~]{0,40}") {
        prop_assert_eq!(through(&format!("{line}, 192.0.2.7")), "192.0.2.7");
        let named = forwarded(&format!("{line}, for=192.0.2.7"));
        prop_assert!(named == "192.0.2.7" || named == PROXY, "{}", named);
    }
}
