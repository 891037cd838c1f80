/**
 * Stands in for `@smithy/core/event-streams` in the bundles of the functions (serverless.yml,
 * custom.esbuild.alias).
 *
 * The SDK loads it by `import()`, for operations that answer with a stream of events; Sluice has none.
 * esbuild makes one file for each function, and there whatever an `import()` leads to becomes closures that
 * are evaluated one by one, with nothing left out: not these modules alone, but the half of the SDK that they
 * import. Without that one call all of it is flat code of which only what is used is kept: a fifth of a cold
 * start. See docs/performance.md.
 *
 * An update of the SDK that asks for more than this fails to bundle, and so does no harm.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are not in this bundle');
  }
}

/** Clients keep it for operations that never come. */
export function eventStreamSerdeProvider(): EventStreamSerde {
  return new EventStreamSerde();
}

/** Leaves a client's configuration as it is. */
export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}
