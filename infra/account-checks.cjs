// What is wrong with the parameters that an account's own rules ask for (docs/accounts-and-keys.md), as
// parameter-checks.cjs says it of the others.
const { listOf } = require('./network.cjs');

const KEY = /^arn:[\w-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;
const POLICY = /^arn:[\w-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/;
const PATH = /^\/([\w+=,.@-]+\/)+$/;

const optional = (form, what) => (value) =>
  value === '' || form.test(value) ? undefined : `is ${what}, not "${value}"`;

// Subnets without a group, or the other way round, would be refused by Lambda in the middle of a deployment.
const ids =
  (form, most, partner, what) =>
  (value, { values }) => {
    const entries = listOf(value);
    if (entries.length === 0) {
      return (values[partner] ?? '') === '' ? undefined : `is needed with ${partner}: name both or neither`;
    }
    const wrong = entries.find((entry) => !form.test(entry));
    if (wrong !== undefined) return `lists ids of ${what}, of which "${wrong}" is none`;
    return entries.length > most ? `lists ${entries.length} ${what}; Lambda takes ${most}` : undefined;
  };

module.exports = {
  // IAM takes no alias where it names a key.
  kmsKey: optional(KEY, 'the ARN of a key of KMS, and of no alias'),
  permissionsBoundary: optional(POLICY, 'the ARN of a policy of IAM'),
  rolePath: optional(PATH, 'a path with a slash at both ends, such as /teams/files/'),
  vpcSubnets: ids(/^subnet-[0-9a-f]{8,17}$/, 16, 'vpcSecurityGroups', 'subnets'),
  vpcSecurityGroups: ids(/^sg-[0-9a-f]{8,17}$/, 5, 'vpcSubnets', 'security groups'),
  vpcFunctions: (value, { values, functions }) => {
    if (value === '') return undefined;
    // Left over, it says that functions were in a network once, in which they would not be any more.
    if ((values.vpcSubnets ?? '') === '') return 'is set without vpcSubnets: name both or neither';
    const unknown = listOf(value).find((name) => !functions.includes(name));
    return unknown === undefined ? undefined : `names "${unknown}", which is no function of serverless.yml`;
  },
};
