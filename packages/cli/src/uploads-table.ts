import type { Upload } from '@sluice/client/resource';
import { toSize } from '@sluice/contract/size-text';
import { paintState, printLine } from './print.ts';
import { printable, toAge, toColumns } from './text.ts';
import type { World } from './world.ts';

/** Uploads under a heading, a line each, the file name last. */
export function printTable(world: World, uploads: readonly Upload[]): void {
  const rows = uploads.map((upload) =>
    [
      upload.id,
      upload.reason === undefined ? upload.state : `${upload.state}: ${upload.reason}`,
      toSize(upload.size),
      upload.servedType ?? upload.contentType,
      upload.readers ?? 'owner',
      toAge(upload.createdAt, world.timing.now()),
      upload.filename,
    ].map(printable),
  );
  const [heading = '', ...lines] = toColumns([
    ['ID', 'STATE', 'SIZE', 'TYPE', 'READERS', 'REQUESTED', 'FILE'],
    ...rows,
  ]);
  printLine(world.stdout, heading);
  for (const [i, line] of lines.entries()) {
    const { id = '', state = '' } = uploads[i] ?? {};
    const [before, after] = [line.slice(0, id.length + 2), line.slice(id.length + 2 + state.length)];
    printLine(world.stdout, before + paintState(world, world.stdout, state) + after);
  }
}
