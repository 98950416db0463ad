#!/bin/sh
# Sends a handful of sample webhooks to a running hookglass, as their providers would sign them. Needs
# curl and openssl. Start hookglass so that it knows the secrets:
#
#     STRIPE_WEBHOOK_SECRET=whsec_demo GITHUB_WEBHOOK_SECRET=demo SLACK_SIGNING_SECRET=demo hookglass
#
# then, in another terminal:
#
#     sh assets/demo/webhooks.sh [http://127.0.0.1:7878]
set -eu
url=${1:-http://127.0.0.1:7878}
now=$(date +%s)

# HMAC-SHA256 of standard input in hex. The secret is a sample, so it may stand on a command line.
hmac() { openssl dgst -sha256 -hmac "$1" | sed 's/^.* //'; }

# send PATH BODY HEADER...
send() {
    path=$1 body=$2
    shift 2
    for header do
        set -- "$@" -H "$header"
        shift
    done
    curl -s -o /dev/null -w "%{http_code} $path\n" "$@" --data-raw "$body" "$url$path"
}

json='Content-Type: application/json'

github() { # EVENT BODY SECRET
    signature=$(printf %s "$2" | hmac "$3")
    send /github "$2" "$json" 'User-Agent: GitHub-Hookshot/044aadd' "X-GitHub-Event: $1" \
        'X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958' "X-Hub-Signature-256: sha256=$signature"
}

stripe() { # TYPE SECONDS-AGO END: what is put after the body on the way
    body='{"id":"evt_1Pgc57'$2'","object":"event","type":"'$1'","data":{"object":{"id":"in_1Pgc51","amount_paid":4200,"currency":"eur","customer_email":"ada@example.com"}}}'
    time=$((now - $2))
    signature=$(printf %s "$time.$body" | hmac whsec_demo)
    send /stripe/webhooks "$body$3" "$json" 'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)' \
        "Stripe-Signature: t=$time,v1=$signature"
}

slack() {
    body='team_domain=example&channel_name=deploys&user_name=ada&command=%2Fdeploy&text=production'
    signature=$(printf %s "v0:$now:$body" | hmac demo)
    send /slack/commands "$body" 'Content-Type: application/x-www-form-urlencoded' \
        'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)' \
        "X-Slack-Request-Timestamp: $now" "X-Slack-Signature: v0=$signature"
}

shopify() { # hookglass was given no secret for it
    body='{"id":820982911946154508,"email":"jon@example.com","total_price":"409.94","currency":"USD"}'
    signature=$(printf %s "$body" | openssl dgst -sha256 -hmac other -binary | openssl base64)
    send /shopify/orders "$body" "$json" 'User-Agent: Shopify-Captain-Hook' 'X-Shopify-Topic: orders/create' \
        'X-Shopify-Shop-Domain: example.myshopify.com' "X-Shopify-Hmac-Sha256: $signature"
}

newline='
'
github ping '{"zen":"Keep it logically awesome.","hook_id":292430182}' demo
stripe customer.created 1 ''
slack
github push '{"ref":"refs/heads/main","after":"a3c1f0e","commits":[{"message":"fix: rounding"}]}' another-secret
stripe invoice.paid 7500 ''
shopify
# Somebody who takes the port for one that speaks TLS.
curl -sk "https://${url#*://}/" || true
send /orders '{"order":820982911946154508,"total":409.94}' "$json"
github pull_request '{"action":"opened","number":42,"pull_request":{"title":"Check signatures"}}' demo
stripe invoice.paid 2 "$newline"
