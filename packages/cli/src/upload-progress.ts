import type { Upload } from '@sluice/client/resource';
import type { Progress, UploadOptions } from '@sluice/client/uploader';
import { toSize } from '@sluice/contract/size-text';
import { isSettled } from '@sluice/contract/state';
import type { Live } from './live.ts';
import { toMeter } from './meter.ts';
import { printLine } from './print.ts';
import type { World } from './world.ts';

/** One file that is followed on its way. */
export type UploadProgress = Required<Pick<UploadOptions, 'onProgress' | 'onState' | 'onResume'>> & {
  /**
   * True once the upload was begun in parts, and until it has settled: the same command then goes on with it.
   */
  readonly isKept: () => boolean;
};

/**
 * Tells of a file's way on stderr: in place on a terminal; elsewhere only its steps, a line each, and nothing
 * beside JSON.
 */
export function tellProgress(
  world: World,
  live: Live,
  { key, name, json }: { readonly key: string; readonly name: string; readonly json: boolean },
): UploadProgress {
  const { now } = world.timing;
  const tell = (line: string) => {
    if (world.stderr.isTTY !== true && !json) printLine(world.stderr, `${name}: ${line}`);
  };
  let begun: Upload | undefined;
  let first: (Progress & { readonly at: number }) | undefined;
  return {
    onProgress: (progress) => {
      // The speed is that of this run and this phase, not of what was there before.
      if (first?.phase !== progress.phase) first = { ...progress, at: now() };
      live.set(key, toProgressLine(name, progress, first.bytes, now() - first.at));
    },
    onState: (upload) => {
      begun = upload;
      // What has settled is told by its result.
      if (isSettled(upload.state)) return;
      live.set(key, `${name}  ${upload.state === 'requested' ? 'sending' : upload.state}…`, 'now');
      tell(upload.state);
    },
    onResume: ({ size }, bytes) => tell(`resumed, ${toSize(bytes)} of ${toSize(size)} are there`),
    isKept: () => begun?.transport === 'multipart' && !isSettled(begun.state),
  };
}

function toProgressLine(
  name: string,
  { phase, bytes, totalBytes }: Progress,
  firstBytes: number,
  elapsedMs: number,
): string {
  if (bytes >= totalBytes && phase === 'sending') return `${name}  verifying…`;
  const doing = phase === 'hashing' ? '  hashing' : '';
  return `${name}  ${toMeter(bytes, totalBytes, elapsedMs, bytes - firstBytes)}${doing}`;
}
