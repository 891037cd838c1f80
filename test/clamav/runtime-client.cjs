// Lambda's runtime interface client, as small as it can be: the real one has a part in C++.
const { join } = require('node:path');

const [file, name] = process.env._HANDLER.split('.');
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

async function run() {
  const handler = require(join(process.env.LAMBDA_TASK_ROOT, file))[name];
  for (;;) {
    const next = await fetch(`${api}/invocation/next`);
    const awsRequestId = next.headers.get('lambda-runtime-aws-request-id');
    const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
    const context = { awsRequestId, getRemainingTimeInMillis: () => deadline - Date.now() };
    const result = await handler(await next.json(), context);
    await fetch(`${api}/invocation/${awsRequestId}/response`, {
      method: 'POST',
      body: JSON.stringify(result),
    });
  }
}

void run();
