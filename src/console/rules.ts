import type { PolicyList } from '../client/resource.ts';
import { create, find } from './elements.ts';
import { toSize } from './format.ts';
import { kindOf } from './kinds.ts';

/** Shows what may be uploaded, and lets a policy be chosen. Returns what tells the chosen one; undefined for any. */
export const showRules = ({ policies, singleUploadMaxBytes }: PolicyList): (() => string | undefined) => {
  const select = find(document, '#policy', HTMLSelectElement);
  const input = find(document, '#files', HTMLInputElement);
  select.append(...policies.map(({ name, title }) => new Option(title, name)));
  select.addEventListener('change', () => {
    // Only a hint to the file dialog: a dropped file does not pass it, and is checked in its own turn.
    input.accept = policies.find(({ name }) => name === select.value)?.types.join(',') ?? '';
  });

  find(document, '#rules', HTMLElement).replaceChildren(
    ...policies.map(({ title, types, maxBytes, checksum }) => {
      const most = `up to ${toSize(Math.min(maxBytes, singleUploadMaxBytes))}`;
      const kinds = [...new Set(types.map((type) => kindOf(type).title))].join(', ');
      const proof = checksum === 'required' ? ' Its checksum is computed before it is sent.' : '';
      const rule = create('div');
      rule.append(create('dt', `${title}, ${most}`), create('dd', `${kinds}.${proof}`));
      return rule;
    }),
  );
  return () => select.value || undefined;
};
