import { abortable } from './abortable.ts';
import { NetworkError } from './errors.ts';
import type { Delivery, Platform, Send } from './platform.ts';
import { createSha256 } from './sha256.ts';

/** By XMLHttpRequest, because fetch tells no progress of a body. */
const send: Send = (delivery, { signal, onSent }) =>
  abortable(signal, (resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(delivery.method, delivery.url);
    request.upload.addEventListener('progress', (event) =>
      onSent(Math.min(event.loaded, delivery.source.size)),
    );
    request.addEventListener('load', () => resolve({ status: request.status, body: request.responseText }));
    // A browser does not say why: no connection, no CORS headers on the answer, or a file that has changed.
    request.addEventListener('error', () =>
      reject(new NetworkError(`The connection to ${new URL(delivery.url).host} broke.`)),
    );
    if (delivery.method === 'PUT') {
      for (const [name, value] of Object.entries(delivery.headers)) {
        // The browser sets the length itself, and lets no script do so.
        if (name !== 'content-length') request.setRequestHeader(name, value);
      }
    }
    request.send(toBody(delivery));
    return () => request.abort();
  });

function toBody(delivery: Delivery): Blob | FormData {
  const { source } = delivery;
  if (!(source instanceof Blob)) throw new TypeError('A browser uploads a File or a Blob.');
  if (delivery.method === 'PUT') return source;
  const form = new FormData();
  for (const [name, value] of Object.entries(delivery.fields)) form.append(name, value);
  form.append('file', source, delivery.filename);
  return form;
}

// Not crypto.subtle, which takes all of a file at once. A browser opens six connections to a host: two are
// left to the page itself, which may fetch pictures from the same one.
export const platform: Platform = { send, createSha256, concurrency: 4 };
