import { find, setText } from './elements.ts';

export type Question = { readonly title: string; readonly text: string; readonly yes: string };

/**
 * Asks before something that cannot be undone. Resolves with the answer; closing the dialog, or Escape, is a
 * no.
 */
export function confirm({ title, text, yes }: Question): Promise<boolean> {
  const dialog = find(document, '#confirm', HTMLDialogElement);
  const agree = find(dialog, '#confirm-yes', HTMLButtonElement);
  setText(find(dialog, '#confirm-title', HTMLElement), title);
  setText(find(dialog, '#confirm-text', HTMLElement), text);
  setText(agree, yes);
  dialog.returnValue = '';
  agree.onclick = () => dialog.close('yes');
  find(dialog, '#confirm-no', HTMLButtonElement).onclick = () => dialog.close();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
