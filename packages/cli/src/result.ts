import type { Upload } from '@sluice/client/resource';
import { toSize } from '@sluice/contract/size-text';
import { paint, paintState } from './print.ts';
import type { Report } from './report.ts';
import { printable } from './text.ts';
import type { World } from './world.ts';

/** How one file ended, in a line. */
export function describeSettled(world: World, path: string, upload: Upload, waited: boolean): string {
  const { state, servedType, size, reason, detail, id } = upload;
  const word = waited ? state : 'sent';
  const name = printable(path);
  const verdict = paintState(world, world.stdout, word);
  if (state === 'accepted')
    return `${name}  ${verdict} as ${servedType ?? 'unknown'}, ${toSize(size)}  ${id}`;
  const why = reason === undefined ? '' : `: ${printable(detail ?? reason)} (${printable(reason)})`;
  return `${name}  ${verdict}${why}  ${id}`;
}

/** Why one file could not be sent, and what to do, in one line or two. */
export function describeFailure(world: World, path: string, report: Omit<Report, 'exit'>): string {
  const failed = paint(world, world.stderr, 'red', 'failed');
  const hint = report.hint === undefined ? '' : `\n  ${report.hint}`;
  return `${printable(path)}  ${failed}: ${describeCause(report)}${hint}`;
}

// Codes of this tool's own say no more than their message does.
const OWN_CODES = ['usage', 'not_possible', 'sign_in_refused', 'unexpected', 'failed'];

/** The message with what to look it up by: the code, and the field at fault. */
export function describeCause({ message, code, field }: Omit<Report, 'exit'>): string {
  const marks = [OWN_CODES.includes(code) ? undefined : code, field].filter((mark) => mark !== undefined);
  return marks.length === 0 ? message : `${message} (${marks.join(', ')})`;
}
