"""Runs the snippet of FastAPI as it stands, with messages that the test hands over, and verifies the
signatures of ed25519 with PyNaCl. Writes what came of each as JSON."""

import base64
import json
import sys

from fastapi.testclient import TestClient
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

given = json.load(sys.stdin)

import fastapi_app  # noqa: E402  (it reads its secret when it is imported)
import handle  # noqa: E402

client = TestClient(fastapi_app.app)


def is_signed(key, headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    for one in headers["webhook-signature"].split(" "):
        if one.startswith("v1a,"):
            try:
                VerifyKey(base64.b64decode(key.removeprefix("whpk_"))).verify(signed, base64.b64decode(one[4:]))
                return True
            except BadSignatureError:
                pass
    return False


answers = [
    client.post("/hooks/sluice", content=one["body"].encode(), headers=one["headers"]).status_code
    for one in given["messages"]
]
signed = [is_signed(given["publicKey"], one["headers"], one["body"]) for one in given["messages"]]
json.dump({"answers": answers, "signed": signed, "seen": handle.seen}, sys.stdout)
