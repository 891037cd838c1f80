import { isIP } from 'node:net';
import { adviceFor } from '../advice.ts';
import type { ConnectionError } from '../errors/connection-error.ts';
import type { Check, Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** What a probe is judged by besides itself. */
export type Way = {
  readonly address: URL;
  /** The proxy that is set for this kind of address, masked. */
  readonly proxy: string | undefined;
  /** What the probe says was the time, to tell how long a certificate still holds. */
  readonly now: number;
};

const DAY_MS = 86_400_000;
/** S3 refuses signatures that are older, or younger, than this. */
const MAX_SKEW_MS = 15 * 60_000;
const DOUBTFUL_SKEW_MS = 60_000;
const SLOW_MS = 1_000;

/** Judges how a request got to the endpoint, step by step, up to the one that failed. */
export function decideNetwork(probe: Probe, way: Way): Finding[] {
  const steps = [toProxy, toDns, toTcp, toTls, toFirstByte, toClock];
  const findings: Finding[] = [];
  for (const step of steps) {
    const finding = step(probe, way);
    if (finding === undefined) continue;
    findings.push(finding);
    if (finding.verdict === 'fail') break;
  }
  return findings;
}

/** A failed call as a finding. */
export function toFailure(check: Check, error: ConnectionError): Finding {
  const { name, code, message, httpStatus, serviceCode } = error;
  const said = [httpStatus, serviceCode].filter(Boolean).join(' ');
  const detail = `${name}${said === '' ? '' : ` (${said})`}: ${message}`;
  return { check, verdict: 'fail', detail, fix: adviceFor(error), error: code };
}

function toProxy({ error }: Probe, { proxy }: Way): Finding | undefined {
  if (error?.code.startsWith('proxy')) return toFailure('proxy', error);
  return proxy === undefined ? undefined : { check: 'proxy', verdict: 'ok', detail: `set: ${proxy}` };
}

function toDns({ marks, remoteAddress, error }: Probe, { address, proxy }: Way): Finding | undefined {
  const check = 'dns';
  const host = address.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return { check, verdict: 'ok', detail: `not needed: ${host} is an address` };
  if (marks.dns !== undefined) {
    const to = remoteAddress === undefined ? '' : ` is ${remoteAddress}`;
    return { check, verdict: 'ok', detail: `${host}${to}`, ms: marks.dns };
  }
  if (error && marks.tcp === undefined) return toFailure(check, error);
  return { check, verdict: 'ok', detail: proxy === undefined ? host : 'left to the proxy' };
}

function toTcp({ marks, error }: Probe, { address, proxy }: Way): Finding {
  const check = 'tcp';
  const port = address.port || (address.protocol === 'https:' ? '443' : '80');
  const detail = `port ${port}${proxy === undefined ? '' : ', or the proxy,'} is open`;
  if (marks.tcp !== undefined) {
    return { check, verdict: 'ok', detail, ms: marks.tcp - (marks.dns ?? 0) };
  }
  return error && marks.firstByte === undefined
    ? toFailure(check, error)
    : { check, verdict: 'ok', detail: 'tunnelled by the proxy' };
}

function toTls({ marks, tls, error }: Probe, { address, now }: Way): Finding {
  const check = 'tls';
  if (address.protocol === 'http:') {
    return isThisMachine(address.hostname)
      ? { check, verdict: 'ok', detail: 'none, and none needed: the endpoint is on this machine' }
      : {
          check,
          verdict: 'warn',
          detail: 'none: names and bytes can be read, and changed, by whoever is in between',
          fix: 'Use an endpoint that begins with https://.',
        };
  }
  if (error && marks.tls === undefined) return toFailure(check, error);
  const ms = (marks.tls ?? 0) - (marks.tcp ?? 0);
  const timing = marks.tls === undefined ? {} : { ms };
  const days = Math.floor(((tls?.validTo.getTime() ?? Number.POSITIVE_INFINITY) - now) / DAY_MS);
  const detail = `${tls?.protocol ?? 'TLS'}, certificate holds ${days} more days`;
  return days >= 14
    ? { check, verdict: 'ok', detail, ...timing }
    : { check, verdict: 'warn', detail, fix: 'Have the certificate renewed.', ...timing };
}

function toFirstByte({ marks, status, error }: Probe): Finding {
  const check = 'first-byte';
  if (error || marks.firstByte === undefined) {
    // There is always an error when there was no answer; an answer that is cut off in its head has both.
    return error
      ? toFailure(check, error)
      : { check, verdict: 'fail', detail: 'no answer', fix: 'Try again.' };
  }
  const ms = marks.firstByte - (marks.tls ?? marks.tcp ?? 0);
  // Unsigned on purpose, so any status is an answer; that of the real calls is judged by itself.
  const detail = `answered with status ${status}`;
  return ms < SLOW_MS
    ? { check, verdict: 'ok', detail, ms }
    : {
        check,
        verdict: 'warn',
        detail: `${detail}, slowly`,
        ms,
        fix: 'Use an endpoint in a region nearby, or look at what is in between.',
      };
}

function toClock({ skewMs }: Probe): Finding {
  const check = 'clock';
  if (skewMs === undefined) {
    const fix = 'Compare the clock by other means: S3 refuses signatures that are 15 minutes off.';
    return { check, verdict: 'warn', detail: 'cannot be compared: the endpoint sends no date', fix };
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds <= 1) return { check, verdict: 'ok', detail: 'in step with the endpoint' };
  const detail = `${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the endpoint`;
  if (Math.abs(skewMs) < DOUBTFUL_SKEW_MS) return { check, verdict: 'ok', detail };
  const mend = "Set this machine's clock (NTP)";
  const fix =
    Math.abs(skewMs) < MAX_SKEW_MS
      ? `${mend}: S3 refuses signatures that are 15 minutes off.`
      : `${mend}: presigned URLs and forms will be refused. Calls are corrected by the endpoint's clock.`;
  return { check, verdict: 'warn', detail, fix };
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
