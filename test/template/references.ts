/** A resource of a template, as far as these tests look at it. */
export type Resource = { readonly Type: string; readonly Properties?: unknown };

/** Where a resource refers to a function, and by which alias; undefined is the function itself. */
export type Reference = {
  readonly from: string;
  readonly type: string;
  readonly to: string;
  readonly alias: string | undefined;
};

/** Everything in the template that refers to a function, event sources and permissions among it. */
export function functionReferences(resources: Readonly<Record<string, Resource>>): readonly Reference[] {
  const functions = Object.keys(resources).filter((id) => resources[id]?.Type === 'AWS::Lambda::Function');
  return Object.entries(resources).flatMap(([from, { Type: type, Properties }]) => {
    return referencesIn(Properties, undefined)
      .filter(({ to }) => functions.includes(to))
      .map((reference) => ({ from, type, ...reference }));
  });
}

function referencesIn(part: unknown, alias: string | undefined): readonly Pick<Reference, 'to' | 'alias'>[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === 'Ref') return [{ to: String(value), alias }];
    if (key === 'Fn::GetAtt') return [{ to: String([value].flat()[0]), alias }];
    if (key === 'Fn::Sub') {
      const names = [...JSON.stringify(value).matchAll(/\$\{(\w+)/g)];
      return names.map(([, to = '']) => ({ to, alias }));
    }
    const [separator, joined] = key === 'Fn::Join' && Array.isArray(value) ? value : [];
    const isQualified = separator === ':' && Array.isArray(joined) && joined.length === 2;
    return referencesIn(value, isQualified ? String(joined[1]) : alias);
  });
}
