import type { Readers } from '@sluice/contract/upload';
import { type Action, describe } from './describe.ts';
import { find } from './elements.ts';
import { createFileRow, type Row } from './file-row.ts';
import type { Item } from './known-files.ts';
import type { PreviewDeps } from './preview.ts';
import type { Selection } from './selection.ts';
import type { ToSharing } from './sharing.ts';
import type { SharingDeps } from './sharing-part.ts';

export type FileListDeps = PreviewDeps & {
  /** the name of the person whose uploads these are */
  readonly who: string;
  readonly act: (action: Exclude<Action, 'details'>, item: Item) => void;
  readonly selection: Pick<Selection, 'has' | 'choose'>;
  readonly share: (item: Item, readers: Readers) => void;
  readonly copy: SharingDeps['copy'];
  readonly toSharing: ToSharing;
};

export type FileList = { readonly show: (items: readonly Item[], now: number) => void };

/**
 * The list of files. A file keeps its row, and with it its focus and its open details, for as long as it is
 * shown.
 */
export function createFileList({ act, who, share, toSharing, selection, ...rest }: FileListDeps): FileList {
  const list = find(document, '#uploads', HTMLElement);
  const rows = new Map<string, { row: Row; item: Item }>();

  const rowFor = (item: Item): Row => {
    const entry = rows.get(item.key);
    if (entry) {
      entry.item = item;
      return entry.row;
    }
    const row = createFileRow({
      act: (action) => {
        const current = rows.get(item.key);
        if (current) act(action, current.item);
      },
      choose: (isChosen) => selection.choose(item.key, isChosen),
      share: (readers) => {
        const current = rows.get(item.key);
        if (current) share(current.item, readers);
      },
      ...rest,
    });
    rows.set(item.key, { row, item });
    return row;
  };

  return {
    show: (items, now) => {
      const keys = new Set(items.map(({ key }) => key));
      for (const [key, { row }] of rows) {
        if (keys.has(key)) continue;
        row.element.remove();
        rows.delete(key);
      }
      let place = list.firstElementChild;
      for (const item of items) {
        const row = rowFor(item);
        row.update(describe(item, who, toSharing), now, selection.has(item.key));
        if (row.element === place) place = place.nextElementSibling;
        else list.insertBefore(row.element, place);
      }
      list.setAttribute('aria-busy', 'false');
    },
  };
}
