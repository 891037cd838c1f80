import { basename } from 'node:path';
import { ProblemError } from '@sluice/client/errors';
import { openFile } from '@sluice/client/file';
import type { Upload } from '@sluice/client/resource';
import { createUploader, type UploadOptions } from '@sluice/client/uploader';
import { typeByExtension } from '@sluice/contract/content-types';
import { Complaint } from './complaint.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { createLive } from './live.ts';
import { printJson, printLine } from './print.ts';
import { type Report, toReport } from './report.ts';
import { describeFailure, describeSettled } from './result.ts';
import type { Target } from './target.ts';
import { printable } from './text.ts';
import { openUnfinished } from './unfinished.ts';
import { tellProgress, type UploadProgress } from './upload-progress.ts';
import type { World } from './world.ts';

// Not the line itself: whoever typed it has it, quoted as their shell wants it.
const KEPT = 'What has arrived is kept: the same command goes on with it, and with --restart begins anew.';

export type SenderOptions = {
  readonly upload: UploadOptions;
  /** how many parts, or files in one piece, travel at once; the client's own number when absent */
  readonly concurrency: number | undefined;
  /** whether to wait for the verdicts */
  readonly waits: boolean;
  readonly json: boolean;
};

/**
 * Sends one file, tells of its progress on stderr and of its end on stdout, and resolves with the exit code
 * it stands for. A file that fails does not keep the others from being sent; an abort ends them all, by
 * throwing, and leaves those in parts to be gone on with by the same command.
 */
export function createSender(target: Target, world: World, options: SenderOptions) {
  const { upload, waits, json } = options;
  const { timing } = world;
  const uploader = createUploader({
    endpoint: target.endpoint,
    token: target.token,
    timing,
    concurrency: options.concurrency,
    unfinished: openUnfinished(target.unfinishedFolder, timing.now),
  });
  const live = createLive(world.stderr, timing.now);

  const send = async (path: string, progress: UploadProgress): Promise<Upload> => {
    const file = await openFile(path);
    const contentType = upload.contentType ?? typeByExtension(file.name);
    if (contentType === undefined) {
      throw new Complaint(
        `The type of ${printable(path)} is not known by its extension.`,
        'Name it with --content-type.',
      );
    }
    const wishes = { ...upload, ...progress, contentType, keep: true, signal: world.signal };
    return waits ? uploader.upload(file, wishes) : uploader.send(file, wishes);
  };

  const reportOf = (error: unknown, progress: UploadProgress): Report => {
    const report = toReport(error, target.stack !== undefined);
    // What the API refuses for good does not get better by going on.
    const isOver = error instanceof ProblemError && !error.retryable;
    if (!progress.isKept() || isOver) return report;
    return { ...report, hint: report.hint === undefined ? KEPT : `${report.hint} ${KEPT}` };
  };

  return async (path: string, index: number): Promise<ExitCode> => {
    const key = String(index);
    const progress = tellProgress(world, live, { key, name: printable(basename(path)), json });
    try {
      const settled = await send(path, progress);
      live.clear(key);
      live.keep(() => {
        if (!json) return printLine(world.stdout, describeSettled(world, path, settled, waits));
        const outcome = waits ? settled.state : 'sent';
        printJson(world.stdout, { file: path, outcome, upload: settled });
      });
      return !waits || settled.state === 'accepted' ? EXIT.ok : EXIT.rejected;
    } catch (error) {
      live.clear(key);
      if (world.signal.aborted) {
        if (progress.isKept() && !json) printLine(world.stderr, `${printable(path)}  stopped. ${KEPT}`);
        throw error;
      }
      const { exit, ...report } = reportOf(error, progress);
      live.keep(() => {
        if (json) printJson(world.stdout, { file: path, outcome: 'failed', error: report });
        else printLine(world.stderr, describeFailure(world, path, report));
      });
      return exit;
    }
  };
}
