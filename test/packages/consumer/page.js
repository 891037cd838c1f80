// An app's page, as somebody writes it who installed the client: `app.endpoint` and `app.token` are the visitor's.
import { createUploader } from '@sluice/client';
import { useUpload } from '@sluice/client/react';
import { createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const { endpoint, token } = globalThis.app;
const uploader = createUploader({ endpoint, token });

function Page() {
  const { status, bytes, totalBytes, upload, start } = useUpload(uploader);
  const choose = ({ target }) => start(target.files[0]);
  return createElement(
    'main',
    null,
    createElement('input', { type: 'file', onChange: choose }),
    createElement('progress', { value: bytes, max: totalBytes }),
    createElement('output', null, `${status} ${upload?.filename ?? ''}`),
  );
}

createRoot(document.querySelector('#root')).render(createElement(StrictMode, null, createElement(Page)));
