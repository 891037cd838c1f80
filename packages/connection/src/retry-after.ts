/**
 * How long an answer asks to be left alone, in milliseconds: `x-amz-retry-after`, which counts in them, or
 * HTTP's own `retry-after`, seconds or a date. Undefined where it says nothing, or nothing that can be read.
 */
export function readRetryAfterMs(headers: Readonly<Record<string, unknown>>): number | undefined {
  const [own, common] = [headers['x-amz-retry-after'], headers['retry-after']].map(String);
  if (/^\d{1,9}$/.test(own ?? '')) return Number(own);
  if (/^\d{1,6}$/.test(common ?? '')) return Number(common) * 1000;
  const ms = Date.parse(common ?? '') - Date.now();
  return ms > 0 ? ms : undefined;
}
