// Environment → adapters. The one place where a function's dependencies are made of what serverless.yml gives
// it: each handler names those that it needs (entry.ts), and its bundle has no other.

import { createDynamoDBClient } from '@sluice/connection/clients/dynamodb';
import { createEventBridgeClient } from '@sluice/connection/clients/eventbridge';
import { createSQSClient } from '@sluice/connection/clients/sqs';
import { readSockets } from '@sluice/connection/clients/wire';
import { createAnnounce, createAnnounceArrivals } from './aws/announce.ts';
import { createArrivalsQueue } from './aws/arrivals-queue.ts';
import { createCloudFrontAddresses } from './aws/cloudfront-addresses.ts';
import { createBury } from './aws/dead-changes.ts';
import { createEventBus } from './aws/event-bus.ts';
import { createEventFeed } from './aws/event-feed.ts';
import { createGrantTable } from './aws/grant-table.ts';
import { createDownloadSigner, createPartSigner, createUploadSigner } from './aws/grants.ts';
import { lazyForgetCopies } from './aws/lazy-forget-copies.ts';
import { lazyGrantReader } from './aws/lazy-grant-reader.ts';
import { lazyMultipart } from './aws/lazy-multipart.ts';
import { createLedger } from './aws/ledger.ts';
import { toIndexes } from './aws/ledger-indexes.ts';
import { createMultipart } from './aws/multipart.ts';
import { createObjects } from './aws/objects.ts';
import { openStores } from './aws/open-stores.ts';
import { createPairReader, createSecretReader } from './aws/secret.ts';
import { settleStores } from './aws/settle-stores.ts';
import { createStoreClient } from './aws/store-client.ts';
import { createWebhookDeliveries } from './aws/webhook-deliveries.ts';
import { createWebhookEndpoints } from './aws/webhook-endpoints.ts';
import { createWebhookAnnounce } from './aws/webhook-queue.ts';
import { createWebhookSlots } from './aws/webhook-slots.ts';
import type { Audiences } from './caller/claims.ts';
import { createKeys, getJson } from './caller/keys.ts';
import type { GrantReader } from './grant/read.ts';
import { createGrantTokens } from './grant/token.ts';
import { createTokenKeys } from './grant/token-keys.ts';
import { createHeld } from './held.ts';
import { createPushSecrets } from './http/push-secrets.ts';
import { logger } from './log/logger.ts';
import { toPage } from './page/page.ts';
import type { Environment } from './settings.ts';
import type { Place } from './upload/ports.ts';
import { createSessionKeys } from './uppy/session-keys.ts';
import { withConfigured } from './webhook/configured.ts';
import { createWebhookKeys } from './webhook/keys.ts';
import type { Reach } from './webhook/target.ts';

function s3(environment: Environment) {
  return createStoreClient(environment.once(openStores));
}

function sqs(environment: Environment) {
  return createSQSClient(environment.connection());
}

function dynamo(environment: Environment) {
  return createDynamoDBClient(environment.connection());
}

/** The rows of all uploads. */
export function ledger(environment: Environment) {
  return createLedger(
    environment.once(dynamo),
    environment.text('LEDGER_TABLE'),
    environment.text('GRANTS_TABLE'),
    toIndexes(environment.optional('LEDGER_INDEXES')),
  );
}

/** The rows of all grants. */
export function grants(environment: Environment) {
  return createGrantTable(environment.once(dynamo), environment.text('GRANTS_TABLE'));
}

const BUCKETS = {
  incoming: 'INCOMING_BUCKET',
  store: 'STORE_BUCKET',
  quarantine: 'QUARANTINE_BUCKET',
} as const satisfies Record<Place, string>;

/** The objects of some buckets: of those that the function's role may touch. */
export function objectsIn(...places: readonly Place[]) {
  return (environment: Environment) =>
    createObjects(
      environment.once(s3),
      Object.fromEntries(places.map((place) => [place, environment.text(BUCKETS[place])])),
    );
}

/** The name of the bucket that uploads go to. */
export function incomingBucket(environment: Environment) {
  return environment.text('INCOMING_BUCKET');
}

/** Multipart uploads in the incoming bucket. */
export function multipart(environment: Environment) {
  return createMultipart(environment.once(s3), incomingBucket(environment));
}

/** The same, for a function that seldom needs it. */
export function multipartWhenNeeded(environment: Environment) {
  return lazyMultipart(environment.once(openStores), incomingBucket(environment));
}

/** Has the keys at hand that the signers sign with. */
export function ready(environment: Environment) {
  return environment.once(openStores).keys.ready;
}

/** Signs for whole objects. */
export function uploadSigner(environment: Environment) {
  return createUploadSigner(environment.once(openStores), incomingBucket(environment));
}

/** Signs for parts. */
export function partSigner(environment: Environment) {
  return createPartSigner(environment.once(openStores), incomingBucket(environment));
}

/** Signs for accepted files: at CloudFront where that stands before the store. */
export function downloadSigner(environment: Environment) {
  const origin = environment.optional('FILES_ORIGIN');
  if (origin === undefined) {
    return createDownloadSigner(environment.once(openStores), environment.text('STORE_BUCKET'));
  }
  const secret = environment.text('FILES_KEY_SECRET');
  return createCloudFrontAddresses({
    origin,
    read: createSecretReader(environment.connection(), secret, 'the secret of CloudFront’s key'),
    now: Date.now,
    onFailure: (error) => logger.warn('key of the files not read', { error }),
  });
}

/** Undefined where nothing stands before the store. */
export function forgetCopies(environment: Environment) {
  const distribution = environment.optional('FILES_DISTRIBUTION');
  return distribution === undefined ? undefined : lazyForgetCopies(environment.connection(), distribution);
}

/** Sends an arrival down the queue again. */
export function announce(environment: Environment) {
  return createAnnounce(
    environment.once(sqs),
    environment.text('ARRIVALS_QUEUE_URL'),
    incomingBucket(environment),
  );
}

/** Sends what a store pushed down the queue. */
export function announceArrivals(environment: Environment) {
  return createAnnounceArrivals(environment.once(sqs), environment.text('ARRIVALS_QUEUE_URL'));
}

/** The queue of arrivals, and that of dead letters. */
export function arrivalsQueue(environment: Environment) {
  return createArrivalsQueue(environment.once(sqs), {
    arrivals: environment.text('ARRIVALS_QUEUE_URL'),
    deadLetters: environment.text('ARRIVALS_DEAD_LETTER_QUEUE_URL'),
  });
}

/** The feed of events. */
export function eventFeed(environment: Environment) {
  return createEventFeed(
    environment.once(dynamo),
    environment.text('EVENT_TABLE'),
    eventRetentionInSeconds(environment),
  );
}

/** How long an event can be read in the feed. */
export function eventRetentionInSeconds(environment: Environment) {
  return environment.wholeNumber('EVENT_RETENTION_DAYS') * 86_400;
}

/** The bus that events leave by. */
export function eventBus(environment: Environment) {
  return createEventBus(createEventBridgeClient(environment.connection()), environment.text('EVENT_BUS'));
}

/** CloudEvents' source of this deployment. */
export function eventSource(environment: Environment) {
  return `urn:sluice:${environment.text('SLUICE_STAGE')}`;
}

/** Puts a change that makes no event into the dead-letter queue. */
export function buryChange(environment: Environment) {
  return createBury(environment.once(sqs), environment.text('EVENT_DEAD_LETTER_QUEUE_URL'));
}

/** What the sockets to S3 have done so far. */
export function sockets(environment: Environment) {
  const client = environment.once(s3);
  return () => readSockets(client);
}

/** Calls back at intervals, until what it gives is called. */
export function every() {
  return (ms: number, run: () => void) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  };
}

function uppyKeys(environment: Environment) {
  return createPairReader(
    environment.connection(),
    environment.text('UPPY_KEY_SECRET'),
    'the secret of the upload sessions',
  );
}

/** The keys of upload sessions from before grants, as their secret has them. */
export function sessionKeys(environment: Environment) {
  return createSessionKeys({
    read: environment.once(uppyKeys),
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the sessions not read', { error }),
  });
}

/** Undefined where the deployment takes no pushed notifications. */
export function pushSecrets(environment: Environment) {
  const secretId = environment.optional('ARRIVALS_PUSH_SECRET');
  if (secretId === undefined) return undefined;
  return createPushSecrets({
    read: createPairReader(environment.connection(), secretId, 'the secret of pushed notifications'),
    now: Date.now,
    onFailure: (error) => logger.warn('secrets of pushes not read', { error }),
  });
}

/** The console's page, with its configuration. */
export function page(environment: Environment) {
  return toPage(environment, 'dist/console', settleStores(environment).publicSettings);
}

/** Where clients reach the API, without a slash at its end. */
export function apiUrl(environment: Environment) {
  return environment.text('API_URL');
}

/** The claim of a token that names the tenant. */
export function tenantClaim(environment: Environment) {
  return environment.text('TENANT_CLAIM');
}

/** Whose tokens are taken, as they have it in `iss`. */
export function issuer(environment: Environment) {
  return environment.text('TOKEN_ISSUER');
}

/** How tokens of users are told from those of services. */
export function audiences(environment: Environment): Audiences {
  const user = environment.text('TOKEN_AUDIENCE');
  if (environment.optional('USER_POOL_ID') !== undefined) return { kind: 'pool', userClient: user };
  const service = environment.optional('SERVICE_AUDIENCE');
  return { kind: 'issuer', user, ...(service !== undefined && { service }) };
}

/** The keys that tokens are verified with. */
export function issuerKeys(environment: Environment) {
  const named = issuer(environment);
  const pool = environment.optional('USER_POOL_ID');
  const { endpoint } = environment.connection().values;
  // The pool's tokens name AWS as their issuer wherever the pool is: on the local stack its keys are there.
  const base = endpoint === undefined ? named : `${endpoint.replace(/\/+$/, '')}/${pool}`;
  return createKeys({
    issuer: named,
    ...(pool !== undefined && { address: `${base}/.well-known/jwks.json` }),
    get: getJson,
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the issuer not read', { error }),
  });
}

/** The keys of grants, which are those of upload sessions, as their secret has them. */
export function grantKeys(environment: Environment) {
  return createTokenKeys({
    read: environment.once(uppyKeys),
    create: createGrantTokens,
    now: Date.now,
    onFailure: (error) => logger.warn('keys of the sessions not read', { error }),
  });
}

/** Reads tokens of grants, for the authorizer. */
export function readGrant(environment: Environment): GrantReader {
  return lazyGrantReader(environment.connection(), {
    table: environment.text('GRANTS_TABLE'),
    keysSecret: environment.text('UPPY_KEY_SECRET'),
  });
}

/** How long after its URL expired an upload is still awaited. */
export function expiryGraceInSeconds(environment: Environment) {
  return environment.wholeNumber('EXPIRY_GRACE_SECONDS');
}

/** How long the row of an ended upload is kept. */
export function rowRetentionInSeconds(environment: Environment) {
  return environment.wholeNumber('ROW_RETENTION_DAYS') * 86_400;
}

/** The endpoints that are told of events, with the one that the deployment itself names. */
export function webhookEndpoints(environment: Environment) {
  const stored = createWebhookEndpoints(environment.once(dynamo), environment.text('WEBHOOK_TABLE'));
  return withConfigured(stored, environment.optional('WEBHOOK_URL'));
}

/** What endpoints were told, and are still to be told. */
export function webhookDeliveries(environment: Environment) {
  return createWebhookDeliveries(environment.once(dynamo), environment.text('WEBHOOK_TABLE'));
}

/** The slots of deliveries that are under way. */
export function webhookSlots(environment: Environment) {
  return createWebhookSlots(environment.once(dynamo), environment.text('WEBHOOK_TABLE'));
}

/** Has deliveries looked at. */
export function webhookAnnounce(environment: Environment) {
  return createWebhookAnnounce(environment.once(sqs), environment.text('WEBHOOK_QUEUE_URL'));
}

/** The secrets and keys of endpoints. */
export function webhookKeys(environment: Environment) {
  const held = createHeld({
    fetch: createPairReader(
      environment.connection(),
      environment.text('WEBHOOK_KEY_SECRET'),
      'the secret of the webhooks',
    ),
    now: Date.now,
    onFailure: (error) => logger.warn('secret of the webhooks not read', { error }),
  });
  return createWebhookKeys(() => held.get());
}

/** Where webhooks may go to: anywhere on the local stack, and otherwise to the internet alone. */
export function webhookReach(environment: Environment): Reach {
  return environment.text('WEBHOOK_REACH') === 'anywhere' ? 'anywhere' : 'public';
}

/** How many times faster than their schedule webhooks are tried again. */
export function webhookRetrySpeed(environment: Environment) {
  return environment.wholeNumber('WEBHOOK_RETRY_SPEED');
}
