//! The SDK's client, as it is set up here.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::{
    Client,
    config::{
        self, SharedHttpClient, StalledStreamProtectionConfig, retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
use aws_smithy_async::time::TimeSource;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use fastauth_ports::clock::Clock;

use crate::Options;

/// What AWS's tools would find.
pub(crate) async fn load(region: Option<String>, clock: Arc<dyn Clock>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https())
        .time_source(ClockOfPort(clock));
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    loader.load().await
}

/// A client that tries once, and does not wait for ever.
pub(crate) fn client(config: &SdkConfig, options: &Options, clock: Arc<dyn Clock>) -> Client {
    let patience = options.patience;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(patience.to_connect)
        .operation_timeout(patience.to_hand_over)
        .build();
    let mut config = config::Builder::from(config)
        .http_client(https())
        .time_source(ClockOfPort(clock))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        // The mail is small, and the time limit covers all of it.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(region) = &options.region {
        config = config.region(Region::new(region.clone()));
    }
    if let Some(url) = &options.endpoint_url {
        config = config.endpoint_url(url.as_str());
    }
    Client::from_conf(config.build())
}

/// Requests over TLS with ring, and in the open where a URL says so. Redirects are not followed.
pub(crate) fn https() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// Requests are signed with the time.
struct ClockOfPort(Arc<dyn Clock>);

impl TimeSource for ClockOfPort {
    fn now(&self) -> SystemTime {
        let micros = u64::try_from(self.0.now().unix_micros()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
    }
}

impl fmt::Debug for ClockOfPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClockOfPort").finish_non_exhaustive()
    }
}
