import { mask } from './mask.ts';
import { describe } from './resolve.ts';
import type { SettingName, Settings } from './values.ts';

/** One line of `sluice explain`. */
export type ExplainedSetting = {
  readonly setting: SettingName;
  /** Masked; empty when unset. */
  readonly value: string;
  /** `code`, `environment AWS_REGION`, `region in [default] of ~/.aws/config`, `default` or `not set`. */
  readonly source: string;
  /** What is wrong with it, and what is allowed; the value is then what was given. */
  readonly error?: string;
};

/**
 * Every setting with its value and where it came from, secrets masked: fit for a terminal, a log or a bug
 * report. Settings made by `inspectSettings` tell of all that are wrong, those made otherwise only of what
 * they could do without.
 */
export function explain({ values, sources, faults }: Settings): ExplainedSetting[] {
  // Sound: `sources` has exactly the settings as keys.
  return (Object.keys(sources) as SettingName[]).map((setting) => {
    const source = describe(sources[setting]);
    const fault = faults.find((one) => one.setting === setting);
    if (fault)
      return { setting, value: fault.value, source, error: `not allowed; expected ${fault.allowed}` };
    return { setting, value: values[setting] === undefined ? '' : mask(setting, values[setting]), source };
  });
}
