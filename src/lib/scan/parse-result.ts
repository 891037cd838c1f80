import { SCAN_OUTCOMES, SCANNERS, type ScanResult } from '@sluice/contract/scan';
import { UnreadableResult } from './faults.ts';
import { parseFields, parseScannedObject, toFields, toShown, toThreats } from './fields.ts';
import { isGuardDutyEvent, parseGuardDutyEvent } from './guardduty.ts';
import { toInspection } from './parse-inspection.ts';

/**
 * The result in a message of the queue of results: one that a scanner of ours wrote, or the event that
 * GuardDuty sent by EventBridge. Texts are cut to what fits on a line, and lists to their first ten.
 * @throws UnreadableResult
 */
export function parseScanResult(text: string): ScanResult {
  const fields = parseFields(text, toFault);
  if (isGuardDutyEvent(fields)) return parseGuardDutyEvent(fields);
  if (fields.schema !== 1) throw toFault('its schema');
  const scanner = SCANNERS.find((one) => one === fields.scanner);
  if (scanner === undefined) throw toFault('its scanner');
  const outcome = SCAN_OUTCOMES.find((one) => one === fields.outcome);
  if (outcome === undefined) throw toFault('its outcome');
  const threats = outcome === 'infected' ? toThreats(fields.threats) : [];
  const detail = toShown(fields.detail);
  const { attempt } = fields;
  const found = scanner === 'inspection' ? toFields(fields.inspection) : undefined;
  return {
    schema: 1,
    scanner,
    ...parseScannedObject(fields, toFault),
    outcome,
    ...(typeof attempt === 'number' && Number.isSafeInteger(attempt) && attempt > 0 && { attempt }),
    ...(threats.length > 0 && { threats }),
    ...(detail !== undefined && { detail }),
    ...(found !== undefined && { inspection: toInspection(found) }),
  };
}

function toFault(what: string) {
  return new UnreadableResult(what);
}
