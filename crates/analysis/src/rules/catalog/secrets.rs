//! Rules about secrets: shapes that the issuers of keys publish, and keys given to names that say
//! so.

use crate::rules::checks::secrets::{assigned, random, settled};
use crate::rules::rule::{Check, Rule, Secret};
use crate::{Category, Severity};

const SUGGESTION: &str = "Revoke it, then remove it, also from the history.";

const fn secret(
    id: &'static str,
    description: &'static str,
    bad: &'static [&'static str],
    shape: Secret,
) -> Rule {
    Rule {
        id,
        category: Category::Safety,
        severity: Severity::Error,
        description,
        suggestion: SUGGESTION,
        good: &["The key is kept elsewhere, as task-skip-key-1 of the list says.\n"],
        bad,
        check: Check::Secret(shape),
    }
}

const fn shape(
    name: &'static str,
    literals: &'static [&'static str],
    pattern: &'static str,
) -> Secret {
    Secret { name, literals, before: 0, pattern, guard: random }
}

pub(super) const RULES: &[Rule] = &[
    secret(
        "private-key",
        "A private key stands in the text.",
        &["-----BEGIN <0 alnum>PRIVATE KEY-----\n<64 base64>\n"],
        Secret {
            guard: settled,
            ..shape(
                "a private key",
                &["-----BEGIN "],
                "-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----",
            )
        },
    ),
    secret(
        "json-web-token",
        "A JSON Web Token stands in the text; it may let its finder in.",
        &["eyJ<30 alnum>.eyJ<60 alnum>.<43 alnum>\n"],
        shape(
            "a JSON Web Token",
            &["eyJ"],
            r"eyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,200}\.(?P<key>[A-Za-z0-9_-]{20,90})",
        ),
    ),
    secret(
        "secret-aws",
        "An access key of AWS stands in the text.",
        &["AKIA<16 base32>\n"],
        shape(
            "an access key of AWS",
            &["AKIA", "ASIA", "ABIA", "ACCA"],
            "A(?:KIA|SIA|BIA|CCA)(?P<key>[A-Z0-9]{16})",
        ),
    ),
    secret(
        "secret-aws-key",
        "A secret access key of AWS stands in the text.",
        &["aws_secret_access_key = <40 base64>\n"],
        shape(
            "a secret access key of AWS",
            &["aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey"],
            r#"(?i-u:aws_secret_access_key|SecretAccessKey)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?P<key>[A-Za-z0-9/+]{40})"#,
        ),
    ),
    secret(
        "secret-github",
        "A token of GitHub stands in the text.",
        &["ghp_<36 alnum>\n", "ghs_<36 alnum>\n", "github_pat_<22 alnum>_<59 alnum>\n"],
        shape(
            "a token of GitHub",
            &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
            "(?:gh[pousr]_(?P<key>[A-Za-z0-9]{36,251})|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})",
        ),
    ),
    secret(
        "secret-gitlab",
        "A token of GitLab stands in the text.",
        &["glpat-<20 alnum>\n"],
        shape(
            "a token of GitLab",
            &["glpat-", "gldt-", "glrt-", "glptt-"],
            "gl(?:pat|dt|rt|ptt)-(?P<key>[A-Za-z0-9_-]{20,60})",
        ),
    ),
    secret(
        "secret-slack",
        "A token or a hook of Slack stands in the text.",
        &[
            "xoxb-<12 digits>-<12 digits>-<24 alnum>\n",
            "https://hooks.slack.com/services/T<10 upper>/B<10 upper>/<24 alnum>\n",
        ],
        shape(
            "a token of Slack",
            &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-", "hooks.slack.com/services/"],
            "(?:xox[bpars]-(?:[0-9]{8,14}-){1,3}(?P<key>[A-Za-z0-9]{16,64})|xapp-[0-9]-[A-Za-z0-9-]{30,160}|hooks.slack.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{20,26})",
        ),
    ),
    secret(
        "secret-stripe",
        "A live key of Stripe stands in the text.",
        &["sk_live_<24 alnum>\n", "rk_live_<99 alnum>\n"],
        shape(
            "a live key of Stripe",
            &["sk_live_", "rk_live_"],
            "[sr]k_live_(?P<key>[A-Za-z0-9]{16,120})",
        ),
    ),
    secret(
        "secret-google",
        "A key of Google's services stands in the text.",
        &["AIza<35 alnum>\n", "GOCSPX-<28 alnum>\n"],
        shape(
            "a key of Google's services",
            &["AIza", "GOCSPX-"],
            "(?:AIza(?P<key>[A-Za-z0-9_-]{35})|GOCSPX-[A-Za-z0-9_-]{28})",
        ),
    ),
    secret(
        "secret-openai",
        "A key of OpenAI stands in the text.",
        &["sk-proj-<74 alnum>\n", "sk-<20 alnum>T3BlbkFJ<20 alnum>\n"],
        shape(
            "a key of OpenAI",
            &["sk-"],
            "sk-(?:(?:proj|svcacct|admin)-(?P<key>[A-Za-z0-9_-]{40,200})|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|[A-Za-z0-9]{48})",
        ),
    ),
    secret(
        "secret-anthropic",
        "A key of Anthropic stands in the text.",
        &["sk-ant-api03-<93 alnum>AA\n"],
        shape(
            "a key of Anthropic",
            &["sk-ant-"],
            "sk-ant-[a-z]{3,8}[0-9]{2}-(?P<key>[A-Za-z0-9_-]{80,120})",
        ),
    ),
    secret(
        "secret-npm",
        "A token of npm stands in the text.",
        &["npm_<36 alnum>\n"],
        shape("a token of npm", &["npm_"], "npm_(?P<key>[A-Za-z0-9]{36})"),
    ),
    secret(
        "secret-pypi",
        "A token of PyPI stands in the text.",
        &["pypi-AgEIcHlwaS5vcmc<70 alnum>\n"],
        shape(
            "a token of PyPI",
            &["pypi-AgE"],
            "pypi-AgE[A-Za-z0-9]{9,14}(?P<key>[A-Za-z0-9_-]{50,200})",
        ),
    ),
    secret(
        "secret-sendgrid",
        "A key of SendGrid stands in the text.",
        &["SG.<22 alnum>.<43 alnum>\n"],
        shape("a key of SendGrid", &["SG."], r"SG\.[A-Za-z0-9_-]{22}\.(?P<key>[A-Za-z0-9_-]{43})"),
    ),
    secret(
        "secret-twilio",
        "A key of Twilio stands in the text.",
        &["SK<32 hex>\n"],
        shape(
            "a key of Twilio",
            &[
                "SK0", "SK1", "SK2", "SK3", "SK4", "SK5", "SK6", "SK7", "SK8", "SK9", "SKa", "SKb",
                "SKc", "SKd", "SKe", "SKf",
            ],
            "SK(?P<key>[0-9a-f]{32})",
        ),
    ),
    secret(
        "secret-azure",
        "A key of Azure's storage stands in the text.",
        &["DefaultEndpointsProtocol=https;AccountKey=<86 base64>==\n"],
        shape(
            "a key of Azure's storage",
            &["AccountKey="],
            "AccountKey=(?P<key>[A-Za-z0-9/+]{86}==)",
        ),
    ),
    secret(
        "secret-digitalocean",
        "A token of DigitalOcean stands in the text.",
        &["dop_v1_<64 hex>\n"],
        shape(
            "a token of DigitalOcean",
            &["dop_v1_", "doo_v1_", "dor_v1_"],
            "do[por]_v1_(?P<key>[0-9a-f]{64})",
        ),
    ),
    secret(
        "secret-huggingface",
        "A token of Hugging Face stands in the text.",
        &["hf_<34 alnum>\n"],
        shape("a token of Hugging Face", &["hf_"], "hf_(?P<key>[A-Za-z0-9]{34,40})"),
    ),
    secret(
        "secret-telegram",
        "A token of a Telegram bot stands in the text.",
        &["<10 digits>:AA<33 alnum>\n"],
        Secret {
            before: 10,
            ..shape(
                "a token of a Telegram bot",
                &[":AA"],
                "[0-9]{8,10}:AA(?P<key>[A-Za-z0-9_-]{33})",
            )
        },
    ),
    secret(
        "secret-discord",
        "A hook of Discord stands in the text.",
        &["https://discord.com/api/webhooks/<18 digits>/<68 alnum>\n"],
        shape(
            "a hook of Discord",
            &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
            r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/(?P<key>[A-Za-z0-9_-]{60,80})",
        ),
    ),
    secret(
        "secret-mailgun",
        "A key of Mailgun stands in the text.",
        &["key-<32 hex>\n"],
        shape("a key of Mailgun", &["key-"], "key-(?P<key>[0-9a-f]{32})"),
    ),
    secret(
        "secret-shopify",
        "A token of Shopify stands in the text.",
        &["shpat_<32 hex>\n"],
        shape(
            "a token of Shopify",
            &["shpat_", "shpca_", "shppa_", "shpss_"],
            "shp(?:at|ca|pa|ss)_(?P<key>[0-9a-fA-F]{32})",
        ),
    ),
    secret(
        "secret-heroku",
        "A key of Heroku stands in the text.",
        &["HEROKU_API_KEY=<8 hex>-<4 hex>-<4 hex>-<4 hex>-<12 hex>\n"],
        shape(
            "a key of Heroku",
            &["HEROKU_API_KEY", "heroku_api_key"],
            r#"(?i-u:heroku_api_key)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?P<key>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"#,
        ),
    ),
    secret(
        "secret-databricks",
        "A token of Databricks stands in the text.",
        &["dapi<32 hex>\n"],
        shape("a token of Databricks", &["dapi"], "dapi(?P<key>[0-9a-f]{32})"),
    ),
    secret(
        "secret-grafana",
        "A token of Grafana stands in the text.",
        &["glsa_<32 alnum>_<8 hex>\n"],
        shape("a token of Grafana", &["glsa_"], "glsa_(?P<key>[A-Za-z0-9]{32}_[0-9a-fA-F]{8})"),
    ),
    secret(
        "secret-vault",
        "A token of Vault stands in the text.",
        &["hvs.<90 alnum>\n"],
        shape("a token of Vault", &["hvs."], r"hvs\.(?P<key>[A-Za-z0-9_-]{24,200})"),
    ),
    secret(
        "secret-url-password",
        "An address holds a password.",
        &["postgres://admin:<20 alnum>@db.host.net/base\n"],
        Secret {
            before: 0,
            ..shape(
                "a password in an address",
                &["://"],
                r"://[A-Za-z0-9._%-]{1,64}:(?P<key>[A-Za-z0-9!$%&*+,;=._~-]{12,100})@[A-Za-z0-9.-]{3,200}",
            )
        },
    ),
    secret(
        "secret-assigned",
        "A value that looks random is given to a name such as password, token or key.",
        &["password = \"<32 alnum>\"\n", "API_KEY=<40 alnum>\n", "client_secret: '<40 hex>'\n"],
        Secret {
            guard: assigned,
            ..shape(
                "a value that looks like a secret",
                &[
                    "password",
                    "Password",
                    "PASSWORD",
                    "passwd",
                    "PASSWD",
                    "secret",
                    "Secret",
                    "SECRET",
                    "token",
                    "Token",
                    "TOKEN",
                    "api_key",
                    "apikey",
                    "apiKey",
                    "api-key",
                    "API_KEY",
                    "APIKEY",
                    "access_key",
                    "accessKey",
                    "ACCESS_KEY",
                    "auth_key",
                    "AUTH_KEY",
                    "private_key",
                    "PRIVATE_KEY",
                    "credential",
                    "CREDENTIAL",
                ],
                r#"[A-Za-z_-]{4,16}["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?P<key>[A-Za-z0-9/+_-]{20,120}={0,2})"#,
            )
        },
    ),
];
