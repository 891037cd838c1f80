// `stackTags` is one string on the command line and a map of CloudFormation.
const ENTRY = /^([\p{L}\p{N} _.:/+@-]{1,128})=([\p{L}\p{N} _.:/=+@-]{0,256})$/u;

/** The tags of `team=uploads,cost centre=42`, or undefined where an entry is none. */
const parseTags = (text) => {
  const entries = text === '' ? [] : text.split(',').map((entry) => ENTRY.exec(entry.trim()));
  return entries.includes(null)
    ? undefined
    : Object.fromEntries(entries.map(([, name, value]) => [name, value]));
};

/** What is wrong with stackTags, as the end of a sentence. */
const wrongTags = (text) => {
  const tags = parseTags(text);
  if (tags === undefined) return `lists tags such as team=uploads,env=prod, not "${text}"`;
  const taken = Object.keys(tags).find((name) => /^(?:service|stage|aws:.*)$/i.test(name));
  if (taken !== undefined) return `names ${taken}, which is taken`;
  return Object.keys(tags).length > 40 ? 'lists 40 tags at most' : undefined;
};

module.exports = async ({ resolveVariable }) => {
  const [service, stage, text] = await Promise.all(
    ['self:service', 'sls:stage', 'param:stackTags'].map((variable) => resolveVariable(variable)),
  );
  return { tags: { ...parseTags(text), service, stage } };
};
module.exports.wrongTags = wrongTags;
