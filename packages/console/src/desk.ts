import { createClient } from '@sluice/client/client';
import type { Upload } from '@sluice/client/resource';
import { learnTypes } from '@sluice/contract/own-types';
import { createActions } from './actions.ts';
import { startBrowse } from './browse.ts';
import { find } from './elements.ts';
import { follow } from './follow.ts';
import { createList } from './list.ts';
import type { Notices } from './notices.ts';
import { createPages } from './pages.ts';
import { showRules } from './rules.ts';
import type { Session } from './session.ts';
import { createShelf } from './shelf.ts';
import { startUploads } from './uploads.ts';

export type DeskDeps = {
  readonly endpoint: string;
  readonly session: Session;
  readonly notices: Notices;
  /** Tells the person of what concerns the whole page. Returns what takes it back. */
  readonly report: (error: unknown) => () => void;
};

/** Where somebody who is signed in uploads files and sees what became of them. Lasts as long as the page. */
export async function openDesk({ endpoint, session, notices, report }: DeskDeps): Promise<void> {
  const connection = { endpoint, token: session.token };
  const client = createClient(connection);
  const shelf = createShelf();
  const pages = createPages(client, shelf);

  // Progress is told more often than a screen is painted.
  let isDue = false;
  const show = (): void => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      const items = shelf.items(pages.filter());
      list.show(items, Date.now());
      browse.update(items.length === 0);
    });
  };

  const onUpload = (upload: Upload): void => {
    shelf.putUploads([upload]);
    show();
  };
  const actions = createActions({
    client,
    shelf,
    who: session.name,
    onUpload,
    onDropped: show,
    announce: notices.announce,
    onError: report,
  });
  const list = createList(actions);
  const browse = startBrowse({ pages, onChange: show, onError: report });

  const policies = await client.policies();
  learnTypes(policies.ownTypes ?? []);
  const rules = showRules(policies);
  let refusals = 0;
  const uploads = await startUploads({
    ...connection,
    client,
    policies,
    chosenPolicy: rules.chosen,
    onRefused: (file, { contentType, why }) => {
      browse.showAll();
      shelf.putRefusal({ key: `refusal-${++refusals}`, file, contentType, why });
      notices.announce(`${file.name}: Not sent. ${why}`);
      show();
    },
    onStarted: browse.showAll,
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

  find(document, '#desk', HTMLElement).hidden = false;
  await pages.setFilter(undefined);
  show();
  await follow(createLook({ refresh: pages.refresh, show, report }), shelf.isUnsettled);
}

type LookDeps = Pick<DeskDeps, 'report'> & {
  readonly refresh: () => Promise<void>;
  readonly show: () => void;
};

/** Brings the list up to date. Says once when that begins to fail, and takes it back when it succeeds again. */
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
