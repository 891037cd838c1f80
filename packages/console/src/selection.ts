import type { Upload } from '@sluice/client/resource';
import { actionsOf } from './describe.ts';
import { find, setText } from './elements.ts';
import type { Item } from './known-files.ts';

/** Which of the uploads that are shown are chosen, to be deleted together. */
export type Selection = {
  readonly has: (key: string) => boolean;
  readonly choose: (key: string, isChosen: boolean) => void;
  /** Says what is shown now. What is not, or cannot be deleted any more, is no longer chosen. */
  readonly show: (items: readonly Item[]) => void;
};

export type SelectionDeps = {
  readonly onChange: () => void;
  readonly remove: (uploads: readonly Upload[]) => void;
};

/** The controls above the list that choose all of it, and delete what is chosen. */
export function startSelection({ onChange, remove }: SelectionDeps): Selection {
  const all = find(document, '#select-all', HTMLInputElement);
  const button = find(document, '#delete-selected', HTMLButtonElement);
  const chosen = new Set<string>();
  let shown: readonly Upload[] = [];

  all.addEventListener('change', () => {
    chosen.clear();
    if (all.checked) for (const { id } of shown) chosen.add(id);
    onChange();
  });
  button.addEventListener('click', () => remove(shown.filter(({ id }) => chosen.has(id))));

  return {
    has: (key) => chosen.has(key),
    choose: (key, isChosen) => {
      if (isChosen) chosen.add(key);
      else chosen.delete(key);
      onChange();
    },
    show: (items) => {
      shown = items.flatMap(({ upload }) =>
        upload !== undefined && actionsOf(upload).includes('delete') ? [upload] : [],
      );
      const keys = new Set(shown.map(({ id }) => id));
      for (const key of chosen) if (!keys.has(key)) chosen.delete(key);
      find(document, '#select-all-field', HTMLElement).hidden = shown.length === 0;
      all.checked = shown.length > 0 && chosen.size === shown.length;
      all.indeterminate = chosen.size > 0 && !all.checked;
      button.hidden = chosen.size === 0;
      setText(button, `Delete ${chosen.size} selected`);
    },
  };
}
