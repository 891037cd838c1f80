import { type Inspection, SCANNERS, type Scan, type Scanner, type Scans } from '@sluice/contract/scan';
import type { Evidence } from '@sluice/contract/upload';
import type { RejectReason } from '@sluice/contract/verdict';
import { flawsOf } from '../inspect/judge.ts';
import type { Policy } from './policy.ts';

/** The version that is judged. */
export type Version = Pick<Evidence, 'etag' | 'versionId'>;

/** What comes of all that scanners have said of one version so far. */
export type ScanVerdict =
  | { readonly kind: 'go_on' }
  /** scanners that have yet to say something, or could not the last time */
  | { readonly kind: 'wait'; readonly missing: readonly Scanner[] }
  | { readonly kind: 'reject'; readonly reason: RejectReason; readonly detail: string };

type Said = { readonly scans?: Scans; readonly inspection?: Inspection };

/** Whether a scanner said this of this very version. */
export function isOfVersion({ etag, versionId }: Version, version: Version): boolean {
  return etag === version.etag && versionId === version.versionId;
}

/** What was said of this version, and nothing that was said of another. */
export function scansOf(scans: Scans | undefined, version: Version): Scans {
  return Object.fromEntries(entriesOf(scans).filter(([, scan]) => isOfVersion(scan, version)));
}

/**
 * Judges a version by what scanners said of it and by the policy as it is now. Harm that any of them found
 * rejects at once; everything else waits until each scanner that the policy demands has said something of
 * this version. What was said of another one does not count.
 */
export function judgeScans(policy: Policy, said: Said, version: Version): ScanVerdict {
  const scans = scansOf(said.scans, version);
  const infected = entriesOf(scans).filter(([, { outcome }]) => outcome === 'infected');
  if (infected.length > 0) return { kind: 'reject', reason: 'infected', detail: toHarm(infected) };
  const demanded = policy.scanners ?? [];
  const missing = demanded.filter((scanner) => !hasJudged(scans[scanner]));
  if (missing.length > 0) return { kind: 'wait', missing };
  // What was seen of a file into which nobody can look further counts, too: that it has a password, say.
  if (demanded.includes('inspection')) {
    const flaws = flawsOf(said.inspection ?? {}, policy.inspection);
    if (flaws.length > 0) {
      const detail = `The policy does not take what is in the file: ${flaws.join('; ')}.`;
      return { kind: 'reject', reason: 'content_refused', detail };
    }
  }
  const unsupported = demanded.find((scanner) => scans[scanner]?.outcome === 'unsupported');
  if (unsupported === undefined || policy.unscannable === 'accepted') return { kind: 'go_on' };
  const why = scans[unsupported]?.detail;
  const detail = `The scanner ${unsupported} cannot look into the file${why === undefined ? '' : `: ${why}`}`;
  return { kind: 'reject', reason: 'unscannable', detail: detail.replace(/[^.!?]$/, '$&.') };
}

/** The names of what was found in an infected file, at most ten. */
export function threatsIn(scans: Scans | undefined): readonly string[] {
  return toThreats(entriesOf(scans).filter(([, { outcome }]) => outcome === 'infected'));
}

/** For people: what which scanners found. */
export function toHarm(infected: readonly (readonly [Scanner, Scan])[]): string {
  const threats = toThreats(infected);
  const scanners = infected.map(([scanner]) => scanner).join(' and ');
  return `Something harmful was found in the file by ${scanners}${threats.length === 0 ? '' : `: ${threats.join(', ')}`}.`;
}

const MOST_THREATS = 10;

function toThreats(infected: readonly (readonly [Scanner, Scan])[]): readonly string[] {
  return [...new Set(infected.flatMap(([, { threats = [] }]) => threats))].slice(0, MOST_THREATS);
}

function hasJudged(scan: Scan | undefined): boolean {
  return scan !== undefined && scan.outcome !== 'failed';
}

function entriesOf(scans: Scans = {}): (readonly [Scanner, Scan])[] {
  return SCANNERS.flatMap((scanner) => {
    const scan = scans[scanner];
    return scan === undefined ? [] : [[scanner, scan] as const];
  });
}
