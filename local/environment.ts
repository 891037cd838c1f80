import { delimiter, join } from 'node:path';
import { type Folders, projectRoot } from './folders.ts';

/**
 * The whole environment of a child process: little enough to know by heart. MiniStack hands its own
 * environment on to every function it runs, so anything of the caller's that were passed on (AWS_PROFILE,
 * AWS_CA_BUNDLE, HTTP_PROXY, NODE_OPTIONS, …) would make the same stack behave differently from one machine
 * to the next. `node_modules/.bin` comes first in the PATH because the pinned Node lives there.
 */
export function childEnvironment(folders: Folders, additions: Readonly<Record<string, string>>) {
  return {
    PATH: [join(projectRoot, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
    HOME: folders.home,
    TMPDIR: folders.temporary,
    LANG: 'C.UTF-8',
    ...additions,
  };
}

export const region = 'us-east-1';

/** The credentials MiniStack takes for the account's root. They open nothing anywhere else. */
export const localCredentials = { accessKeyId: 'test', secretAccessKey: 'test' } as const;
