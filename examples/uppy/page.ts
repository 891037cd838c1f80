import '@uppy/core/css/style.min.css';
import '@uppy/dashboard/css/style.min.css';
import '../style.css';
import { createClient } from '@sluice/client';
import { createSignRequest } from '@sluice/client/uppy';
import AwsS3 from '@uppy/aws-s3';
import Uppy, { type Body, type Meta } from '@uppy/core';
import Dashboard from '@uppy/dashboard';

type Session = { readonly endpoint: string; readonly token: string; readonly user: string };

/** In your app: an address of its configuration, and the token of whoever is signed in. */
async function readSession(): Promise<Session> {
  const response = await fetch('/session');
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(String(Object(answer).message));
  return answer as Session; // the page's own server says nothing else
}

function find(selector: string): HTMLElement {
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return element;
}

function showProblem(error: unknown): void {
  const place = find('#problem');
  place.textContent = error instanceof Error ? error.message : String(error);
  place.hidden = false;
}

/** One line for each file: what came of it, and why. */
function showOutcome(name: string, outcome: 'Accepted' | 'Rejected' | 'Failed', why = ''): void {
  const row = document.createElement('li');
  const header = document.createElement('header');
  const [title, pill] = [document.createElement('span'), document.createElement('span')];
  row.className = 'row';
  title.className = 'name';
  title.textContent = name;
  pill.className = `pill ${outcome === 'Accepted' ? 'good' : 'bad'}`;
  pill.textContent = outcome;
  header.append(title, pill);
  row.append(header);
  if (why !== '') {
    const reason = document.createElement('p');
    reason.className = 'reason';
    reason.textContent = why;
    row.append(reason);
  }
  find('#outcomes').hidden = false;
  find('#outcomes ul').prepend(row);
}

async function start(): Promise<void> {
  let { endpoint, token, user } = await readSession();
  find('#user').textContent = `Signed in as ${user}`;
  const api = {
    endpoint,
    // Asked before each request, and again when a token is refused: tokens end while a page stays open.
    token: async (refused?: string) => {
      if (refused === token) token = (await readSession()).token;
      return token;
    },
  };
  const client = createClient(api);

  const uppy = new Uppy<Meta, Body>()
    .use(Dashboard, {
      target: '#uploads',
      inline: true,
      width: '100%',
      height: 360,
      theme: 'auto',
      proudlyDisplayPoweredByUppy: false,
      note: 'Nobody can open a file before it has been verified.',
    })
    .use(AwsS3, { signRequest: createSignRequest(api) });

  uppy.on('upload-error', (file, error) => showOutcome(file?.name ?? 'File', 'Failed', error.message));

  // All bytes are in S3 by now. The verdict is a second or so later, and only what is accepted is done.
  uppy.addPostProcessor(async (ids) => {
    await Promise.all(ids.map((id) => awaitVerdict(id)));
  });

  async function awaitVerdict(fileId: string): Promise<void> {
    const file = uppy.getFile(fileId);
    const key = file.response?.body?.key;
    if (typeof key !== 'string') return; // it failed before
    uppy.emit('postprocess-progress', file, { mode: 'indeterminate', message: 'Being verified' });
    try {
      const { state, detail } = await client.wait(key.split('/').at(-1) ?? '');
      if (state !== 'accepted') uppy.setFileState(fileId, { error: detail ?? state });
      showOutcome(file.name ?? 'File', state === 'accepted' ? 'Accepted' : 'Rejected', detail);
    } catch (error) {
      showProblem(error);
    }
    uppy.emit('postprocess-complete', uppy.getFile(fileId));
  }
}

start().catch(showProblem);
