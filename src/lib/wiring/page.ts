import { settleStores } from '../aws/settle-stores.ts';
import { toPage } from '../page/page.ts';
import type { Environment } from '../settings.ts';

/** The console's page, with its configuration. */
export function page(environment: Environment) {
  return toPage(environment, 'dist/console', settleStores(environment).publicSettings);
}
