import { copyTemplate, find, part, setText } from './elements.ts';
import { type ErrorWords, toErrorWords } from './words.ts';

export type Notices = {
  /**
   * Shows a text until it is dismissed, and reads it out. The same one is not shown twice. Returns what
   * closes it.
   */
  readonly show: (words: ErrorWords) => () => void;
  readonly showError: (error: unknown) => () => void;
  /** Reads something out that can already be seen. */
  readonly announce: (text: string) => void;
};

/** The place for what concerns the whole page. */
export function createNotices(): Notices {
  const place = find(document, '#notices', HTMLElement);
  const announcer = find(document, '#announcer', HTMLElement);
  const open = new Map<string, HTMLElement>();

  const show: Notices['show'] = ({ text, requestId }) => {
    const close = () => {
      open.get(text)?.remove();
      open.delete(text);
    };
    if (open.has(text)) return close;
    const notice = copyTemplate('notice-template');
    setText(part(notice, 'text', HTMLElement), text);
    const reference = part(notice, 'reference', HTMLElement);
    setText(reference, `Request id: ${requestId}`);
    reference.hidden = requestId === undefined;
    part(notice, 'close', HTMLButtonElement).addEventListener('click', close);
    open.set(text, notice);
    place.append(notice);
    return close;
  };

  return {
    show,
    showError: (error) => show(toErrorWords(error)),
    announce: (text) => setText(announcer, text),
  };
}
