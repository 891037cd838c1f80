/** A message that must end in the dead-letter queue, alone. */
export type Poison = { readonly kind: string; readonly body: string };

const object = { key: 'tenant/0190', size: 3 };
const s3 = { bucket: { name: 'sluice-incoming' }, object };
const record = { eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 };
const event = { source: 'aws.s3', 'detail-type': 'Object Created', detail: s3 };
const sns = { Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:123456789012:arrivals' };

function message(kind: string, content: unknown): Poison {
  return { kind, body: JSON.stringify(content) };
}
function badRecord(kind: string, changes: object): Poison {
  return message(kind, { Records: [{ ...record, ...changes }] });
}
function badObject(kind: string, changes: object): Poison {
  return badRecord(kind, { s3: { ...s3, object: { ...object, ...changes } } });
}

/** Messages that no sender of S3 notifications makes. */
export const POISON: readonly Poison[] = [
  { kind: 'an empty body', body: '' },
  { kind: 'white space', body: ' \n' },
  { kind: 'prose', body: 'hello' },
  { kind: 'JSON that is cut off', body: JSON.stringify({ Records: [record] }).slice(0, -3) },
  { kind: 'two JSON documents', body: '{"Records":[]}{"Records":[]}' },
  { kind: 'a byte order mark before the JSON', body: '\ufeff{"Records":[]}' },
  { kind: 'XML', body: '<Records/>' },
  { kind: 'brackets a hundred thousand deep', body: '['.repeat(100_000) },
  message('null', null),
  message('a number', 7),
  message('text', 'Records'),
  message('a list of records without their object', [record]),
  message('an empty object', {}),
  message('records that are an object', { Records: { 0: record } }),
  message('records that are null', { Records: null }),
  message('more than a thousand records', { Records: Array.from({ length: 1_001 }, () => record) }),
  message('a record that is null', { Records: [null] }),
  message('a record that is text', { Records: ['ObjectCreated:Put'] }),
  message('a record that is a list', { Records: [[record]] }),
  message('one bad record beside a good one', { Records: [record, { ...record, s3: {} }] }),
  message('a test event of another service', { Event: 's3:OtherEvent' }),
  badRecord('a record of another service', { eventSource: 'aws:dynamodb' }),
  badRecord('a record that does not say where it is from', { eventSource: undefined }),
  badRecord('event version 1.0', { eventVersion: '1.0' }),
  badRecord('event version 3.0', { eventVersion: '3.0' }),
  badRecord('event version 2 as a number', { eventVersion: 2.1 }),
  badRecord('a record without an event name', { eventName: undefined }),
  badRecord('an event name that is an object', { eventName: {} }),
  badRecord('a record without its S3 part', { s3: undefined }),
  badRecord('an S3 part that is text', { s3: 'bucket/key' }),
  badRecord('a record without a bucket', { s3: { object } }),
  badRecord('a bucket without a name', { s3: { bucket: {}, object } }),
  badRecord('a bucket whose name is empty', { s3: { bucket: { name: '' }, object } }),
  badRecord('a record without an object', { s3: { bucket: s3.bucket } }),
  badObject('an object without a key', { key: undefined }),
  badObject('an empty key', { key: '' }),
  badObject('a key that is a number', { key: 5 }),
  badObject('a key with half an escape', { key: 'a%2' }),
  badObject('a key with an escape that is no number', { key: 'a%zz' }),
  badObject('a key that encodes broken UTF-8', { key: 'a%C3' }),
  badObject('a key that encodes overlong UTF-8', { key: '%C0%AF' }),
  badObject('a key of 1025 bytes', { key: 'k'.repeat(1_025) }),
  badObject('a key of few characters and too many bytes', { key: '%F0%9F%98%80'.repeat(257) }),
  badObject('a version that is a number', { versionId: 1 }),
  badObject('a version that is an object', { versionId: {} }),
  message('an SNS message without its content', sns),
  message('an SNS message whose content is no JSON', { ...sns, Message: 'hello' }),
  message('an SNS message whose content is a list', { ...sns, Message: '[]' }),
  message('an SNS message in an SNS message', { ...sns, Message: JSON.stringify({ ...sns, Message: '{}' }) }),
  message('an SNS confirmation with a URL to visit', {
    ...sns,
    Type: 'SubscriptionConfirmation',
    Message: JSON.stringify({ Records: [record] }),
    SubscribeURL: 'http://169.254.169.254/latest/meta-data/',
  }),
  message('an EventBridge event of another service', { ...event, source: 'aws.ec2' }),
  message('an EventBridge event without detail', { ...event, detail: undefined }),
  message('an EventBridge event whose type is a list', { ...event, 'detail-type': ['Object Created'] }),
  message('an EventBridge event without a bucket', { ...event, detail: { object } }),
  message('an EventBridge event without a key', { ...event, detail: { ...s3, object: {} } }),
];
