import { openFile } from '../client/file.ts';
import type { Upload } from '../client/resource.ts';
import { createUploader, type Progress, type UploadOptions } from '../client/uploader.ts';
import { typeByExtension } from '../lib/upload/extension.ts';
import { isSettled } from '../lib/upload/state.ts';
import { Complaint } from './complaint.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { createLive } from './live.ts';
import { toMeter } from './meter.ts';
import { printJson, printLine } from './print.ts';
import { toReport } from './report.ts';
import { describeFailure, describeSettled } from './result.ts';
import type { Target } from './target.ts';
import { printable } from './text.ts';
import type { World } from './world.ts';

export type SenderOptions = {
  readonly upload: UploadOptions;
  /** whether to wait for the verdicts */
  readonly waits: boolean;
  readonly json: boolean;
};

/**
 * Sends one file, tells of its progress on stderr and of its end on stdout, and resolves with the exit code it stands
 * for. A file that fails does not keep the others from being sent; an abort ends them all, by throwing.
 */
export const createSender = (target: Target, world: World, { upload, waits, json }: SenderOptions) => {
  const uploader = createUploader({ endpoint: target.endpoint, token: target.token, timing: world.timing });
  const live = createLive(world.stderr, world.timing.now);

  /** Progress on a terminal changes in place; elsewhere only its steps are told, a line each. */
  const follow = (key: string, name: string) => {
    const startedAt = world.timing.now();
    return {
      onProgress: (progress: Progress) =>
        live.set(key, toProgressLine(name, progress, world.timing.now() - startedAt)),
      onState: ({ state }: Upload) => {
        // What has settled is told by its result.
        if (isSettled(state)) return;
        live.set(key, `${name}  ${state === 'requested' ? 'sending' : state}…`, 'now');
        if (world.stderr.isTTY !== true && !json) printLine(world.stderr, `${name}: ${state}`);
      },
    };
  };

  const send = async (path: string, key: string): Promise<Upload> => {
    const file = await openFile(path);
    const contentType = upload.contentType ?? typeByExtension(file.name);
    if (contentType === undefined) {
      throw new Complaint(
        `The type of ${printable(path)} is not known by its extension.`,
        'Name it with --content-type.',
      );
    }
    const options = { ...upload, ...follow(key, printable(file.name)), contentType, signal: world.signal };
    return waits ? uploader.upload(file, options) : uploader.send(file, options);
  };

  return async (path: string, index: number): Promise<ExitCode> => {
    const key = String(index);
    try {
      const settled = await send(path, key);
      live.clear(key);
      live.keep(() => {
        if (!json) return printLine(world.stdout, describeSettled(world, path, settled, waits));
        const outcome = waits ? settled.state : 'sent';
        printJson(world.stdout, { file: path, outcome, upload: settled });
      });
      return !waits || settled.state === 'accepted' ? EXIT.ok : EXIT.rejected;
    } catch (error) {
      live.clear(key);
      if (world.signal.aborted) throw error;
      const { exit, ...report } = toReport(error, target.stack !== undefined);
      live.keep(() => {
        if (json) printJson(world.stdout, { file: path, outcome: 'failed', error: report });
        else printLine(world.stderr, describeFailure(world, path, report));
      });
      return exit;
    }
  };
};

const toProgressLine = (name: string, { phase, bytes, totalBytes }: Progress, elapsedMs: number): string => {
  if (bytes >= totalBytes && phase === 'sending') return `${name}  verifying…`;
  const doing = phase === 'hashing' ? '  hashing' : '';
  return `${name}  ${toMeter(bytes, totalBytes, elapsedMs)}${doing}`;
};
