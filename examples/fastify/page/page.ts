import { createUploader, type Upload } from '@sluice/client';

type Person = { readonly id: string; readonly name: string; readonly avatar?: string };
type Everybody = { readonly me?: string; readonly people: readonly Person[] };
type UploadToken = { readonly endpoint: string; readonly token: string };

const at = {
  problem: find('problem', HTMLElement),
  signIn: find('sign-in', HTMLFormElement),
  signOut: find('sign-out', HTMLButtonElement),
  mine: find('mine', HTMLElement),
  all: find('all', HTMLElement),
  list: find('all', HTMLElement).querySelector('ul') as HTMLUListElement,
  file: find('file', HTMLInputElement),
  choose: find('choose', HTMLButtonElement),
  cancel: find('cancel', HTMLButtonElement),
  progress: find('progress', HTMLProgressElement),
  outcome: find('outcome', HTMLElement),
};

function find<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no #${id}.`);
  return element;
}

/** Asks the page's own backend. Rejects with a sentence that is fit to show. */
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
function act(action: () => Promise<void>) {
  return () => {
    at.problem.hidden = true;
    action().catch((error: Error) => {
      at.problem.textContent = error.message;
      at.problem.hidden = false;
    });
  };
}

async function show(): Promise<void> {
  const { me, people } = await ask<Everybody>('GET', '/people');
  at.signIn.hidden = me !== undefined;
  for (const part of [at.signOut, at.mine, at.all]) part.hidden = me === undefined;
  at.list.replaceChildren(...(me === undefined ? [] : people.map((person) => toItem(person, me))));
}

function toItem({ id, name, avatar }: Person, me: string): HTMLElement {
  const item = document.createElement('li');
  item.className = 'person';
  const title = document.createElement('span');
  title.className = 'name';
  title.textContent = id === me ? `${name} (you)` : name;
  const picture = document.createElement(avatar === undefined ? 'span' : 'img');
  picture.className = 'avatar';
  if (picture instanceof HTMLImageElement && avatar !== undefined) {
    picture.alt = `Picture of ${name}`;
    picture.src = avatar;
  } else {
    picture.textContent = name.slice(0, 1);
    picture.setAttribute('aria-hidden', 'true');
  }
  item.append(picture, title);
  return item;
}

async function upload(file: File): Promise<void> {
  let { endpoint, token } = await ask<UploadToken>('POST', '/upload-token');
  const uploader = createUploader({
    endpoint,
    // Asked before each request, and again when a token is refused, as after ten minutes.
    token: async (refused) => {
      if (refused === token) token = (await ask<UploadToken>('POST', '/upload-token')).token;
      return token;
    },
  });
  const stop = new AbortController();
  at.cancel.onclick = () => stop.abort();
  showSending(true);
  say('', `Sending ${file.name}`);
  try {
    const settled = await uploader.upload(file, {
      policy: 'avatars',
      checksum: 'sha256',
      signal: stop.signal,
      onProgress: ({ bytes, totalBytes }) => {
        at.progress.value = bytes / totalBytes;
      },
    });
    await conclude(settled);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    say('', `${file.name} was not sent.`);
  } finally {
    showSending(false);
  }
}

async function conclude({ id, state, filename, detail }: Upload): Promise<void> {
  if (state !== 'accepted') return say('reason', `${filename} was ${state}. ${detail ?? ''}`);
  await ask('PUT', '/me/avatar', { uploadId: id });
  say('', `${filename} was accepted.`);
  await show();
}

function showSending(isSending: boolean): void {
  at.progress.value = 0;
  at.progress.hidden = !isSending;
  at.cancel.hidden = !isSending;
  at.choose.hidden = isSending;
}

function say(tone: '' | 'reason', sentence: string): void {
  at.outcome.className = tone;
  at.outcome.textContent = sentence;
}

at.signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  act(async () => {
    await ask('POST', '/session', Object.fromEntries(new FormData(at.signIn)));
    await show();
  })();
});
at.signOut.addEventListener(
  'click',
  act(async () => {
    await ask('DELETE', '/session');
    say('', '');
    await show();
  }),
);
at.choose.addEventListener('click', () => at.file.click());
at.file.addEventListener('change', () => {
  const [file] = at.file.files ?? [];
  if (file === undefined) return;
  act(async () => {
    await upload(file).finally(() => {
      at.file.value = ''; // or the same file could not be picked again
    });
  })();
});
act(show)();
