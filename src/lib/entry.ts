import type { Context } from 'aws-lambda';
import { type Environment, ownEnvironment, readOptional } from './settings.ts';

/** How each of a function's dependencies is made of its environment. */
export type Wires<Deps> = { readonly [Name in keyof Deps]: (environment: Environment) => Deps[Name] };

/**
 * A function as Lambda calls it. Its adapters are made when Lambda loads it, so that a broken deployment
 * fails before its first call and the first caller waits for none of that; anywhere else by the first call,
 * so that whoever only wants `createHandler` needs no environment.
 */
export function entryPoint<Deps, Event, Result>(
  createHandler: (deps: Deps) => (event: Event, context: Context) => Result,
  wires: Wires<Deps>,
): (event: Event, context: Context) => Result {
  let made: ((event: Event, context: Context) => Result) | undefined;
  const handler = () => {
    made ??= createHandler(wire(wires, ownEnvironment()));
    return made;
  };
  if (readOptional('AWS_LAMBDA_FUNCTION_NAME') !== undefined) handler();
  return (event, context) => handler()(event, context);
}

/**
 * The dependencies of a function.
 * @throws Error naming every variable that is missing or malformed
 */
export function wire<Deps>(wires: Wires<Deps>, environment: Environment): Deps {
  let fault: { readonly error: unknown } | undefined;
  const made = Object.entries<(environment: Environment) => unknown>(wires).map(([name, make]) => {
    try {
      return [name, make(environment)];
    } catch (error) {
      // What an adapter says of a variable that is missing says less than that it is, and with which others.
      fault ??= { error };
      return [name, undefined];
    }
  });
  environment.check();
  if (fault !== undefined) throw fault.error;
  // Sound: `wires` has a maker for each of them.
  return Object.fromEntries(made) as Deps;
}
