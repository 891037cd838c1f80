// Regions of other partitions than AWS's own (China, GovCloud) lack some types of resources, and
// CloudFormation refuses a template that names one, even under a condition that is false. So there the
// template is packaged without what its conditions leave out. Elsewhere it keeps both branches, as it is
// written.
const OTHERS = /^(cn|us-gov)-/;

/** Whether a condition holds, or undefined where only CloudFormation knows. */
const decide = (conditions, condition) => {
  const [[kind, value]] = Object.entries(condition);
  const all = () => value.map((one) => decide(conditions, one));
  if (kind === 'Condition') return decide(conditions, conditions[value]);
  if (kind === 'Fn::Equals') {
    return value.every((one) => typeof one === 'string') ? value[0] === value[1] : undefined;
  }
  if (kind === 'Fn::Not') {
    const [inner] = all();
    return inner === undefined ? undefined : !inner;
  }
  if (kind === 'Fn::And') return all().includes(false) ? false : all().includes(undefined) ? undefined : true;
  if (kind === 'Fn::Or') return all().includes(true) ? true : all().includes(undefined) ? undefined : false;
  return undefined;
};

const isNoValue = (value) => value?.Ref === 'AWS::NoValue';

/** A value without the branches that are not taken. */
const prune = (value, holds) => {
  if (Array.isArray(value)) return value.map((one) => prune(one, holds)).filter((one) => !isNoValue(one));
  if (typeof value !== 'object' || value === null) return value;
  if (value['Fn::If']) {
    const [name, yes, no] = value['Fn::If'];
    const held = holds(name);
    if (held === undefined) return { 'Fn::If': [name, prune(yes, holds), prune(no, holds)] };
    return prune(held ? yes : no, holds);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, prune(inner, holds)])
      .filter(([, inner]) => !isNoValue(inner)),
  );
};

module.exports = class Partition {
  /** Takes from a template what its conditions leave out. */
  static prune = (template) => {
    const { Conditions } = template;
    const holds = (name) => decide(Conditions, Conditions[name]);
    for (const part of ['Resources', 'Outputs']) {
      for (const [name, entry] of Object.entries(template[part])) {
        const held = entry.Condition === undefined ? undefined : holds(entry.Condition);
        if (held === false) delete template[part][name];
        else template[part][name] = prune(held ? { ...entry, Condition: undefined } : entry, holds);
      }
    }
    // A condition that nothing names any more goes, too.
    const undecided = Object.entries(Conditions).filter(([name]) => holds(name) === undefined);
    const text = JSON.stringify([template.Resources, template.Outputs, undecided.map(([, one]) => one)]);
    template.Conditions = Object.fromEntries(
      Object.entries(Conditions).filter(
        ([name]) => text.includes(`"Fn::If":["${name}"`) || text.includes(`"Condition":"${name}"`),
      ),
    );
  };

  constructor(serverless) {
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { compiledCloudFormationTemplate, region } = serverless.service.provider;
        if (OTHERS.test(region)) Partition.prune(compiledCloudFormationTemplate);
      },
    };
  }
};
