#!/bin/sh
# Makes the certificates of the TLS tests: a private authority, a server it vouches for (localhost, 127.0.0.1), one whose
# name is another host's, an expired one, and a client. They open nothing: keys of tests are no secrets. Run here, then commit.
set -eu
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1.key" 2>/dev/null; }
issue() { # name, subjectAltName, days
  new_key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
  printf 'subjectAltName=%s\n' "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -CAcreateserial -extfile "$1.ext" -days "$3" -out "$1.pem" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
new_key authority
openssl req -x509 -new -key authority.key -subj '/CN=Sluice test authority' -days 36500 -out authority.pem
issue server 'DNS:localhost,IP:127.0.0.1' 36500
issue stranger 'DNS:stranger.test' 36500
issue client 'DNS:client.test' 36500
issue expired 'DNS:localhost,IP:127.0.0.1' -1
rm -f authority.srl authority.key
