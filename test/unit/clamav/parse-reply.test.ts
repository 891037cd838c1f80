import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClamdFailed } from '../../../src/lib/clamav/faults.ts';
import { parseReply } from '../../../src/lib/clamav/parse-reply.ts';

test('finds a file clean by one answer alone', () => {
  expect(parseReply('stream: OK')).toEqual({ outcome: 'clean' });
});

test.each([
  ['stream: Win.Test.EICAR_HDB-1 FOUND', 'Win.Test.EICAR_HDB-1'],
  ['stream: Sluice.Test.EICAR.UNOFFICIAL FOUND', 'Sluice.Test.EICAR.UNOFFICIAL'],
  ['stream: Heuristics.Phishing.Email.SpoofedDomain FOUND', 'Heuristics.Phishing.Email.SpoofedDomain'],
  ['stream: OK FOUND', 'OK'],
  [`stream: ${'x'.repeat(300)} FOUND`, 'x'.repeat(200)],
  ['stream: a\u001b[31mb FOUND', 'a [31mb'],
])('finds a file infected by "%s", and names the threat', (reply, threat) => {
  expect(parseReply(reply)).toEqual({ outcome: 'infected', threats: [threat] });
});

test.each([
  ['INSTREAM size limit exceeded. ERROR', 'The file is larger than clamd takes (StreamMaxLength).'],
  [
    'stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND',
    'There is more in the file than clamd looks at (MaxScanSize).',
  ],
  ['stream: Heuristics.Limits.Exceeded FOUND', 'There is more in the file than clamd looks at.'],
  [
    'stream: Heuristics.Encrypted.Zip FOUND',
    'There is something encrypted in the file (Heuristics.Encrypted.Zip).',
  ],
])('cannot look into a file by "%s"', (reply, detail) => {
  expect(parseReply(reply)).toEqual({ outcome: 'unsupported', detail });
});

describe('is no judgement', () => {
  test.each([
    "stream: Can't write to file ERROR",
    'stream: Time limit reached ERROR',
    "INSTREAM: Can't write to temporary file. ERROR",
    'UNKNOWN COMMAND',
    'COMMAND READ TIMED OUT',
    '',
    'OK',
    'stream:OK',
    'stream: ok',
    ' stream: OK',
    'stream: OK ',
    'stream: OK\nstream: Eicar FOUND',
    'stream:  FOUND',
    '/etc/passwd: OK',
  ])('"%s"', (reply) => {
    expect(() => parseReply(reply)).toThrow(ClamdFailed);
  });

  test('anything but the one sentence is not clean', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `stream: ${text}`),
        ),
        (reply) => {
          fc.pre(reply !== 'stream: OK');
          try {
            expect(parseReply(reply).outcome).not.toBe('clean');
          } catch (error) {
            expect(error).toBeInstanceOf(ClamdFailed);
          }
        },
      ),
    );
  });

  test('its error is shown on one line, and cut', () => {
    const reply = `stream: a\nb${'c'.repeat(1000)} ERROR`;
    expect(() => parseReply(reply)).toThrow(`clamd answered "stream: a b${'c'.repeat(189)}"`);
  });
});
