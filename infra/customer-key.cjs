// The parameter kmsKey: a customer managed key for all that the stack keeps (docs/accounts-and-keys.md). It
// is put into the finished template, so that no queue or table that is added later is forgotten. Each policy
// of a role gets the rights on the key that its own statements need, and no policy that needs none gets any.
// What others than the roles need stands in the key's own policy, which is the team's (infra/key-policy).
const { referencesOf } = require('./references.cjs');

/** By type: the properties of a resource that is encrypted by the key. */
const HOLDERS = {
  'AWS::S3::Bucket': (key) => ({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        {
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
          BucketKeyEnabled: true, // a call to KMS for many objects in place of one for each
        },
      ],
    },
  }),
  'AWS::DynamoDB::Table': (key) => ({
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key },
  }),
  'AWS::SQS::Queue': (key) => ({ KmsMasterKeyId: key, SqsManagedSseEnabled: undefined }),
  'AWS::SecretsManager::Secret': (key) => ({ KmsKeyId: key }),
  'AWS::Logs::LogGroup': (key) => ({ KmsKeyId: key }),
  'AWS::Events::EventBus': (key) => ({ KmsKeyIdentifier: key }),
  'AWS::Events::Archive': (key) => ({ KmsKeyIdentifier: key }),
  'AWS::KinesisFirehose::DeliveryStream': (key) => ({
    DeliveryStreamEncryptionConfigurationInput: { KeyType: 'CUSTOMER_MANAGED_CMK', KeyARN: key },
  }),
  'AWS::Lambda::Function': (key) => ({ KmsKeyArn: key }), // its variables
};

const READS = ['kms:Decrypt'];
// A part of an upload, a queue's message: who writes opens the data key that was made for an earlier one.
const WRITES = ['kms:Decrypt', 'kms:GenerateDataKey'];
/** What an action needs of the key. DynamoDB opens a table's key for writes, too, and makes none for them. */
const NEEDS = [
  [/^s3:PutObject$/, WRITES],
  [/^s3:(GetObject(Version)?|ListMultipartUploadParts)$/, READS],
  [/^sqs:SendMessage$/, WRITES],
  [/^sqs:ReceiveMessage$/, READS],
  [/^secretsmanager:GetSecretValue$/, READS],
  [/^dynamodb:(?!Describe|List|GetShardIterator)/, READS],
];

const listOf = (value) => (Array.isArray(value) ? value : [value]);

/** Every statement of a list in which conditions may stand. */
const statementsIn = (value) => {
  if (Array.isArray(value)) return value.flatMap(statementsIn);
  if (value?.['Fn::If']) return statementsIn(value['Fn::If'].slice(1));
  return value?.Effect === 'Allow' ? [value] : [];
};

/**
 * Every document of a list of policies in which conditions may stand. YAML gives some of them to several
 * roles.
 */
const documentsIn = (value) => {
  if (Array.isArray(value)) return value.flatMap(documentsIn);
  if (value?.['Fn::If']) return documentsIn(value['Fn::If'].slice(1));
  return value?.PolicyDocument ? [value.PolicyDocument] : [];
};

/**
 * The statements that let a policy's other statements work: by way of the services that these name, and no
 * other.
 */
const rightsFor = (document, isHolder, key) => {
  const services = new Map([
    [READS, new Set()],
    [WRITES, new Set()],
  ]);
  for (const { Action, Resource } of statementsIn(document.Statement)) {
    if (!referencesOf(Resource).some(isHolder)) continue;
    for (const action of listOf(Action)) {
      const need = NEEDS.find(([actions]) => actions.test(action))?.[1];
      services.get(need)?.add(action.split(':')[0]);
    }
  }
  for (const service of services.get(WRITES)) services.get(READS).delete(service);
  return [...services]
    .filter(([, names]) => names.size > 0)
    .map(([actions, names]) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: key,
      Condition: {
        StringEquals: {
          'kms:ViaService': [...names].map((name) => ({
            'Fn::Sub': `${name}.\${AWS::Region}.\${AWS::URLSuffix}`,
          })),
        },
      },
    }));
};

module.exports = class CustomerKey {
  static HOLDERS = HOLDERS;

  /** Encrypts a template's resources by the key, and lets its roles use it. */
  static apply = ({ Resources }, key) => {
    for (const resource of Object.values(Resources)) {
      const properties = HOLDERS[resource.Type]?.(key);
      if (properties !== undefined) resource.Properties = { ...resource.Properties, ...properties };
    }
    const isHolder = (id) => Resources[id]?.Type in HOLDERS;
    const roles = Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
    const documents = new Set(roles.flatMap(({ Properties }) => documentsIn(Properties.Policies ?? [])));
    for (const document of documents) document.Statement.push(...rightsFor(document, isHolder, key));
  };

  constructor(serverless) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { custom, provider } = serverless.service;
        const key = custom.account.kmsKey;
        if (key !== '') CustomerKey.apply(provider.compiledCloudFormationTemplate, key);
      },
    };
  }
};
