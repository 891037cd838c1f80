/** The logical ids and parameters that a part of a template names, by Ref, Fn::GetAtt and Fn::Sub. */
const referencesOf = (part) => {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === 'Ref') return [value];
    if (key === 'Fn::GetAtt') return [Array.isArray(value) ? value[0] : value.split('.')[0]];
    if (key === 'Fn::Sub') {
      const [text, names] = Array.isArray(value) ? value : [value, {}];
      return [...[...text.matchAll(/\$\{(\w+)[^}]*\}/g)].map(([, name]) => name), ...referencesOf(names)];
    }
    return referencesOf(value);
  });
};

module.exports = { referencesOf };
