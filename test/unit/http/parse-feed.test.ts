import type { Service } from '@sluice/contract/caller';
import { EVENT_TYPES } from '@sluice/contract/event';
import { Refusal } from '@sluice/contract/refusals';
import { describe, expect, test } from 'vitest';
import { toCursorText } from '../../../src/lib/event/cursor.ts';
import { toPosition } from '../../../src/lib/event/position.ts';
import { parseFeed } from '../../../src/lib/http/parse-feed.ts';
import { toTenant } from '../../../src/lib/upload/tenant.ts';

const ALL: Service = { kind: 'service', client: 'backend', scopes: ['events', 'tenants'] };
const ACME: Service = { kind: 'service', client: 'backend', scopes: ['events'], tenant: 'acme' };

function refusalOf(query: Readonly<Record<string, string>>, caller = ALL) {
  try {
    return parseFeed(query, caller);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.code, field: error.extras.field };
  }
}

describe('what is asked of the feed', () => {
  test('is the oldest fifty of all types and tenants, when nothing is said', () => {
    expect(parseFeed(undefined, ALL)).toEqual({ from: undefined, limit: 50 });
  });

  test.each([
    ['2026-11-20', '2026-11-20T00:00:00Z'],
    ['2026-11-20T09:15Z', '2026-11-20T09:15:00Z'],
    ['2026-11-20T09:15:00.123456Z', '2026-11-20T09:15:00.123Z'],
    ['2026-11-20T10:15:00+01:00', '2026-11-20T09:15:00Z'],
  ])('begins at the time %s', (since, time) => {
    expect(parseFeed({ since }, ALL).from).toEqual({ since: Date.parse(time) });
  });

  test.each(['', 'yesterday', '1', '2026', '2026-11-20T09:15:00', '2026-13-01', '1969-12-31', '20261120'])(
    'does not begin at %j, which is no time or not one that can be told apart',
    (since) => {
      expect(refusalOf({ since })).toEqual({ code: 'since_invalid', field: 'since' });
    },
  );

  test('begins at one place: a time beside a cursor is refused', () => {
    const after = toCursorText({ after: toPosition(1) });
    expect(parseFeed({ after }, ALL).from).toEqual({ after: toPosition(1) });
    expect(refusalOf({ after, since: '2026-11-20' })).toEqual({ code: 'since_invalid', field: 'since' });
    expect(refusalOf({ after: '' })).toEqual({ code: 'cursor_invalid', field: 'after' });
  });

  test('are the types that are named, however they are sent, each once', () => {
    const type = 'upload.deleted,upload.accepted,upload.deleted';
    expect(parseFeed({ type }, ALL).types).toEqual(['upload.deleted', 'upload.accepted']);
    expect(parseFeed({ type: EVENT_TYPES.join() }, ALL).types).toEqual([...EVENT_TYPES]);
    for (const wrong of ['', 'upload.eaten', 'upload.accepted,', 'upload.accepted, upload.deleted']) {
      expect(refusalOf({ type: wrong })).toEqual({ code: 'event_type_unknown', field: 'type' });
    }
  });

  test.each(['0', '101', '1e1', '', 'many'])('is not %j events at once', (limit) => {
    expect(refusalOf({ limit })).toEqual({ code: 'limit_invalid', field: 'limit' });
  });
});

describe('a service that acts for one tenant', () => {
  test('gets the events of that tenant, whether it names it or not', () => {
    expect(parseFeed({}, ACME).tenant).toBe('acme');
    expect(parseFeed({ tenant: 'acme' }, ACME).tenant).toBe('acme');
  });

  test.each(['acme1', 'acm', 'ACME', 'globex', '*'])('gets none of %s', (tenant) => {
    expect(refusalOf({ tenant }, ACME)).toEqual({ code: 'tenant_not_served', field: 'tenant' });
  });
});

describe('a service that acts for all tenants', () => {
  test('gets those of one by its name in tokens, or by that in events', () => {
    const claim = 'Acme Ltd.';
    expect(parseFeed({ tenant: claim }, ALL).tenant).toBe(toTenant(claim));
    expect(parseFeed({ tenant: toTenant(claim) }, ALL).tenant).toBe(toTenant(claim));
  });

  test.each(['', 'x'.repeat(1_025), '\ud800'])('is told that a tenant has another name than %j', (tenant) => {
    expect(refusalOf({ tenant })).toEqual({ code: 'owner_filter_invalid', field: 'tenant' });
  });
});
