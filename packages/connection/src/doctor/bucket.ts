import { adviceFor } from '../advice.ts';
import type { BucketDescription } from '../buckets/describe.ts';
import { isTlsOnly } from '../buckets/tls-only.ts';
import type { Check, Finding } from './finding.ts';

/** What a bucket is judged by besides itself. */
export type BucketContext = {
  readonly bucket: string;
  /** The region of the session. */
  readonly region: string;
  /** How it is reached. */
  readonly protocol: string;
};

const CHECK_OF: Readonly<Record<string, Check>> = {
  region: 'region',
  'public access': 'public-access',
  policy: 'tls-only',
  encryption: 'encryption',
  cors: 'cors',
  notifications: 'notifications',
  lifecycle: 'lifecycle',
};

/**
 * Judges how a bucket is set up. Pure: `describeBucket` has asked. Nothing here stops calls, so nothing
 * fails.
 */
export function decideBucket(description: BucketDescription, context: BucketContext): Finding[] {
  const unreadable = new Map<Check, Finding>();
  for (const { aspect, error } of description.unreadable) {
    const check = CHECK_OF[aspect];
    if (check === undefined) continue;
    const detail = `could not be read: ${error.name}${error.serviceCode ? ` (${error.serviceCode})` : ''}`;
    unreadable.set(check, { check, verdict: 'warn', detail, fix: adviceFor(error), error: error.code });
  }
  return [
    toRegion(description, context),
    toPublicAccess(description),
    toTlsOnly(description, context),
    toEncryption(description),
    toCors(description),
    toNotifications(description),
    toLifecycle(description),
  ].map((finding) => unreadable.get(finding.check) ?? finding);
}

function ok(check: Check, detail: string): Finding {
  return { check, verdict: 'ok', detail };
}
function warn(check: Check, detail: string, fix: string): Finding {
  return {
    check,
    verdict: 'warn',
    detail,
    fix,
  };
}

function toRegion({ region: own }: BucketDescription, { region }: BucketContext): Finding {
  if (own === undefined || own === region) return ok('region', `the bucket is in ${own ?? region}`);
  return warn(
    'region',
    `the bucket is in ${own}, the session in ${region}: calls take a detour, presigned URLs fail`,
    `Use the region ${own} (AWS_REGION, --region).`,
  );
}

function toPublicAccess({ isPublicAccessBlocked }: BucketDescription): Finding {
  return isPublicAccessBlocked
    ? ok('public-access', 'blocked')
    : warn(
        'public-access',
        'not blocked: a policy or an ACL could open it to everybody',
        'Turn all four settings of its public access block on.',
      );
}

function toTlsOnly({ policy }: BucketDescription, { bucket, protocol }: BucketContext): Finding {
  if (policy !== undefined && isTlsOnly(policy, bucket))
    return ok('tls-only', 'calls without TLS are denied');
  // Where there is no TLS such a policy would lock everybody out.
  if (protocol === 'http:') return ok('tls-only', 'not asked for, as the endpoint has no TLS');
  return warn(
    'tls-only',
    'calls without TLS are not denied',
    'Add a statement to its policy that denies s3:* to * when aws:SecureTransport is false.',
  );
}

function toEncryption({ encryption }: BucketDescription): Finding {
  return encryption === undefined
    ? warn(
        'encryption',
        'none by default',
        'Set a default encryption: AES256, or aws:kms with a key of yours.',
      )
    : ok('encryption', encryption);
}

function toCors({ cors = [] }: BucketDescription): Finding {
  if (cors.length === 0) {
    return warn(
      'cors',
      'no rule: no web page can upload or download directly',
      'If pages should, allow their origins; else leave it so.',
    );
  }
  const writing = cors.filter(({ AllowedMethods = [] }) =>
    AllowedMethods.some((method) => method === 'PUT' || method === 'POST'),
  );
  const origins = [...new Set(cors.flatMap(({ AllowedOrigins = [] }) => AllowedOrigins))];
  if (writing.some(({ AllowedOrigins = [] }) => AllowedOrigins.includes('*'))) {
    return warn('cors', 'pages of every origin (*) may upload', 'Name the origins of your own pages.');
  }
  if (
    writing.some(({ ExposeHeaders = [] }) => !ExposeHeaders.some((name) => name.toLowerCase() === 'etag'))
  ) {
    return warn(
      'cors',
      'pages may upload and not read ETag, which an upload in parts needs',
      'Add ETag to ExposeHeaders.',
    );
  }
  return ok('cors', `${writing.length > 0 ? 'upload' : 'read'} from ${origins.join(', ')}`);
}

function toNotifications({ notifications = [], otherListeners = 0 }: BucketDescription): Finding {
  const count = notifications.length + otherListeners;
  return count > 0
    ? ok('notifications', `${count === 1 ? 'one listener hears' : `${count} listeners hear`} of its events`)
    : warn(
        'notifications',
        'nothing hears of new objects',
        'If uploads arrive here, send ObjectCreated events to a queue; else leave it so.',
      );
}

function toLifecycle({ lifecycle = [] }: BucketDescription): Finding {
  const active = lifecycle.filter(({ Status }) => Status === 'Enabled');
  return active.some(({ AbortIncompleteMultipartUpload: rule }) => rule !== undefined)
    ? ok(
        'lifecycle',
        `${active.length} ${active.length === 1 ? 'rule' : 'rules'}, unfinished uploads are cleared away`,
      )
    : warn(
        'lifecycle',
        'parts of unfinished uploads stay, and are paid for, for ever',
        'Add a rule with AbortIncompleteMultipartUpload, after 7 days for instance.',
      );
}
