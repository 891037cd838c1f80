// The parameters vpcSubnets, vpcSecurityGroups and vpcFunctions: functions inside of a VPC, and their roles'
// rights to the network interfaces that Lambda makes there in their name (docs/accounts-and-keys.md).

/**
 * By https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html; none of them can be narrowed to a
 * resource.
 */
const INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const listOf = (text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Lambda itself needs these rights, before the code runs. The code has them taken away, as AWS advises. */
const policyFor = (functionName) => ({
  PolicyName: 'network-interfaces',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: INTERFACES, Resource: '*' },
      {
        Effect: 'Deny',
        Action: INTERFACES,
        Resource: '*',
        Condition: {
          ArnEquals: {
            'lambda:SourceFunctionArn': {
              'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName}`,
            },
          },
        },
      },
    ],
  },
});

module.exports = class Network {
  static listOf = listOf;

  /** Puts the functions of these names, or all, into the subnets. */
  static apply = ({ Resources }, { vpcSubnets, vpcSecurityGroups, vpcFunctions }, nameOf) => {
    const VpcConfig = { SubnetIds: listOf(vpcSubnets), SecurityGroupIds: listOf(vpcSecurityGroups) };
    const names = listOf(vpcFunctions).map(nameOf);
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      if (names.length > 0 && !names.includes(Properties.FunctionName)) continue;
      Properties.VpcConfig = VpcConfig;
      const role = Resources[Properties.Role['Fn::GetAtt'][0]].Properties;
      role.Policies = [...(role.Policies ?? []), policyFor(Properties.FunctionName)];
    }
  };

  constructor(serverless) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { custom, provider } = serverless.service;
        if (custom.account.vpcSubnets === '') return;
        const nameOf = (name) => serverless.service.getFunction(name).name;
        Network.apply(provider.compiledCloudFormationTemplate, custom.account, nameOf);
      },
    };
  }
};
