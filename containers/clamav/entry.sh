#!/bin/sh
# What Lambda starts, with the function's handler as its argument: clamd, for as long as the container lives, and
# beside it Lambda's runtime interface client, which hands the handler its events. clamd reads its signatures in the
# meantime; the handler waits for it (src/lib/clamav/ready.ts), so that the ten seconds that Lambda gives a start do
# not matter.
set -eu

# The client looks for the handler nowhere else.
export _HANDLER="$1"
export LAMBDA_TASK_ROOT="${LAMBDA_TASK_ROOT:-/var/task}"
client=${RUNTIME_CLIENT:-/opt/client/node_modules/aws-lambda-ric/index.mjs}

conf=${CLAMD_CONF:-/etc/sluice/clamd.conf}

# A clamd that dies would leave an instance that fails each scan, and yet is given more.
keep_clamd() {
  while :; do
    status=0
    clamd --config-file "$conf" >&2 || status=$?
    echo "clamd ended with $status, and is started again" >&2
    sleep 1
  done
}

keep_clamd &

exec node "$client"
