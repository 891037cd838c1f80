import type { Upload } from '../client/resource.ts';
import { paint, paintState } from './print.ts';
import type { Report } from './report.ts';
import { printable, toSize } from './text.ts';
import type { World } from './world.ts';

/** How one file ended, in a line. */
export const describeSettled = (world: World, path: string, upload: Upload, waited: boolean): string => {
  const { state, servedType, size, reason, detail, id } = upload;
  const word = waited ? state : 'sent';
  const name = printable(path);
  const verdict = paintState(world, world.stdout, word);
  if (state === 'accepted')
    return `${name}  ${verdict} as ${servedType ?? 'unknown'}, ${toSize(size)}  ${id}`;
  const why = reason === undefined ? '' : `: ${printable(detail ?? reason)} (${printable(reason)})`;
  return `${name}  ${verdict}${why}  ${id}`;
};

/** Why one file could not be sent, and what to do, in one line or two. */
export const describeFailure = (
  world: World,
  path: string,
  { message, hint, code, field }: Omit<Report, 'exit'>,
): string => {
  const where = field === undefined ? code : `${code}, ${field}`;
  const failed = paint(world, world.stderr, 'red', 'failed');
  return [
    `${printable(path)}  ${failed}: ${message} (${where})`,
    ...(hint === undefined ? [] : [`  ${hint}`]),
  ].join('\n');
};
