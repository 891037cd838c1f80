import { describeBucket } from '../buckets/describe.ts';
import { classify } from '../classify.ts';
import { createS3Client } from '../clients/s3.ts';
import type { Session } from '../session.ts';
import { mask } from '../settings/mask.ts';
import { describe } from '../settings/resolve.ts';
import type { SettingName } from '../settings/values.ts';
import { checkAccess, checkCredentials, checkIdentity } from './access.ts';
import { addressOf } from './address.ts';
import { decideBucket } from './bucket.ts';
import type { Finding } from './finding.ts';
import { decideNetwork, toFailure } from './network.ts';
import { probe } from './probe.ts';

/** What to examine. */
export type DiagnoseRequest = {
  readonly session: Session;
  /** Also examine this bucket. */
  readonly bucket?: string | undefined;
  /** Tells where a setting came from, for a person who gave it in another way than by code. */
  readonly sourceOf?: (setting: SettingName) => string;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Examines a session's way to S3, one finding at a time, and changes nothing anywhere. Ends early when what
 * failed makes the rest pointless: without a connection no call, without keys or access nothing about a
 * bucket.
 *
 * Never throws for what it is there to find; an abort throws.
 */
export async function* diagnose({
  session,
  bucket,
  sourceOf = (setting) => describe(session.settings.sources[setting]),
  now,
  signal,
}: DiagnoseRequest): AsyncGenerator<Finding> {
  const { settings } = session;
  const { region } = settings.values;
  let client: ReturnType<typeof createS3Client>;
  let address: URL;
  try {
    client = session.client(createS3Client);
    address = addressOf(client, settings, bucket);
  } catch (error) {
    yield toFailure('settings', classify(error));
    return;
  }
  yield {
    check: 'settings',
    verdict: 'ok',
    detail: `region ${region} (${sourceOf('region')})`,
  };
  yield { check: 'endpoint', verdict: 'ok', detail: address.href };

  const credentials = await checkCredentials(session, sourceOf, now());
  yield credentials;

  const found = await probe({ settings, address, now, signal });
  signal?.throwIfAborted();
  const findings = decideNetwork(found, { address, proxy: proxyFor(session, address), now: now() });
  yield* findings;
  if ([credentials, ...findings].some(isFailure)) return;

  const identity = await checkIdentity(session, signal);
  if (identity) yield identity;
  if (identity && isFailure(identity)) return;
  const access = await checkAccess(client, bucket, signal);
  signal?.throwIfAborted();
  yield access;
  if (bucket === undefined || isFailure(access)) return;

  const description = await describeBucket(client, bucket);
  yield* decideBucket(description, { bucket, region: region ?? '', protocol: address.protocol });
}

function isFailure({ verdict }: Finding): boolean {
  return verdict === 'fail';
}

/** The proxy on the way to an address, masked. */
function proxyFor({ settings: { values } }: Session, { protocol, hostname, port }: URL): string | undefined {
  const name = protocol === 'https:' ? 'httpsProxy' : 'httpProxy';
  const passedBy = (values.noProxy ?? '').toLowerCase().split(/[\s,]+/);
  const isPassedBy = passedBy.some(
    (entry) => ['*', hostname, `${hostname}:${port}`].includes(entry) || isBelow(hostname, entry),
  );
  return values[name] === undefined || isPassedBy ? undefined : mask(name, values[name]);
}

function isBelow(hostname: string, entry: string): boolean {
  const name = entry.replace(/^\*?\./, '');
  return name !== '' && hostname.endsWith(`.${name}`);
}
