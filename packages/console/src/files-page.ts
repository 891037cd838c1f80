import { createBatchClient } from '@sluice/client/batch';
import type { Upload } from '@sluice/client/resource';
import { learnTypes } from '@sluice/contract/own-types';
import { find } from './elements.ts';
import { createFileList } from './file-list.ts';
import { createKnownFiles } from './known-files.ts';
import { startListFilter } from './list-filter.ts';
import { createListPages } from './list-pages.ts';
import type { Login } from './login.ts';
import { lookAgain } from './look-again.ts';
import type { Notices } from './notices.ts';
import { createRowActions } from './row-actions.ts';
import { showRules } from './rules.ts';
import { startSelection } from './selection.ts';
import { createToSharing } from './sharing.ts';
import { openUploadArea } from './upload-area.ts';

export type FilesPageDeps = {
  readonly endpoint: string;
  readonly login: Login;
  readonly notices: Notices;
  /** Tells the person of what concerns the whole page. Returns what takes it back. */
  readonly report: (error: unknown) => () => void;
};

/** Where somebody who is signed in uploads files and sees what became of them. Lasts as long as the page. */
export async function openFilesPage({ endpoint, login, notices, report }: FilesPageDeps): Promise<void> {
  const connection = { endpoint, token: login.token };
  const client = createBatchClient(connection);
  const known = createKnownFiles();
  const pages = createListPages(client, known);

  // Progress is told more often than a screen is painted.
  let isDue = false;
  const show = (): void => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      const items = known.items(pages.filter());
      selection.show(items);
      list.show(items, Date.now());
      filter.update(items.length === 0);
    });
  };

  const onUpload = (upload: Upload): void => {
    known.putUploads([upload]);
    show();
  };
  const policies = await client.policies();
  learnTypes(policies.ownTypes ?? []);
  const actions = createRowActions({
    client,
    known,
    who: login.name,
    toSharing: createToSharing(endpoint, policies),
    onUpload,
    onDropped: show,
    announce: notices.announce,
    onError: report,
  });
  const selection = startSelection({ onChange: show, remove: actions.removeAll });
  const list = createFileList({ ...actions, selection });
  const filter = startListFilter({ pages, onChange: show, onError: report });

  const rules = showRules(policies);
  let refusals = 0;
  const uploads = await openUploadArea({
    ...connection,
    client,
    policies,
    chosenPolicy: rules.chosen,
    onRefused: (file, { contentType, why }) => {
      filter.showAll();
      known.putRefusal({ key: `refusal-${++refusals}`, file, contentType, why });
      notices.announce(`${file.name}: Not sent. ${why}`);
      show();
    },
    onStarted: filter.showAll,
    onChange: () => {
      pages.refresh().then(show, report);
    },
    onUpload,
    notices,
    report,
  });
  rules.onChange(uploads.offerTypes);
  addEventListener('beforeunload', (event) => {
    if (uploads.isSending()) event.preventDefault();
  });

  find(document, '#files-page', HTMLElement).hidden = false;
  await pages.setFilter(undefined);
  show();
  await lookAgain(createLook({ refresh: pages.refresh, show, report }), known.isUnsettled);
}

type LookDeps = Pick<FilesPageDeps, 'report'> & {
  readonly refresh: () => Promise<void>;
  readonly show: () => void;
};

/**
 * Brings the list up to date. Says once when that begins to fail, and takes it back when it succeeds again.
 */
function createLook({ refresh, show, report }: LookDeps) {
  let takeBack: (() => void) | undefined;
  return async (): Promise<void> => {
    try {
      await refresh();
      takeBack?.();
      takeBack = undefined;
    } catch (error) {
      takeBack ??= report(error);
    }
    show(); // "a minute ago" grows old even when nothing else has changed
  };
}
