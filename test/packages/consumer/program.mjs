// A program on Node, as an ES module. Prints what it saw as JSON.
import { createClient, createUploader, ProblemError, SluiceError } from '@sluice/client';
import { openFile } from '@sluice/client/node';
import { useUpload } from '@sluice/client/react';
import { createSignRequest } from '@sluice/client/uppy';
import { createS3Client, createSession } from '@sluice/connection';
import { createBucket, deleteBucket, listObjects } from '@sluice/connection/buckets';
import { createPresigner } from '@sluice/connection/sign';
import { downloadFile, uploadBytes } from '@sluice/connection/transfers';
import { typeByExtension } from '@sluice/contract';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';

const { ENDPOINT: endpoint, TOKEN: token } = process.env;

const uploader = createUploader({ endpoint, token });
const upload = await uploader.upload(await openFile('notes.txt'), { checksum: 'sha256' });

const refused = await createClient({ endpoint, token })
  .status('nobody-has-this-id')
  .catch((error) => error);

const rendered = renderToString(createElement(() => createElement('p', null, useUpload(uploader).status)));
const signed = await createSignRequest({ endpoint, token })({
  method: 'PUT',
  key: 'a.txt',
  contentType: 'text/plain',
});

// The connection layer reads AWS_… as everything of AWS does.
const session = createSession({ environment: process.env });
const client = session.client(createS3Client);
const bucket = `program-${process.pid}`;
const key = 'twelve.txt';
await createBucket({ client, bucket });
await uploadBytes({ client, bucket, key, bytes: new TextEncoder().encode('twelve bytes') });
await downloadFile({ client, bucket, key, path: `${bucket}.txt` });
const listed = [];
for await (const entry of listObjects({ client, bucket, prefix: 'twelve' })) listed.push(entry);
await deleteBucket({ client, bucket, andContents: true });
session.close();

console.log(
  JSON.stringify({
    node: process.version,
    state: upload.state,
    refused: refused instanceof ProblemError && refused instanceof SluiceError && refused.problem.code,
    rendered,
    signed: typeof signed.url,
    listed: listed.length,
    presigner: typeof createPresigner,
    type: typeByExtension('a.heic'),
  }),
);
