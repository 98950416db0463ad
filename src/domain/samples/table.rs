//! The table of samples: one row for each file below `assets/samples`.

use crate::domain::samples::Sample;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A row; the file is named beside it.
macro_rules! sample {
    ($provider:literal, $event:literal, $type:expr, $file:literal, $headers:expr) => {
        sample!($provider, $event, None, $type, $file, $headers)
    };
    ($provider:literal, $event:literal, $header:expr, $type:expr, $file:literal, $headers:expr) => {
        Sample {
            provider: $provider,
            event: $event,
            header: $header,
            content_type: $type,
            headers: $headers,
            body: include_str!(concat!("../../../assets/samples/", $provider, "/", $file)),
        }
    };
}

type Headers = &'static [(&'static str, &'static str)];

const GITHUB: Headers = &[("User-Agent", "GitHub-Hookshot/7c2e1fd"), ("X-GitHub-Hook-ID", "448120937")];
const STRIPE: Headers = &[("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")];
const SLACK: Headers = &[("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")];
const SHOPIFY: Headers = &[
    ("X-Shopify-Shop-Domain", "lantern-bikes.myshopify.com"),
    ("X-Shopify-Api-Version", "2026-07"),
    ("X-Shopify-Test", "true"),
];
const GITLAB: Headers =
    &[("User-Agent", "GitLab/18.4.0"), ("X-Gitlab-Instance", "https://git.harbourlight.example")];
const TWILIO: Headers = &[("User-Agent", "TwilioProxy/1.1")];
const DISCORD: Headers = &[("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)")];
const SVIX: Headers = &[("User-Agent", "Svix-Webhooks/1.76")];
const LINEAR: Headers = &[("User-Agent", "Linear-Webhook")];
const META: Headers = &[("User-Agent", "facebookexternalua")];
const PADDLE: Headers = &[("User-Agent", "Paddle")];
const SQUARE: Headers = &[("User-Agent", "Square Connect v2"), ("square-environment", "Sandbox")];
const TYPEFORM: Headers = &[("User-Agent", "Typeform Webhooks")];
const ZOOM: Headers = &[("User-Agent", "Zoom Marketplace/1.0a")];
const TWITCH: Headers = &[
    ("Twitch-Eventsub-Message-Type", "notification"),
    ("Twitch-Eventsub-Message-Retry", "0"),
    ("Twitch-Eventsub-Subscription-Version", "1"),
];
const ZENDESK: Headers = &[("User-Agent", "Zendesk Webhook"), ("X-Zendesk-Account-Id", "12514403")];
const RAZORPAY: Headers = &[("User-Agent", "Razorpay-Webhook/v1")];
const PAGERDUTY: Headers = &[("User-Agent", "PagerDuty-Webhook/V3.0")];
const HUBSPOT: Headers =
    &[("User-Agent", "HubSpot Connect 2.0 (http://dev.hubspot.com/) - WebhooksExecutorDaemon-executor")];
const MAILGUN: Headers = &[("User-Agent", "mailgun/treq-24.9.1")];
const LINE: Headers = &[("User-Agent", "LineBotWebhook/2.0")];
const INTERCOM: Headers = &[("User-Agent", "intercom-subscription-service-webhooks")];

/// All samples, those of a provider together, the usual one first.
pub const SAMPLES: &[Sample] = &[
    sample!("github", "push", JSON, "push.json", GITHUB),
    sample!("github", "pull_request", JSON, "pull_request.json", GITHUB),
    sample!("github", "issues", JSON, "issues.json", GITHUB),
    sample!("github", "ping", JSON, "ping.json", GITHUB),
    sample!("stripe", "invoice.paid", JSON, "invoice.paid.json", STRIPE),
    sample!("stripe", "checkout.session.completed", JSON, "checkout.session.completed.json", STRIPE),
    sample!("stripe", "charge.refunded", JSON, "charge.refunded.json", STRIPE),
    sample!("slack", "event", JSON, "event.json", SLACK),
    sample!("slack", "command", FORM, "command.form", SLACK),
    sample!("slack", "url_verification", JSON, "url_verification.json", SLACK),
    sample!("shopify", "orders/create", JSON, "orders-create.json", SHOPIFY),
    sample!("gitlab", "push", Some("Push Hook"), JSON, "push.json", GITLAB),
    sample!("gitlab", "merge_request", Some("Merge Request Hook"), JSON, "merge_request.json", GITLAB),
    sample!("twilio", "sms", FORM, "sms.form", TWILIO),
    sample!("twilio", "call", FORM, "call.form", TWILIO),
    sample!("discord", "ping", JSON, "ping.json", DISCORD),
    sample!("discord", "command", JSON, "command.json", DISCORD),
    sample!("telegram", "message", JSON, "message.json", &[]),
    sample!("telegram", "callback_query", JSON, "callback_query.json", &[]),
    sample!("standard-webhooks", "contact.created", JSON, "contact.created.json", &[]),
    sample!("svix", "user.created", JSON, "user.created.json", SVIX),
    sample!("linear", "Issue", JSON, "Issue.json", LINEAR),
    sample!("meta", "messages", JSON, "messages.json", META),
    sample!("paddle", "transaction.completed", JSON, "transaction.completed.json", PADDLE),
    sample!("square", "payment.updated", JSON, "payment.updated.json", SQUARE),
    sample!("typeform", "form_response", JSON, "form_response.json", TYPEFORM),
    sample!("zoom", "meeting.started", JSON, "meeting.started.json", ZOOM),
    sample!("zoom", "endpoint.url_validation", JSON, "endpoint.url_validation.json", ZOOM),
    sample!("twitch", "stream.online", JSON, "stream.online.json", TWITCH),
    sample!("zendesk", "ticket.created", JSON, "ticket.created.json", ZENDESK),
    sample!("paystack", "charge.success", JSON, "charge.success.json", &[]),
    sample!("razorpay", "payment.captured", JSON, "payment.captured.json", RAZORPAY),
    sample!("sentry", "issue", JSON, "issue.json", &[]),
    sample!("pagerduty", "incident.triggered", JSON, "incident.triggered.json", PAGERDUTY),
    sample!("lemonsqueezy", "order_created", JSON, "order_created.json", &[]),
    sample!("hubspot", "contact.creation", JSON, "contact.creation.json", HUBSPOT),
    sample!("mailgun", "delivered", JSON, "delivered.json", MAILGUN),
    sample!("line", "message", JSON, "message.json", LINE),
    sample!("intercom", "conversation.user.created", JSON, "conversation.user.created.json", INTERCOM),
    sample!("vercel", "deployment.succeeded", JSON, "deployment.succeeded.json", &[]),
    sample!("shared-token", "order", JSON, "order.json", &[]),
    sample!("sha256-concat", "order", JSON, "order.json", &[]),
];
