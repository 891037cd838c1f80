// With the parameter deploymentConfig, callers and events reach a function by its alias `live`, which stands
// at a version, and a deployment moves the alias: at once, or in steps by CodeDeploy (infra/code-deploy.cjs).
// Without it nothing is added, and everything reaches the function itself, as ever. Why:
// docs/decisions/0081-versions-behind-an-alias.md.
//
// serverless points everything that it compiles at `targetAlias`, if a function has one, but makes the alias
// only for functions with provisioned concurrency. So here it is set, and alias and version are made.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { ALL_AT_ONCE, codeDeployResources, updatePolicyOf } = require('./code-deploy.cjs');
const { referencesOf } = require('./references.cjs');

const ALIAS = 'live';
/** Of each function, besides the one that the alias stands at. serverless removes the others. */
const VERSIONS_KEPT = 3;

/** Functions without an alias, and why. */
const UNALIASED = {
  administer: 'an operator invokes it by its name and looks at each answer: there is no traffic to shift',
};

/** JSON whose keys are in order, so that the order of writing is no change. */
const canonical = (value) =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/**
 * A digest of whatever a version freezes: the code, and the configuration as CloudFormation will resolve it.
 * The properties alone do not say: `!If [ByCloudFront, …]` and `!Ref LedgerTable` stay as they are while a
 * condition flips, or a table is replaced, and the alias would go on with yesterday's variables. So the
 * conditions count, and the definitions of what is referred to.
 * @param artifact the file that the code is packed in, or undefined for an image, which is in the properties
 */
const digestOf = ({ Resources, Conditions }, properties, artifact) => {
  // What belongs to the function and not to its versions, and the key in S3, which is another each time.
  const { Code, ReservedConcurrentExecutions: _, Tags: _tags, ...frozen } = properties;
  const { Role: _role, ...referring } = frozen; // a role that changes keeps its ARN
  const referred = [...new Set(referencesOf(referring))].sort().map((id) => [id, Resources[id]?.Properties]);
  return createHash('sha256')
    .update(canonical([frozen, Code.ImageUri, Conditions, referred]))
    .update(artifact === undefined ? '' : readFileSync(artifact))
    .digest('hex')
    .slice(0, 16);
};

module.exports = class Aliases {
  static ALIAS = ALIAS;
  static UNALIASED = UNALIASED;

  constructor(serverless) {
    const { service } = serverless;
    const { naming } = serverless.getProvider('aws');
    const aliased = () =>
      service.custom.deploymentConfig === ''
        ? []
        : service.getAllFunctions().filter((name) => !Object.hasOwn(UNALIASED, name));
    const aliasIdOf = (name) => `${naming.getLambdaLogicalId(name)}LiveAlias`;

    const pointAtAliases = () => {
      for (const name of aliased()) {
        service.getFunction(name).targetAlias = { name: ALIAS, logicalId: aliasIdOf(name) };
      }
    };

    const addAlias = (template, name, updatePolicy) => {
      const functionId = naming.getLambdaLogicalId(name);
      const { Condition, Properties } = template.Resources[functionId];
      const { artifact } = service.getFunction(name).package;
      const digest = digestOf(template, Properties, Properties.Code.ImageUri ? undefined : artifact);
      // Lambda publishes a version only of what changed, and CloudFormation fails where it does not. So
      // whatever gives the version another id changes the function, too.
      Properties.Description = `Configuration ${digest}`;
      const condition = Condition === undefined ? {} : { Condition };
      const versionId = `${functionId}Version${digest}`;
      template.Resources[versionId] = {
        Type: 'AWS::Lambda::Version',
        ...condition,
        // So that the alias can be put back by hand. One whose deployment fails goes: Lambda would publish no
        // other when the same is deployed again.
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: { FunctionName: { Ref: functionId } },
      };
      template.Resources[aliasIdOf(name)] = {
        Type: 'AWS::Lambda::Alias',
        ...condition,
        ...updatePolicy,
        Properties: {
          FunctionName: { Ref: functionId },
          FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
          Name: ALIAS,
        },
      };
    };

    /** API Gateway calls the alias only once it may: a stage that gets aliases is in use meanwhile. */
    const waitForPermissions = ({ Resources }) => {
      const called = new Map(
        Object.entries(Resources)
          .filter(([, { Type }]) => Type === 'AWS::Lambda::Permission')
          .map(([id, { DependsOn }]) => [DependsOn, id]),
      );
      for (const resource of Object.values(Resources)) {
        if (!/^AWS::ApiGatewayV2::(Integration|Authorizer)$/.test(resource.Type)) continue;
        const permission = called.get(resource.DependsOn);
        if (permission !== undefined) resource.DependsOn = [resource.DependsOn, permission];
      }
    };

    const addAliases = () => {
      const names = aliased();
      if (names.length === 0) return;
      const template = service.provider.compiledCloudFormationTemplate;
      const { deploymentConfig } = service.custom;
      const isShifted = deploymentConfig !== ALL_AT_ONCE;
      const functionIds = names.map((name) => naming.getLambdaLogicalId(name));
      for (const [at, name] of names.entries()) {
        addAlias(template, name, isShifted ? updatePolicyOf(functionIds[at]) : {});
      }
      waitForPermissions(template);
      // By versionFunctions serverless makes versions of its own, which is over by now, and prunes:
      // ours, too.
      Object.assign(service.provider, {
        versionFunctions: true,
        pruneFunctionVersions: { number: VERSIONS_KEPT },
      });
      if (!isShifted) return;
      const stackName = naming.getStackName();
      const shifting = codeDeployResources(template, { functionIds, deploymentConfig, stackName });
      Object.assign(template.Resources, shifting);
    };

    this.hooks = {
      'before:package:compileFunctions': pointAtAliases,
      // Once conditions and alarms of infra/ are in the template.
      'after:aws:package:finalize:mergeCustomProviderResources': addAliases,
    };
  }
};
