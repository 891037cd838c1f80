import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..');

/**
 * Where a local stack keeps its things. Everything lives in one git-ignored folder and may be deleted at any
 * time.
 */
export type Folders = ReturnType<typeof foldersIn>;

/** The folders of the stack that `npm start` runs. */
export function ownFolders(): Folders {
  return foldersIn(join(projectRoot, '.sluice'));
}

/** The folders of a stack whose data live in `base`. The installed MiniStack is shared by all of them. */
export function foldersIn(base: string) {
  return {
    base,
    installation: join(projectRoot, '.sluice', 'ministack'),
    /** Survives a stop: queues, tables, users, functions (`state`) and the bytes of objects (`objects`). */
    data: join(base, 'data'),
    state: join(base, 'data', 'state'),
    objects: join(base, 'data', 'objects'),
    /** Unpacked function bundles; emptied at every stop. */
    temporary: join(base, 'tmp'),
    /** Stands in for the home folder, so that no one's ~/.aws or ~/.serverlessrc takes part. */
    home: join(base, 'home'),
    stackFile: join(base, 'stack.json'),
    processFile: join(base, 'ministack.pid'),
    /** clamd's settings, its signature of EICAR, what it unpacks, and its log. */
    clamav: join(base, 'clamav'),
    ministackLog: join(base, 'ministack.log'),
    deployLog: join(base, 'deploy.log'),
  };
}
