// Runs one file in this fresh process and reports what that took as one line of JSON. See FreshRun in
// rounds.ts.
const [, , file] = process.argv;

const cpu = process.cpuUsage();
const start = performance.now();
const subject = require(file);
const loaded = performance.now();
const { user, system } = process.cpuUsage(cpu);

const report = async () => {
  await subject.prepare?.();
  const begun = performance.now();
  const result = await subject.run?.();
  const runMs = performance.now() - begun;
  const value = typeof result === 'number' ? result : ((await subject.toValue?.(result)) ?? 0);
  const rssBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(
    `\n${JSON.stringify({ loadMs: loaded - start, loadCpuMs: (user + system) / 1000, runMs, rssBytes, value })}\n`,
  );
};

void report();
