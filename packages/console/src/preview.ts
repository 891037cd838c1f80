import type { RowView } from './describe.ts';
import { part, setText } from './elements.ts';

export type PreviewDeps = {
  /** Resolves with an address that the picture can be shown from. */
  readonly toPicture: (uploadId: string) => Promise<string>;
  /** Resolves with the beginning of a text. */
  readonly toText: (uploadId: string) => Promise<string>;
  readonly onError: (error: unknown) => void;
};

export type Preview = {
  /** Shows what may be shown of the file. Asks for it once. */
  readonly open: (view: Pick<RowView, 'name' | 'preview'> | undefined) => void;
  readonly close: () => void;
};

/** The place in a row for a look at an accepted file. */
export function createPreview(row: HTMLElement, { toPicture, toText, onError }: PreviewDeps): Preview {
  const picture = part(row, 'picture', HTMLImageElement);
  const text = part(row, 'text', HTMLElement);
  let asked: string | undefined;

  const show = async ({ name, preview }: Pick<RowView, 'name' | 'preview'>): Promise<void> => {
    if (preview === undefined || asked === preview.uploadId) return;
    asked = preview.uploadId;
    try {
      if (preview.of === 'picture') {
        picture.src = await toPicture(preview.uploadId);
        picture.alt = `Preview of ${name}`;
        picture.hidden = false;
      } else {
        setText(text, await toText(preview.uploadId));
        text.setAttribute('role', 'region');
        text.setAttribute('aria-label', `Beginning of ${name}`);
        text.tabIndex = 0; // so that it can be scrolled without a pointer
        text.hidden = false;
      }
    } catch (error) {
      asked = undefined; // the next look may have more luck
      onError(error);
    }
  };

  return {
    open: (view) => {
      if (view) void show(view);
    },
    close: () => {
      picture.hidden = true;
      text.hidden = true;
    },
  };
}
