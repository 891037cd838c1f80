import { STATES } from '@sluice/contract/state';
import { find } from './elements.ts';
import type { ListPages } from './list-pages.ts';
import { STATE_WORDS } from './words.ts';

export type ListFilterDeps = {
  readonly pages: ListPages;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
};

export type ListFilter = {
  /** Shows every state again, so that what is added can be seen. */
  readonly showAll: () => void;
  /** Shows what the list itself cannot: that there is more, or nothing. */
  readonly update: (isEmpty: boolean) => void;
};

/** The filter above the list, and what stands below it. */
export function startListFilter({ pages, onChange, onError }: ListFilterDeps): ListFilter {
  const select = find(document, '#filter', HTMLSelectElement);
  const more = find(document, '#more', HTMLButtonElement);
  const empty = find(document, '#empty', HTMLElement);
  const emptyFilter = find(document, '#empty-filter', HTMLElement);
  select.append(...STATES.map((state) => new Option(STATE_WORDS[state][0].toLowerCase(), state)));

  const setFilter = (): void => {
    const state = STATES.find((known) => known === select.value);
    pages.setFilter(state).then(onChange, onError);
    onChange();
  };
  select.addEventListener('change', setFilter);

  more.addEventListener('click', () => {
    more.disabled = true;
    pages
      .more()
      .then(onChange, onError)
      .finally(() => {
        more.disabled = false;
      });
  });

  return {
    showAll: () => {
      if (select.value === '') return;
      select.value = '';
      setFilter();
    },
    update: (isEmpty) => {
      const isNothing = isEmpty && pages.isRead();
      more.hidden = !pages.hasMore();
      empty.hidden = !isNothing || select.value !== '';
      emptyFilter.hidden = !isNothing || select.value === '';
    },
  };
}
