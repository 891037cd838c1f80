import { find } from './elements.ts';

export type DropDeps = {
  readonly onFiles: (files: readonly File[]) => void;
  /** Called instead for what is dropped and is no file. */
  readonly onFolder: (name: string) => void;
};

/** Takes files that are picked, dropped anywhere on the page, or pasted, while the signal lasts. */
export const startDrop = ({ onFiles, onFolder }: DropDeps): void => {
  const zone = find(document, '#drop', HTMLElement);
  const input = find(document, '#files', HTMLInputElement);

  input.addEventListener('change', () => {
    onFiles([...(input.files ?? [])]);
    input.value = ''; // so that the same file can be picked again
  });

  // Anywhere: a file that misses the zone would be opened by the browser in place of the page.
  const isOver = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const highlight = (over: boolean) => zone.classList.toggle('over', over);
  addEventListener('dragover', (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    highlight(true);
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) highlight(false);
  });
  addEventListener('drop', (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    highlight(false);
    take(event.dataTransfer);
  });
  addEventListener('paste', (event) => {
    if (event.clipboardData?.types.includes('Files')) take(event.clipboardData);
  });

  const take = (transfer: DataTransfer | null): void => {
    const files: File[] = [];
    for (const item of transfer?.items ?? []) {
      if (item.kind !== 'file') continue;
      // A folder passes for a file until it is read.
      const entry = item.webkitGetAsEntry();
      const file = item.getAsFile();
      if (entry?.isDirectory) onFolder(entry.name);
      else if (file) files.push(file);
    }
    if (files.length > 0) onFiles(files);
  };
};
