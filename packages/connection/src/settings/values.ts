import type { SettingFault } from '../errors/settings.ts';

/**
 * Every setting of the connection layer, resolved. Times are milliseconds. boto3's name stands in brackets
 * where it differs.
 */
export type SettingValues = {
  /** `AWS_REGION`, then `AWS_DEFAULT_REGION`, which the SDK does not read. */
  readonly region: string | undefined;

  /** The three parts of a key always come from the same source: half a key from each would sign nothing. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken: string | undefined;
  /** When they end, if that is known; from the same place as the keys. Nothing is signed past it. */
  readonly keyExpiration: string | undefined;
  /** Named in code it outranks keys in the environment; named by `AWS_PROFILE` it does not (as in boto3). */
  readonly profile: string | undefined;
  /** A role to assume with the credentials found otherwise. */
  readonly roleArn: string | undefined;
  readonly roleSessionName: string | undefined;
  readonly roleExternalId: string | undefined;
  readonly roleDurationSeconds: number | undefined;
  /** The role that it belongs to is refused when it is to be assumed: there is nobody to type the code. */
  readonly mfaSerial: string | undefined;
  /**
   * Nothing is signed, and no keys are looked for: for buckets that are open to everybody.
   * [signature_version=UNSIGNED]
   */
  readonly unsigned: boolean;

  /** For every service; those below are for one and win over it within the same source. [endpoint_url] */
  readonly endpoint: string | undefined;
  readonly s3Endpoint: string | undefined;
  readonly dynamodbEndpoint: string | undefined;
  readonly sqsEndpoint: string | undefined;
  readonly stsEndpoint: string | undefined;
  readonly secretsmanagerEndpoint: string | undefined;
  readonly cloudfrontEndpoint: string | undefined;
  readonly eventbridgeEndpoint: string | undefined;
  readonly guarddutyEndpoint: string | undefined;
  readonly lambdaEndpoint: string | undefined;
  readonly logsEndpoint: string | undefined;
  /** Forget endpoints given by environment and file; for those who must reach AWS itself. */
  readonly ignoreConfiguredEndpoints: boolean;
  /** `auto` is by host name, and by path on every endpoint that is not AWS's own. */
  readonly addressingStyle: 'auto' | 'path' | 'virtual';
  readonly useAccelerateEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  readonly useFipsEndpoint: boolean;
  /** An access point is asked in the region of its ARN, whatever the client's. */
  readonly useArnRegion: boolean;
  /**
   * Calls to directory buckets are signed with the keys at hand, not with those of a session with the bucket.
   */
  readonly disableExpressSessionAuth: boolean;

  /** From the first packet to the end of the TLS handshake. [connect_timeout] */
  readonly connectTimeoutMs: number;
  /** From sending to the head of the answer, for each attempt. [read_timeout] */
  readonly readTimeoutMs: number;
  /** Longest silence on the wire in mid-request or mid-answer. [read_timeout] */
  readonly idleTimeoutMs: number;
  /** First try included. [retries.total_max_attempts] */
  readonly maxAttempts: number;
  readonly retryMode: 'standard' | 'adaptive';
  /** Sockets per host; calls beyond wait their turn. [max_pool_connections] */
  readonly maxSockets: number;
  readonly keepAlive: boolean;
  /**
   * What transfers do that have no options of their own; copies are cut in their own way. [max_concurrency]
   */
  readonly transferConcurrency: number | undefined;
  /** [multipart_threshold] */
  readonly transferThresholdBytes: number | undefined;
  /** [multipart_chunksize] */
  readonly transferPartBytes: number | undefined;
  /** What all transfers of a client together may send or receive each second. [max_bandwidth] */
  readonly maxBytesPerSecond: number | undefined;
  /**
   * Lets the kernel ask whether the other end is still there while a connection is silent. [tcp_keepalive]
   */
  readonly tcpKeepAlive: boolean;

  /** Proxy for `http:` endpoints; user and password may stand in the URL and are never shown. */
  readonly httpProxy: string | undefined;
  /** Proxy for `https:` endpoints, reached by CONNECT. */
  readonly httpsProxy: string | undefined;
  /** Hosts that are reached directly, separated by commas. */
  readonly noProxy: string | undefined;
  /**
   * PEM file with the authorities to trust for a proxy that is an `https:` URL itself.
   * [proxies_config.proxy_ca_bundle]
   */
  readonly proxyCaBundle: string | undefined;
  /** PEM files for such a proxy; one file may hold both. [proxies_config.proxy_client_cert] */
  readonly proxyClientCertificate: string | undefined;
  readonly proxyClientKey: string | undefined;
  /** PEM file that replaces the built-in authorities. [verify] */
  readonly caBundle: string | undefined;
  /** PEM files; one needs the other. [client_cert] */
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;

  readonly requestChecksumCalculation: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
  readonly responseChecksumValidation: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
  /** Shows up in the user agent as `app/…`, and so in S3's access logs. [user_agent_appid] */
  readonly userAgentSuffix: string | undefined;
};

/** The name of a setting. */
export type SettingName = keyof SettingValues;

/** Where a value was found; `place` is the variable, or the file and key. */
export type Source = {
  readonly kind: 'code' | 'environment' | 'file' | 'default' | 'unset';
  readonly place: string;
};

/** Resolved settings, each with its source. Make them with `resolveSettings` or `loadSettings`. */
export type Settings = {
  readonly values: SettingValues;
  readonly sources: Readonly<Record<SettingName, Source>>;
  /**
   * What is wrong with settings that some clients do without: the others refuse to be made. Their values are
   * unset.
   */
  readonly faults: readonly SettingFault[];
};
