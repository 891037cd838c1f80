import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../local/folders.ts';
import { startGroup } from '../../local/group.ts';
import { Obstacle, tailOf } from '../../local/obstacle.ts';
import { findFreePort } from '../../local/port.ts';

/** Another program that speaks S3, to hold what MiniStack says against. */
export type EngineName = 'moto' | 'versitygw';

/** How to have it and to run it. */
export type Engine = {
  readonly name: EngineName;
  /** what it speaks besides S3 */
  readonly speaksDynamoDB: boolean;
  /** True when exactly the pinned version is installed. */
  readonly isInstalled: () => Promise<boolean>;
  /** Installs it into `.sluice`. Throws an Obstacle that says why it cannot be had here. */
  readonly install: () => Promise<void>;
  /** @param options of its own, before all others */
  readonly launch: (
    port: number,
    folder: string,
    options?: readonly string[],
  ) => Promise<{
    readonly command: string;
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
  }>;
};

/** The keys that every engine is given. They open nothing anywhere else. */
export const KEYS = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

const ANSWERS_WITHIN_MS = 60_000;
const POLL_MS = 100;

type Started = { readonly port?: number; readonly options?: readonly string[] };

/** Starts an engine on a free port of this machine, with data that are thrown away when it is stopped. */
export async function startEngine(
  { name, launch }: Pick<Engine, 'launch'> & { readonly name: string },
  { port: wanted, options }: Started = {},
) {
  const port = wanted ?? (await findFreePort());
  const folder = join(projectRoot, '.sluice', `test-${name}-${process.pid}-${port}`);
  await mkdir(folder, { recursive: true });
  const log = join(folder, 'engine.log');
  const group = startGroup({ ...(await launch(port, folder, options)), cwd: folder, log });
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  let isOver = false;
  void group.ended.then(() => {
    isOver = true;
  });
  while (!(await answers(endpoint))) {
    if (isOver || performance.now() > deadline) {
      await group.stop();
      throw new Obstacle(
        `${name} does not answer. The end of ${log}:\n\n${tailOf(await readFile(log, 'utf8'))}`,
      );
    }
    await delay(POLL_MS);
  }
  return {
    endpoint,
    stop: async () => {
      await group.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Any answer will do: without a signature it is a refusal. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
}
