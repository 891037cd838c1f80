import { mask } from './mask.ts';
import { describe } from './resolve.ts';
import type { SettingName, Settings } from './values.ts';

/** One line of `sluice explain`. */
export interface ExplainedSetting {
  readonly setting: SettingName;
  /** Masked; empty when unset. */
  readonly value: string;
  /** `code`, `environment AWS_REGION`, `region in [default] of ~/.aws/config`, `default` or `not set`. */
  readonly source: string;
}

/** Every setting with its value and where it came from, secrets masked: fit for a terminal, a log or a bug report. */
export function explain({ values, sources }: Settings): ExplainedSetting[] {
  // Sound: `sources` has exactly the settings as keys.
  return (Object.keys(sources) as SettingName[]).map((setting) => ({
    setting,
    value: values[setting] === undefined ? '' : mask(setting, values[setting]),
    source: describe(sources[setting]),
  }));
}
