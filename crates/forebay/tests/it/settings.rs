//! Configurations as one would write them.

use std::net::SocketAddr;

use simulator::{Authentication, Simulator, SimulatorSettings};

/// The model that the provider serves.
pub(crate) const MODEL: &str = "sim";
/// Micro-dollars of one token, so that a cost is a sum of whole amounts. Output is dear: what a
/// request may write at most is most of what is reserved for it.
pub(crate) const INPUT_PRICE: u64 = 1;
pub(crate) const OUTPUT_PRICE: u64 = 1_000;

/// A provider that asks for no key.
pub(crate) async fn simulator() -> Simulator {
    let authentication = Authentication::Open;
    Simulator::start(SimulatorSettings { authentication, ..SimulatorSettings::default() })
        .await
        .unwrap()
}

/// A gateway on any free port in front of one provider, with more money than a test spends.
pub(crate) fn with_provider(simulator: SocketAddr) -> toml::Table {
    let text = format!(
        r#"
chain = ["local"]

[server]
listen = "127.0.0.1:0"

[budget]
developer_limit_usd = "1000000"

[cache]

[log]

[resilience]

[providers.local]
base_url = "http://{simulator}/v1"
allow_plain_http = true
allow_private_addresses = true
serves = ["{MODEL}"]

[[prices]]
provider = "local"
model = "{MODEL}"
input_usd = "{INPUT_PRICE}"
output_usd = "{OUTPUT_PRICE}"
"#
    );
    text.parse().unwrap()
}

/// Sets one option of a section that [`with_provider`] has.
pub(crate) fn set(
    settings: &mut toml::Table,
    section: &str,
    option: &str,
    value: impl Into<toml::Value>,
) {
    let section = settings[section].as_table_mut().unwrap();
    section.insert(option.to_owned(), value.into());
}
