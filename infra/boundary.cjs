// What an account demands of every role (docs/accounts-and-keys.md): the parameters permissionsBoundary and
// rolePath. It is put into the finished template, so that it reaches all roles, whoever wrote them down.
module.exports = class Boundary {
  static apply = ({ Resources }, { permissionsBoundary, rolePath }) => {
    for (const { Type, Properties } of Object.values(Resources)) {
      const isRole = Type === 'AWS::IAM::Role';
      if (isRole && permissionsBoundary !== '') Properties.PermissionsBoundary = permissionsBoundary;
      if ((isRole || Type === 'AWS::IAM::ManagedPolicy') && rolePath !== '') Properties.Path = rolePath;
    }
  };

  constructor(serverless) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { custom, provider } = serverless.service;
        Boundary.apply(provider.compiledCloudFormationTemplate, custom.account);
      },
    };
  }
};
