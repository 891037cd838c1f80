/** The process was killed here. Nothing in src/ may catch it and go on. */
export class Killed extends Error {
  constructor(at: string) {
    super(`killed ${at}`);
    this.name = 'Killed';
  }
}

export type Crash = { readonly call: number; readonly when: 'before' | 'after' };

type Port = Readonly<Record<string, unknown>>;

/**
 * Ports that make no call any more after the one at which the process was killed: whose nth call, counted
 * over all of them, kills the process before it has any effect, or after it had all of it and before the
 * reply came. `calls()` is how many were made.
 */
export function crashing<Ports extends Readonly<Record<string, Port>>>(
  ports: Ports,
  crash?: Crash,
): { readonly ports: Ports; readonly calls: () => number } {
  let calls = 0;
  let isDead = false;
  const wrap = (portName: string, port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, member]) => [
        name,
        typeof member !== 'function' || name === 'due'
          ? member
          : async (...args: unknown[]) => {
              if (isDead) throw new Killed(`before ${portName}.${name}`);
              calls += 1;
              const here = crash?.call === calls ? crash.when : undefined;
              isDead = here !== undefined;
              if (here === 'before') throw new Killed(`before ${portName}.${name}`);
              const result: unknown = await member.apply(port, args);
              if (here === 'after') throw new Killed(`after ${portName}.${name}`);
              return result;
            },
      ]),
    );
  const wrapped = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, wrap(name, port)]));
  return { ports: wrapped as Ports, calls: () => calls };
}
