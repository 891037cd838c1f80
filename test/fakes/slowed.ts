import type fc from 'fast-check';

type Port = Readonly<Record<string, unknown>>;

/** A port whose every call is made, and every answer comes, when the scheduler says so. */
export function slowed<P extends Port>(scheduler: fc.Scheduler, name: string, port: P): P {
  return Object.fromEntries(
    Object.entries(port).map(([method, member]) => [
      method,
      typeof member !== 'function' || method === 'due'
        ? member
        : async (...args: unknown[]) => {
            await scheduler.schedule(Promise.resolve(), `${name}.${method}`);
            const answer: unknown = await member.apply(port, args);
            await scheduler.schedule(Promise.resolve(), `${name}.${method} answers`);
            return answer;
          },
    ]),
  ) as P;
}
