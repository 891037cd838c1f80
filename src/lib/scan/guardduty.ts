import type { ScanOutcome, ScanResult } from '@sluice/contract/scan';
import { UnreadableResult } from './faults.ts';
import {
  type Fields,
  toEtag,
  toFields,
  toName,
  toShown,
  toThreats,
  toUploadId,
  toVersion,
} from './fields.ts';

// https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
const DETAIL_TYPE = 'GuardDuty Malware Protection Object Scan Result';

/** True for what came by EventBridge, and is not a message of our own. */
export function isGuardDutyEvent(fields: Fields): boolean {
  return fields['detail-type'] !== undefined;
}

/**
 * What GuardDuty says of an object. Only `NO_THREATS_FOUND` of a scan that was completed is `clean`; a status
 * that is not known here is `failed`, so that nothing is accepted by it and somebody looks.
 * @throws UnreadableResult
 */
export function parseGuardDutyEvent(event: Fields): ScanResult {
  if (event.source !== 'aws.guardduty' || event['detail-type'] !== DETAIL_TYPE)
    throw new UnreadableResult('an event of another kind');
  const detail = toFields(event.detail);
  const object = toFields(detail?.s3ObjectDetails);
  const result = toFields(detail?.scanResultDetails) ?? {};
  if (detail === undefined || object === undefined) throw new UnreadableResult('its s3ObjectDetails');
  const judgement = judge(detail.scanStatus, result);
  return { schema: 1, scanner: 'guardduty', ...toObject(object), ...judgement };
}

function toObject(object: Fields) {
  const [bucket, key] = [toName(object.bucketName), toName(object.objectKey)];
  const etag = toEtag(object.eTag);
  const uploadId = toUploadId(key);
  if (bucket === undefined) throw new UnreadableResult('its bucketName');
  if (key === undefined || uploadId === undefined) throw new UnreadableResult('its objectKey');
  if (etag === undefined) throw new UnreadableResult('its eTag');
  const version = toVersion(object.versionId, (what) => new UnreadableResult(what));
  return { uploadId, bucket, key, ...version, etag };
}

type Judgement = Pick<ScanResult, 'threats' | 'detail'> & { readonly outcome: ScanOutcome };

function judge(scanStatus: unknown, { scanResultStatus, threats, statusReasons }: Fields): Judgement {
  const why = toReasons(statusReasons);
  switch (scanResultStatus) {
    // Whatever became of the rest of the scan, a threat was found.
    case 'THREATS_FOUND': {
      const names = Array.isArray(threats) ? threats.map((threat: unknown) => toFields(threat)?.name) : [];
      const found = toThreats(names);
      return { outcome: 'infected', ...(found.length > 0 && { threats: found }) };
    }
    case 'NO_THREATS_FOUND':
      return scanStatus === 'COMPLETED'
        ? { outcome: 'clean' }
        : {
            outcome: 'failed',
            detail: `GuardDuty found nothing, but its scan is ${toShown(scanStatus, 40)}`,
          };
    case 'UNSUPPORTED':
      return { outcome: 'unsupported', detail: `GuardDuty cannot look into it${why}` };
    case 'ACCESS_DENIED':
      return { outcome: 'failed', detail: `GuardDuty was not allowed to read it${why}` };
    case 'FAILED':
      return { outcome: 'failed', detail: `GuardDuty’s scan failed${why}` };
    default: {
      const said = toShown(scanResultStatus, 40) ?? toShown(scanStatus, 40) ?? 'nothing';
      return { outcome: 'failed', detail: `GuardDuty says ${said}, which Sluice does not know${why}` };
    }
  }
}

/** For people, as `: PASSWORD_PROTECTED`; empty where GuardDuty gives no reason. */
function toReasons(reasons: unknown): string {
  const texts = Array.isArray(reasons)
    ? reasons.slice(0, 5).flatMap((one: unknown) => toShown(one, 100) ?? [])
    : [];
  return texts.length === 0 ? '' : `: ${texts.join(', ')}`;
}
