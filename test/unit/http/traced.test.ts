import { describe, expect, test } from 'vitest';
import { withTrace } from '../../../src/lib/http/traced.ts';

const HEADERS = { 'content-type': 'text/csv' };
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8';

describe('the headers of a PUT', () => {
  test('name the trace of a call that is recorded', () => {
    const trace = `${TRACE};Sampled=1`;
    expect(withTrace(HEADERS, trace)).toEqual({ ...HEADERS, 'x-amzn-trace-id': trace });
  });

  test.each([undefined, `${TRACE};Sampled=0`])('stay as they were signed where it is %o', (trace) => {
    expect(withTrace(HEADERS, trace)).toBe(HEADERS);
  });
});
