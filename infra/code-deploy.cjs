// What CodeDeploy needs to shift the traffic of the aliases (infra/aliases.cjs) in steps, and to take it back
// when something rings: an application, a group for each function, since a group has one deployment at a
// time, a role, and signals for the time of a deployment.
const APPLICATION = 'DeploymentApplication';
const ROLE = 'DeploymentRole';
const groupOf = (functionId) => `${functionId}DeploymentGroup`;

/** AWS's own configurations, without `CodeDeployDefault.Lambda`, in steps. */
const CONFIGS = [
  ...[5, 10, 15, 30].map((minutes) => `Canary10Percent${minutes}Minutes`),
  'Linear10PercentEvery1Minute',
  ...[2, 3, 10].map((minutes) => `Linear10PercentEvery${minutes}Minutes`),
];
const ALL_AT_ONCE = 'AllAtOnce';

/** What is wrong with deploymentConfig, as the end of a sentence. */
const wrongConfig = (value, isLocal) => {
  if (['', ALL_AT_ONCE].includes(value)) return undefined;
  if (!CONFIGS.includes(value))
    return `is empty, or one of ${[ALL_AT_ONCE, ...CONFIGS].join(', ')}, not "${value}"`;
  return isLocal ? 'can be AllAtOnce at most on the local stack, which has no CodeDeploy' : undefined;
};

/** Makes CloudFormation leave the alias of a function to CodeDeploy. */
const updatePolicyOf = (functionId) => ({
  UpdatePolicy: {
    CodeDeployLambdaAliasUpdate: {
      ApplicationName: { Ref: APPLICATION },
      DeploymentGroupName: { Ref: groupOf(functionId) },
    },
  },
});

const MINUTE = 60;
const everyMinute = (metrics) =>
  metrics.map((metric) =>
    metric.MetricStat === undefined
      ? metric
      : { ...metric, MetricStat: { ...metric.MetricStat, Period: MINUTE } },
  );
const signal = (what, Threshold, Metrics) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmDescription: `${what} Takes a deployment back, and notifies nobody.`,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    Metrics: everyMinute(Metrics),
  },
});

/**
 * The metrics by which functions behind queues and streams count what they could not work on; Lambda sees no
 * error.
 */
const FAILURES = [
  'ArrivalFailures',
  'ScansNotRecorded',
  'ScannersNotAsked',
  'InspectionFaults',
  'ScanFaults',
  'EventFailures',
  'SweepFailures',
  'WebhookFanOutFailures',
  'WebhookFaults',
];

/**
 * The alarms of the runbook ring after ten minutes and more, when a canary is over; and a version that fails
 * with everything has a tenth of the calls, and each message that it fails with goes to the old version next.
 * So these are their quick sisters, with thresholds that a tenth of the traffic reaches.
 */
const signalsOf = ({ ApiFaultsAlarm, WorkerErrorsAlarm, VerdictsLateMinutesSignal }) => {
  const { Dimensions } = VerdictsLateMinutesSignal.Properties.Metrics.find(({ Id }) => Id === 'late')
    .MetricStat.Metric;
  const failures = FAILURES.map((MetricName, at) => ({
    Id: `failures${at}`,
    ReturnData: false,
    MetricStat: { Stat: 'Sum', Metric: { Namespace: 'Sluice', MetricName, Dimensions } },
  }));
  return {
    DeploymentApiFaultsSignal: signal(
      'More than 1 % of the calls of the API end with a fault.',
      0.01,
      ApiFaultsAlarm.Properties.Metrics,
    ),
    DeploymentErrorsSignal: signal(
      'Functions that nobody waits for fail as a whole.',
      0,
      WorkerErrorsAlarm.Properties.Metrics,
    ),
    DeploymentFailuresSignal: signal('Messages or rows cannot be worked on.', 0, [
      { Id: 'sum', Expression: 'SUM(METRICS())' },
      ...failures,
    ]),
    DeploymentVerdictsLateSignal: signal(
      'More than 5 % of the verdicts are late.',
      0.05,
      VerdictsLateMinutesSignal.Properties.Metrics,
    ),
  };
};

/** Alarms of the runbook that ring within minutes, for what a new version may do worst. */
const ALARMS = ['UnreadableRowsAlarm', 'AcceptedMissingAlarm'];

/**
 * What AWS's own AWSCodeDeployRoleForLambdaLimited allows, without the revisions in S3 and the functions
 * called between the steps, which there are none of, and for the functions of this stack alone.
 */
const roleOf = (stackName) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'codedeploy.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    },
    Policies: [
      {
        PolicyName: 'shift-traffic',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
              Resource: {
                'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${stackName}-*`,
              },
            },
            { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' },
          ],
        },
      },
    ],
  },
});

/**
 * The resources, by their logical ids.
 * @param deploymentConfig AWS's name of one of its own configurations, without what all of them begin with
 */
const codeDeployResources = ({ Resources }, { functionIds, deploymentConfig, stackName }) => {
  const signals = signalsOf(Resources);
  // The same for all: one function that goes back fails the update of the stack, and takes all others with
  // it.
  const alarms = [...Object.keys(signals), ...ALARMS].map((id) => ({ Name: { Ref: id } }));
  const groups = functionIds.map((id) => {
    const { Condition } = Resources[id];
    const group = {
      Type: 'AWS::CodeDeploy::DeploymentGroup',
      ...(Condition === undefined ? {} : { Condition }),
      Properties: {
        ApplicationName: { Ref: APPLICATION },
        ServiceRoleArn: { 'Fn::GetAtt': [ROLE, 'Arn'] },
        DeploymentConfigName: `CodeDeployDefault.Lambda${deploymentConfig}`,
        DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
        AlarmConfiguration: { Enabled: true, Alarms: alarms },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
        },
      },
    };
    return [groupOf(id), group];
  });
  return {
    [APPLICATION]: { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } },
    [ROLE]: roleOf(stackName),
    ...signals,
    ...Object.fromEntries(groups),
  };
};

module.exports = { ALL_AT_ONCE, codeDeployResources, updatePolicyOf, wrongConfig };
