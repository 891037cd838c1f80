import type { PolicyList } from '@sluice/client/resource';
import { toSize } from '@sluice/contract/size-text';
import { create, find } from './elements.ts';
import { kindOf } from './kinds.ts';

export type Rules = {
  /** the name of the chosen policy; undefined for any */
  readonly chosen: () => string | undefined;
  /** Calls back with the types of the chosen policy whenever another is chosen; undefined for any. */
  readonly onChange: (listener: (types: readonly string[] | undefined) => void) => void;
};

/** Shows what may be uploaded, and lets a policy be chosen. */
export function showRules({ policies }: PolicyList): Rules {
  const select = find(document, '#policy', HTMLSelectElement);
  select.append(...policies.map(({ name, title }) => new Option(title, name)));

  find(document, '#rules', HTMLElement).replaceChildren(
    ...policies.map(({ title, types, maxBytes, checksum }) => {
      const most = `up to ${toSize(maxBytes)}`;
      const kinds = [...new Set(types.map((type) => kindOf(type).title))].join(', ');
      const proof = checksum === 'required' ? ' With a checksum only, by the sluice command.' : '';
      const rule = create('div');
      rule.append(create('dt', `${title}, ${most}`), create('dd', `${kinds}.${proof}`));
      return rule;
    }),
  );
  return {
    chosen: () => select.value || undefined,
    onChange: (listener) =>
      select.addEventListener('change', () => {
        listener(policies.find(({ name }) => name === select.value)?.types);
      }),
  };
}
