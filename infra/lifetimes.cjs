// How old a signature may be that reaches a bucket, for the conditions on s3:signatureAge in
// infra/buckets.yml: as old as the longest-lived one that the functions make. Read from where the lifetimes
// are set, so that a policy with longer URLs is not refused by a number that nobody remembered here.
const { readPolicies } = require('./own-policies.cjs');

module.exports = async ({ resolveVariable }) => {
  // What cannot be read is told by infra/stage.cjs, in words of its own, before anything is packaged.
  const policies = await readPolicies(await resolveVariable('param:policies')).catch(() => ({}));
  const { PART_URL_EXPIRES_IN_SECONDS } = await import('../src/lib/upload/sign-parts.ts');
  const { DOWNLOAD_EXPIRES_IN_SECONDS } = await import('../src/lib/upload/address.ts');
  const ofPolicies = Object.values(policies).map(({ urlExpiresInSeconds }) => urlExpiresInSeconds);
  const ofReading = Object.values(policies).map(
    ({ downloadExpiresInSeconds = DOWNLOAD_EXPIRES_IN_SECONDS }) => downloadExpiresInSeconds,
  );
  return {
    uploadInMilliseconds: String(Math.max(PART_URL_EXPIRES_IN_SECONDS, ...ofPolicies) * 1000),
    downloadInMilliseconds: String(Math.max(DOWNLOAD_EXPIRES_IN_SECONDS, ...ofReading) * 1000),
  };
};
