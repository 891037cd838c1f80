import { ConnectionError } from './connection-error.ts';

// What is wrong before anything is sent: settings, parameters, keys.

/** What was wrong with a setting: enough to go and correct it. */
export type SettingFault = {
  readonly setting: string;
  /** As given; already masked when the setting is a secret. */
  readonly value: string;
  /** Where it was given, e.g. `environment AWS_RETRY_MODE`. */
  readonly source: string;
  /** What would have been accepted, in words. */
  readonly allowed: string;
};

/**
 * A setting is unknown or malformed. The SDK ignores most such mistakes, and a time-out that was never set is
 * found out in the worst hour: here nothing starts.
 */
export class SettingError extends ConnectionError {
  override readonly name = 'SettingError';
  override readonly code = 'invalid-setting';
  override readonly retryable = false;
  readonly fault: SettingFault;

  constructor(fault: SettingFault) {
    super({
      message: `${fault.setting}: "${fault.value}" (from ${fault.source}) is not allowed; expected ${fault.allowed}`,
    });
    this.fault = fault;
  }
}

/**
 * A parameter is missing or out of bounds; found before anything was sent (boto3: `ParamValidationError`).
 */
export class ParamValidationError extends ConnectionError {
  override readonly name = 'ParamValidationError';
  override readonly code = 'invalid-parameter';
  override readonly retryable = false;
}

/** No source gave a region (boto3: `NoRegionError`). */
export class NoRegionError extends ConnectionError {
  override readonly name = 'NoRegionError';
  override readonly code = 'no-region';
  override readonly retryable = false;
}

/** The named profile is in neither shared file (boto3: `ProfileNotFound`). */
export class ProfileNotFoundError extends ConnectionError {
  override readonly name = 'ProfileNotFoundError';
  override readonly code = 'profile-not-found';
  override readonly retryable = false;
}

/** No source of credentials gave any (boto3: `NoCredentialsError`), or the one that should have failed. */
export class NoCredentialsError extends ConnectionError {
  override readonly name = 'NoCredentialsError';
  override readonly code = 'no-credentials';
  override readonly retryable = false;
}

/**
 * The session token is past its end. Refreshing credentials renew themselves before this can happen; copied
 * ones cannot.
 */
export class ExpiredCredentialsError extends ConnectionError {
  override readonly name = 'ExpiredCredentialsError';
  override readonly code = 'expired-credentials';
  override readonly retryable = false;
}
