import { webhooksContract } from '../../contract/webhooks.contract.ts';
import { memoryDeliveries, memoryEndpoints, memorySlots } from '../../fakes/memory-webhooks.ts';

const stores = {
  ...memoryEndpoints(),
  ...memoryDeliveries(),
  slots: memorySlots(),
};

webhooksContract('webhooks in memory', async () => stores);
