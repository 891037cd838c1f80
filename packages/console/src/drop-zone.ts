import { getDroppedFiles } from '@uppy/core/utils';

export type DropDeps = {
  /** where Uppy takes files itself */
  readonly target: HTMLElement;
  readonly onFiles: (files: readonly File[]) => void;
};

/**
 * Takes files, and what is in folders, that are dropped or pasted anywhere else on the page than on the
 * upload area. One that missed it would be opened by the browser in place of the page.
 */
export function startDropZone({ target, onFiles }: DropDeps): void {
  const isElsewhere = (event: Event) => !(event.target instanceof Node && target.contains(event.target));
  const highlight = (over: boolean) => target.classList.toggle('over', over);

  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    highlight(isElsewhere(event));
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) highlight(false);
  });
  addEventListener('drop', (event) => {
    highlight(false);
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (isElsewhere(event)) void getDroppedFiles(event.dataTransfer).then(onFiles);
  });
  addEventListener('paste', (event) => {
    const { files = [] } = event.clipboardData ?? {};
    if (files.length > 0 && isElsewhere(event)) onFiles([...files]);
  });
}
