import { createUploader } from '@sluice/client';

type Ticket = {
  readonly me?: string;
  readonly files: readonly { readonly id: string; readonly filename: string }[];
};
type Leave = { readonly endpoint: string; readonly grant: string };

const at = {
  problem: find('problem', HTMLElement),
  signIn: find('sign-in', HTMLFormElement),
  mine: find('mine', HTMLElement),
  file: find('file', HTMLInputElement),
  choose: find('choose', HTMLButtonElement),
  outcome: find('outcome', HTMLElement),
  files: find('files', HTMLUListElement),
};

function find<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no #${id}.`);
  return element;
}

/** Asks the page's own backend, which knows the visitor by a cookie. Rejects with what is fit to show. */
async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(String(Object(answer).message));
  return answer as T; // the page's own backend says nothing else
}

/** Shows what goes wrong in an action, and takes away what went wrong before. */
async function act(action: () => Promise<void>): Promise<void> {
  at.problem.hidden = true;
  try {
    await action();
  } catch (error) {
    at.problem.textContent = (error as Error).message;
    at.problem.hidden = false;
  }
}

async function show(): Promise<void> {
  const { me, files } = await ask<Ticket>('GET', '/ticket');
  at.signIn.hidden = me !== undefined;
  at.mine.hidden = me === undefined;
  at.files.replaceChildren(
    ...files.map(({ filename }) => {
      const item = document.createElement('li');
      item.textContent = filename;
      return item;
    }),
  );
}

async function upload(file: File): Promise<void> {
  const leave = await ask<Leave>('POST', '/grant');
  at.outcome.textContent = `Sending ${file.name}`;
  const uploader = createUploader(leave);
  try {
    const { state, detail } = await uploader.upload(file);
    at.outcome.textContent = `${file.name} was ${state}. ${detail ?? ''}`;
  } catch (error) {
    at.outcome.textContent = '';
    throw error;
  }
  await show();
}

at.signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  void act(async () => {
    await ask('POST', '/session', Object.fromEntries(new FormData(at.signIn)));
    await show();
  });
});
at.choose.addEventListener('click', () => at.file.click());
at.file.addEventListener('change', () => {
  const [file] = at.file.files ?? [];
  at.file.value = '';
  if (file !== undefined) void act(() => upload(file));
});
void act(show);
