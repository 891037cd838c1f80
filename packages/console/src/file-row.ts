import type { Action, RowView } from './describe.ts';
import { copyTemplate, create, part, setText } from './elements.ts';
import { createPreview, type PreviewDeps } from './preview.ts';
import { createSharingPart, type SharingDeps } from './sharing-part.ts';
import { toExactTime, toRelativeTime } from './times.ts';

/** One file in the list. */
export type Row = {
  readonly element: HTMLElement;
  /** Shows what is said of the file now, and touches nothing that is as it was. */
  readonly update: (view: RowView, now: number, isChosen: boolean) => void;
};

export type FileRowDeps = PreviewDeps &
  SharingDeps & {
    readonly act: (action: Exclude<Action, 'details'>) => void;
    readonly choose: (isChosen: boolean) => void;
  };

// "Delete" alone is no name for one button among twenty.
const BUTTONS: Readonly<Record<Action, (name: string) => string>> = {
  download: (name) => `Download ${name}`,
  dismiss: (name) => `Take ${name} off this list`,
  delete: (name) => `Delete ${name}`,
  details: (name) => `Details of ${name}`,
};

/** An empty row, with its buttons wired. */
export function createFileRow({ act, choose, share, copy, ...previews }: FileRowDeps): Row {
  const element = copyTemplate('upload-template');
  const details = part(element, 'details', HTMLButtonElement);
  const more = part(element, 'more', HTMLElement);
  const preview = createPreview(element, previews);
  const select = part(element, 'select', HTMLInputElement);
  const sharing = createSharingPart(element, { share, copy });
  let shown: RowView | undefined;

  details.addEventListener('click', () => {
    more.hidden = !more.hidden;
    details.setAttribute('aria-expanded', String(!more.hidden));
    if (!more.hidden) preview.open(shown);
  });
  select.addEventListener('change', () => choose(select.checked));
  for (const action of ['download', 'dismiss', 'delete'] as const) {
    part(element, action, HTMLButtonElement).addEventListener('click', () => act(action));
  }

  return {
    element,
    update: (view, now, isChosen) => {
      showTime(element, view.since, now);
      select.checked = isChosen;
      if (JSON.stringify(view) === JSON.stringify(shown)) return;
      shown = view;
      showTexts(element, view);
      showButtons(element, view);
      sharing.update(view.sharing);
      part(element, 'list', HTMLElement).replaceChildren(
        ...view.details.flatMap(([term, text]) => [create('dt', term), create('dd', text)]),
      );
      if (view.details.length === 0) more.hidden = true;
      if (view.preview === undefined) preview.close();
    },
  };
}

function showTexts(element: HTMLElement, { name, kind, facts, state, tone, why, isMoving }: RowView): void {
  element.dataset.tone = tone;
  const tile = part(element, 'tile', HTMLElement);
  setText(tile, kind.label);
  tile.dataset.family = kind.family;
  setText(part(element, 'name', HTMLElement), name);
  setText(part(element, 'facts', HTMLElement), facts);
  setText(part(element, 'state', HTMLElement), state);
  part(element, 'pill-icon', SVGUseElement).setAttribute('href', `#icon-${tone}`);
  const reason = part(element, 'why', HTMLElement);
  setText(reason, why ?? '');
  reason.hidden = why === undefined;
  const progress = part(element, 'progress', HTMLProgressElement);
  progress.hidden = !isMoving;
  progress.setAttribute('aria-label', `Verifying ${name}`);
}

function showButtons(element: HTMLElement, { name, actions }: RowView): void {
  const select = part(element, 'select', HTMLInputElement);
  select.disabled = !actions.includes('delete');
  setText(part(element, 'select-name', HTMLElement), `Select ${name}`);
  for (const [action, toLabel] of Object.entries(BUTTONS)) {
    const button = part(element, action, HTMLButtonElement);
    button.hidden = !actions.some((offered) => offered === action);
    button.setAttribute('aria-label', toLabel(name));
  }
}

function showTime(element: HTMLElement, since: string | undefined, now: number): void {
  const when = part(element, 'when', HTMLTimeElement);
  when.hidden = since === undefined;
  if (since === undefined) return;
  when.dateTime = since;
  when.title = toExactTime(since);
  setText(when, toRelativeTime(since, now));
}
