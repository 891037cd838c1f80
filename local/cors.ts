import { ApiGatewayV2Client, UpdateApiCommand } from '@aws-sdk/client-apigatewayv2';
import {
  CloudFormationClient,
  DescribeStackResourceCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { localCredentials, region } from './environment.ts';

/**
 * Gives the API the CORS rules of its template, once more. MiniStack's CloudFormation keeps them under the
 * template's names (`AllowOrigins`), its API Gateway reads its own (`allowOrigins`), and so it refuses every
 * preflight. Pages of the stack's own origin, such as the console, never notice; an app on another port does.
 * Safe to run again.
 */
export async function restoreCors(endpoint: string, stackName: string): Promise<void> {
  const settings = { endpoint, region, credentials: localCredentials };
  const cloudFormation = new CloudFormationClient(settings);
  const apiGateway = new ApiGatewayV2Client(settings);
  try {
    const [template, api] = await Promise.all([
      cloudFormation.send(new GetTemplateCommand({ StackName: stackName })),
      cloudFormation.send(
        new DescribeStackResourceCommand({ StackName: stackName, LogicalResourceId: 'HttpApi' }),
      ),
    ]);
    const CorsConfiguration = corsOf(JSON.parse(template.TemplateBody ?? '{}'));
    const ApiId = api.StackResourceDetail?.PhysicalResourceId;
    if (ApiId && CorsConfiguration) await apiGateway.send(new UpdateApiCommand({ ApiId, CorsConfiguration }));
  } finally {
    cloudFormation.destroy();
    apiGateway.destroy();
  }
}

type Template = {
  readonly Resources?: {
    readonly HttpApi?: { readonly Properties?: { readonly CorsConfiguration?: object } };
  };
};

function corsOf(template: Template) {
  return template.Resources?.HttpApi?.Properties?.CorsConfiguration;
}
