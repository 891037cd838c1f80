#!/bin/sh
# What Lambda starts: clamd, for as long as the container lives, and beside it the program that is named as
# arguments, which hands the function its events. clamd reads its signatures in the meantime; the function waits for
# it (src/lib/clamav/ready.ts), so that the ten seconds that Lambda gives a start do not matter.
set -eu

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

exec "$@"
