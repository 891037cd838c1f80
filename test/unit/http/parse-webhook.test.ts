import { EVENT_TYPES } from '@sluice/contract/event';
import { describe, expect, test } from 'vitest';
import { parseRedelivery, parseRotation, parseWebhook } from '../../../src/lib/http/parse-webhook.ts';
import { refusalOf, withBody } from './parsing.ts';

const url = 'https://hooks.example.com/sluice';

describe('the body of POST /webhooks', () => {
  test('asks for all types and both signatures, unless it says otherwise', () => {
    expect(parseWebhook(withBody({ url }))).toEqual({ url, types: EVENT_TYPES, signatures: ['v1', 'v1a'] });
    const wish = { url, types: ['upload.accepted'], signatures: ['v1a'] };
    expect(parseWebhook(withBody(wish))).toEqual(wish);
  });

  test.each([
    [{}, 'field_missing', 'url'],
    [{ url: 7 }, 'webhook_url_invalid', 'url'],
    [{ url, types: [] }, 'webhook_types_invalid', 'types'],
    [{ url, types: ['upload.made'] }, 'webhook_types_invalid', 'types.0'],
    [{ url, types: ['upload.accepted', 'upload.accepted'] }, 'webhook_types_invalid', 'types'],
    [{ url, signatures: [] }, 'webhook_signatures_invalid', 'signatures'],
    [{ url, signatures: ['v2'] }, 'webhook_signatures_invalid', 'signatures.0'],
    [{ url, signatures: ['v1', 'v1'] }, 'webhook_signatures_invalid', 'signatures'],
    [{ url, secret: 'whsec_' }, 'field_unknown', 'secret'],
  ])('is refused when it is %j', (body, code, field) => {
    expect(refusalOf(() => parseWebhook(withBody(body)))).toEqual({ code, field });
  });
});

test.each([0, 1, 7])('a rotation names the version that it replaces, such as %i', (version) => {
  expect(parseRotation(withBody({ version }))).toBe(version);
});

test.each([-1, 1.5, '1', null])('a rotation of version %j is refused', (version) => {
  const refusal = { code: 'webhook_version_wrong', field: 'version' };
  expect(refusalOf(() => parseRotation(withBody({ version })))).toEqual(refusal);
});

test('a redelivery names its event by an id of 1 to 255 characters', () => {
  expect(parseRedelivery(withBody({ event: 'u-1.accepted' }))).toBe('u-1.accepted');
  for (const id of ['', 'e'.repeat(256), 7]) {
    const refusal = { code: 'event_id_invalid', field: 'event' };
    expect(refusalOf(() => parseRedelivery(withBody({ event: id })))).toEqual(refusal);
  }
});
