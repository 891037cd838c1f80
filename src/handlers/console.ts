export const handler = async () => ({
  statusCode: 200,
  body: JSON.stringify({
    handler: 'console',
    env: {
      ep: process.env['AWS_ENDPOINT_URL'],
      node: process.version,
      ak: process.env['AWS_ACCESS_KEY_ID'],
      tok: !!process.env['AWS_SESSION_TOKEN'],
      reg: process.env['AWS_REGION'],
      keys: Object.keys(process.env),
    },
  }),
});
