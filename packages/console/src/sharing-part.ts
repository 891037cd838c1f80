import type { Readers } from '@sluice/contract/upload';
import { part } from './elements.ts';
import { READER_WORDS, type Sharing } from './sharing.ts';

export type SharingDeps = {
  readonly share: (readers: Readers) => void;
  readonly copy: (address: string) => void;
};

/** The part of a row in which a person says who may read the file. */
export function createSharingPart(row: HTMLElement, { share, copy }: SharingDeps) {
  const whole = part(row, 'sharing', HTMLElement);
  const select = part(row, 'readers', HTMLSelectElement);
  const button = part(row, 'copy', HTMLButtonElement);
  let shown: Sharing | undefined;

  select.addEventListener('change', () => {
    const chosen = shown?.choices.find((readers) => readers === select.value);
    if (chosen) share(chosen);
    // What stands there is what holds: it changes once the answer is in.
    if (shown) select.value = shown.readers;
  });
  button.addEventListener('click', () => {
    if (shown?.address !== undefined) copy(shown.address);
  });

  return {
    update: (sharing: Sharing | undefined): void => {
      shown = sharing;
      whole.hidden = sharing === undefined;
      if (sharing === undefined) return;
      select.replaceChildren(...sharing.choices.map((readers) => new Option(READER_WORDS[readers], readers)));
      select.value = sharing.readers;
      button.hidden = sharing.address === undefined;
    },
  };
}
