// scan-with-clamav is a container where the parameter clamavImage names an image: clamd and its signatures
// are in it, beside the function. serverless.yml has it as any other function, so that tests and budgets know
// it; here its code becomes the image. serverless itself would ask ECR for the digest while it packages,
// which works only for those who may read the repository.
const FUNCTION = 'ScanDashwithDashclamavLambdaFunction';

module.exports = class ClamavImage {
  static toImage = (
    { Code: _, Handler: _handler, Runtime: _runtime, Layers: _layers, ...properties },
    image,
  ) => ({
    ...properties,
    PackageType: 'Image',
    Code: { ImageUri: image },
  });

  constructor(serverless) {
    this.hooks = {
      'before:package:finalize': () => {
        const { custom, provider } = serverless.service;
        const resource = provider.compiledCloudFormationTemplate.Resources[FUNCTION];
        if (resource === undefined || !custom.clamavImage) return;
        resource.Properties = ClamavImage.toImage(resource.Properties, custom.clamavImage);
      },
    };
  }
};
