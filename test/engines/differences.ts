import type { EngineName } from './engine.ts';

/** Where an engine does not do what AWS does, which is what the suites demand. */
export type Difference = {
  readonly engine: EngineName;
  /** the suite, below test/contract/ */
  readonly file: string;
  /** the titles of the cases that cannot hold */
  readonly cases: RegExp;
  readonly engineDoes: string;
  readonly awsDoes: string;
};

const SIGNED = 'docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html';
const SSE_C = 'docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html';
const OBJECT_INTEGRITY = 'docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html';

/** Every known difference of moto 5.2.5 and versitygw 1.8.0 from AWS that a contract suite meets. */
export const DIFFERENCES: readonly Difference[] = [
  {
    engine: 'moto',
    file: 'sign.test.ts',
    cases:
      /^a presigned PUT > (is refused|does not allow a GET|works with temporary credentials)|^a key > is found with the bucket in the host name|^presigned parts > make up/,
    engineDoes: 'looks at no presigned signature: what was not signed is taken as well',
    awsDoes: `answers 403 to whatever was not signed so: ${SIGNED}`,
  },
  {
    engine: 'moto',
    file: 'sign.test.ts',
    cases: /^a presigned PUT > allows just the bytes whose checksum was signed/,
    engineDoes: 'stores what has another checksum than it was sent with',
    awsDoes: `answers 400, BadDigest: ${OBJECT_INTEGRITY}`,
  },
  {
    engine: 'moto',
    file: 'sign.test.ts',
    cases: /^a presigned form > is refused/,
    engineDoes: 'looks at no policy of a form, and follows its success_action_redirect',
    awsDoes:
      'answers 400 or 403 to a form that its policy does not allow: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html',
  },
  {
    engine: 'moto',
    file: 'connection/boto3.test.ts',
    cases: /^what Sluice signs works for Python > a (form|PUT and a GET)/,
    engineDoes: 'looks at no signature and no policy, and so refuses nothing',
    awsDoes: `refuses what was not signed: ${SIGNED}`,
  },
  {
    engine: 'moto',
    file: 'objects.test.ts',
    cases: /that were overwritten or removed since they were seen/,
    engineDoes:
      'copies whatever is there: it knows no x-amz-copy-source-if-match. The copy is found out, and stays until the next run removes it',
    awsDoes: 'answers 412 and copies nothing: docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html',
  },
  {
    engine: 'moto',
    file: 'connection/download.test.ts',
    cases: /leaves no file when the object does not exist|names the target when the source does not exist/,
    engineDoes:
      'answers HEAD of a missing object as a web server does: text/html and no request id, which is taken for a page',
    awsDoes:
      'answers application/xml with x-amz-request-id: docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html',
  },
  {
    engine: 'versitygw',
    file: 'connection/bucket.test.ts',
    cases: /that is in another region is said to be there/,
    engineDoes: 'has one region, and refuses what is signed for another without saying where the bucket is',
    awsDoes:
      'names the region in x-amz-bucket-region: docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html',
  },
  {
    engine: 'moto',
    file: 'connection/download.test.ts',
    cases: /^download > reads (nothing|one byte|one byte less than the threshold), into/,
    engineDoes: 'keeps a checksum only where x-amz-sdk-checksum-algorithm names it, and adds none',
    awsDoes: `keeps the checksum that an object was sent with, and adds CRC-64/NVME where it had none: ${OBJECT_INTEGRITY}`,
  },
  {
    engine: 'moto',
    file: 'connection/download.test.ts',
    cases: /^download > reads (the threshold|one byte more than a part|two and a half parts), into/,
    engineDoes:
      'answers a HEAD with a checksum of checksums that has no "-<parts>", which nothing can be held against',
    awsDoes: `ends it in the number of parts, in a HEAD as in a GET: ${OBJECT_INTEGRITY}`,
  },
  {
    engine: 'moto',
    file: 'connection/upload.test.ts',
    cases: /^upload > leaves a checksum with the object/,
    engineDoes: 'answers a HEAD with a checksum of checksums that has no "-<parts>"',
    awsDoes: `ends it in the number of parts: ${OBJECT_INTEGRITY}`,
  },
  {
    engine: 'moto',
    file: 'connection/boto3.test.ts',
    cases: /^objects pass from one to the other > in parts from boto3 to Sluice/,
    engineDoes:
      'answers a HEAD with a checksum of checksums that has no "-<parts>", which nothing can be held against',
    awsDoes: `ends it in the number of parts: ${OBJECT_INTEGRITY}`,
  },
  {
    engine: 'versitygw',
    file: 'sign.test.ts',
    cases: /^a presigned PUT > works with temporary credentials/,
    engineDoes: 'has no STS',
    awsDoes:
      'gives temporary credentials: docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html',
  },
  {
    engine: 'versitygw',
    file: 'sign.test.ts',
    cases: /^a key > of (empty segments|1024 bytes)/,
    engineDoes: 'keeps objects as files: no empty folder names, and no name above 255 bytes',
    awsDoes:
      'takes any key of up to 1,024 bytes: docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html',
  },
  {
    engine: 'versitygw',
    file: 'connection/bucket.test.ts',
    cases:
      /^a created bucket > (is private, owned|has what was asked for|that somebody else has set up|keeps what is not mentioned)/,
    engineDoes: 'knows neither encryption nor the public access block of a bucket, and answers 501',
    awsDoes:
      'knows both: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html and API_PutPublicAccessBlock.html',
  },
  {
    engine: 'versitygw',
    file: 'connection/download.test.ts',
    cases: /^download > reads (the threshold|one byte more than a part|two and a half parts), into/,
    engineDoes: 'does not tell the sizes of the parts that a checksum of checksums is of',
    awsDoes: 'tells them: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html',
  },
  {
    engine: 'versitygw',
    file: 'connection/boto3.test.ts',
    cases: /^objects pass from one to the other > in parts from boto3 to Sluice/,
    engineDoes: 'does not tell the sizes of the parts that a checksum of checksums is of',
    awsDoes: 'tells them: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html',
  },
  {
    engine: 'versitygw',
    file: 'connection/boto3.test.ts',
    cases: /^docs\/from-boto3\.md > prints the same in both languages: A (session with two clients|role)/,
    engineDoes: 'speaks neither IAM nor STS, SQS and DynamoDB',
    awsDoes: 'speaks them',
  },
  {
    engine: 'versitygw',
    file: 'connection/boto3.test.ts',
    cases: /^docs\/from-boto3\.md > prints the same in both languages: A presigned (URL|POST)/,
    engineDoes:
      'takes Signature Version 4 alone, while boto3 signs URLs and forms of this endpoint by Version 2 unless it is told otherwise',
    awsDoes:
      'takes Version 2 for buckets from before June 2020 alone, in older regions: aws.amazon.com/blogs/aws/amazon-s3-update-sigv2-deprecation-period-extended-modified',
  },
  {
    engine: 'versitygw',
    file: 'connection/boto3.test.ts',
    cases: /^docs\/from-boto3\.md > prints the same in both languages: A bucket/,
    engineDoes: 'knows neither encryption nor the public access block of a bucket, and answers 501',
    awsDoes: 'knows both: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html',
  },
  {
    engine: 'moto',
    file: 'connection/params.test.ts',
    cases: /^an object under a key of its own > that is/,
    engineDoes: 'gives an object that has a key of its own to those who do not know the key',
    awsDoes: `answers 400 without the key: ${SSE_C}`,
  },
  {
    engine: 'moto',
    file: 'connection/params.test.ts',
    cases: /^an object is locked until a date/,
    engineDoes: 'has no GetObjectRetention, and answers with the object itself',
    awsDoes:
      'answers with the retention: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html',
  },
  {
    engine: 'versitygw',
    file: 'connection/params.test.ts',
    cases: /^an object under a key of its own > that is/,
    engineDoes: 'gives an object that has a key of its own to those who do not know the key',
    awsDoes: `answers 400 without the key: ${SSE_C}`,
  },
];

/** The difference that a case of a suite meets, if any. */
export function differenceOf(engine: string, file: string, title: string): Difference | undefined {
  return DIFFERENCES.find((row) => row.engine === engine && file.endsWith(row.file) && row.cases.test(title));
}
