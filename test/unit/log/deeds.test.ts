import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTell, DEEDS, type Deed } from '../../../src/lib/log/deeds.ts';
import { captureLog } from '../../fakes/log-lines.ts';

afterEach(() => vi.restoreAllMocks());

const BY = {
  caller: { kind: 'service', client: 'billing', scopes: [] },
  requestContext: { requestId: 'r-1' },
} as const;

function setup(isKept: boolean) {
  const logged = captureLog();
  const records: Record<string, unknown>[] = [];
  const tell = createTell({
    isKept,
    now: () => Date.UTC(2026, 10, 27),
    write: (line) => records.push(JSON.parse(line)),
    functionName: 'sluice-prod-request-upload',
  });
  return { tell, logged, records };
}

describe('a deed', () => {
  test('is a record with a mark where there is an audit trail, and no other line', () => {
    const { tell, logged, records } = setup(true);
    tell('upload requested', BY, { uploadId: 'u-1', owner: 'digest' });
    expect(logged).toEqual([]);
    expect(records).toEqual([
      {
        level: 'INFO',
        message: 'upload requested',
        timestamp: '2026-11-27T00:00:00.000Z',
        audit: true,
        function_name: 'sluice-prod-request-upload',
        correlation_id: 'r-1',
        caller: 'service',
        client: 'billing',
        uploadId: 'u-1',
        owner: 'digest',
      },
    ]);
  });

  test('of nobody that is known is said to be anyone’s', () => {
    const { tell, records } = setup(true);
    tell('file opened', { requestContext: BY.requestContext }, { uploadId: 'u-1' });
    expect(records).toMatchObject([{ caller: 'anyone' }]);
  });

  test('holds no token and no signature, whoever put it there', () => {
    const { tell, records } = setup(true);
    tell('upload requested', BY, { uploadId: 'https://b/k?X-Amz-Signature=s3cret', owner: 'Bearer s3cret' });
    expect(JSON.stringify(records)).not.toContain('s3cret');
  });

  test.each(Object.entries(DEEDS))('without a trail: %s is a %s', (deed, kind) => {
    const { tell, logged, records } = setup(false);
    tell(deed as Deed, BY, { uploadId: 'u-1' });
    expect(records).toEqual([]);
    // A read costs no line.
    expect(logged).toHaveLength(kind === 'change' ? 1 : 0);
    for (const line of logged) expect(line).not.toHaveProperty('audit');
  });
});
