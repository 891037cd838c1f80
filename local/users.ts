import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { localCredentials, region } from './environment.ts';
import type { PoolStack } from './stack.ts';

export type User = { readonly email: string; readonly password: string };

/**
 * The user that `npm start` creates. The password is no secret: it opens a stack on the loopback interface.
 */
export const demoUser: User = { email: 'demo@example.com', password: 'open-the-sluice' };

/** Creates a user who can log in at once, in the stack's Cognito pool. Safe to run again. */
export async function createUser(stack: PoolStack, { email, password }: User): Promise<void> {
  await withCognito(stack, async (cognito) => {
    const pool = { UserPoolId: stack.userPoolId, Username: email };
    try {
      const verified = [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ];
      await cognito.send(
        new AdminCreateUserCommand({ ...pool, UserAttributes: verified, MessageAction: 'SUPPRESS' }),
      );
    } catch (error) {
      if (!(error instanceof UsernameExistsException)) throw error;
    }
    await cognito.send(new AdminSetUserPasswordCommand({ ...pool, Password: password, Permanent: true }));
  });
}

/** Logs a user in. The id token is what the API takes as bearer; it is good for an hour. */
export async function logIn(stack: PoolStack, { email, password }: User): Promise<{ idToken: string }> {
  return await withCognito(stack, async (cognito) => {
    const { AuthenticationResult: result } = await cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: stack.userPoolClientId,
        AuthParameters: { USERNAME: email, PASSWORD: password },
      }),
    );
    if (!result?.IdToken) throw new Error(`${email} logged in but got no id token.`);
    return { idToken: result.IdToken };
  });
}

/** What a backend gets its tokens with. */
export type Service = {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** The service that the stack makes, with every scope. */
export async function readService(stack: PoolStack): Promise<Service> {
  return await withCognito(stack, async (cognito) => {
    const { UserPoolClient: client } = await cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId: stack.userPoolId, ClientId: stack.serviceClientId }),
    );
    return toService(stack, client);
  });
}

/**
 * Makes another service, with these scopes alone.
 * @param tokensLastSeconds how long its tokens are good; an hour if absent. AWS has no less than five
 * minutes.
 */
export async function createService(
  stack: PoolStack,
  scopes: readonly string[],
  tokensLastSeconds?: number,
): Promise<Service> {
  return await withCognito(stack, async (cognito) => {
    const { UserPoolClient: client } = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId: stack.userPoolId,
        ClientName: 'another-service',
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: scopes.map((scope) => `sluice/${scope}`),
        ...(tokensLastSeconds !== undefined && {
          AccessTokenValidity: tokensLastSeconds,
          TokenValidityUnits: { AccessToken: 'seconds' },
        }),
      }),
    );
    return toService(stack, client);
  });
}

type Client = { readonly ClientId?: string | undefined; readonly ClientSecret?: string | undefined };

function toService({ endpoint }: PoolStack, client: Client = {}): Service {
  const { ClientId: clientId, ClientSecret: clientSecret } = client;
  if (!clientId || !clientSecret) throw new Error('The stack’s client for services has no secret.');
  // In AWS this is the pool's own domain; here it is the one address of everything.
  return { tokenUrl: `${endpoint}/oauth2/token`, clientId, clientSecret };
}

async function withCognito<T>(
  stack: PoolStack,
  work: (cognito: CognitoIdentityProviderClient) => Promise<T>,
): Promise<T> {
  const cognito = new CognitoIdentityProviderClient({
    endpoint: stack.endpoint,
    region,
    credentials: localCredentials,
  });
  try {
    return await work(cognito);
  } finally {
    cognito.destroy();
  }
}
