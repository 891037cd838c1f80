// A program on Node, as CommonJS: `require` gives the very modules that `import` gives. Prints what it saw as
// JSON.
const { createUploader, SluiceError } = require('@sluice/client');
const { openFile } = require('@sluice/client/node');
const { createS3Client, resolveSettings } = require('@sluice/connection');
const { REFUSALS } = require('@sluice/contract');

const { ENDPOINT: endpoint, TOKEN: token } = process.env;

async function main() {
  const uploader = createUploader({ endpoint, token });
  const upload = await uploader.upload(await openFile('notes.txt'));
  const missing = await openFile('nowhere.txt').catch((error) => error);
  const client = createS3Client(resolveSettings({ environment: process.env }));
  client.destroy();
  console.log(
    JSON.stringify({
      node: process.version,
      state: upload.state,
      same: (await import('@sluice/client')).SluiceError === SluiceError,
      missing: missing instanceof SluiceError && missing.name,
      status: REFUSALS.upload_not_found[0],
    }),
  );
}

void main();
