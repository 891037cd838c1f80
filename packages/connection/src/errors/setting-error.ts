import { ConnectionError } from './connection-error.ts';

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
 * A setting is unknown or malformed. The SDK ignores most such mistakes, and a time-out that was never set is found out in
 * the worst hour: here nothing starts.
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
