# One process of bench/transfer.ts: the same through boto3, with the same numbers of threads and bytes.
import json
import resource
import sys
import time

import boto3
from boto3.s3.transfer import TransferConfig

way, endpoint, bucket, path = sys.argv[1:]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
# Not the transfer manager in C, which most installations have not: the one in Python that the defaults are of.
config = TransferConfig(preferred_transfer_client="classic")
# Not timed, as loading is not: what the first call of a process costs.
s3.head_bucket(Bucket=bucket)
start = time.perf_counter()
cpu_start = time.process_time()
if way == "up":
    s3.upload_file(path, bucket, "object", Config=config)
else:
    s3.download_file(bucket, "object", path, Config=config)
seconds = time.perf_counter() - start
cpu_seconds = time.process_time() - cpu_start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "peakRssMiB": peak}))
