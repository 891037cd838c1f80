import { ADMIN_QUEUES, type AdminQueue } from '@sluice/contract/admin';
import type { DeadLetters, DeadMessage } from '../../src/lib/admin/ports.ts';

type Queues = Record<AdminQueue, DeadMessage[]>;

export type MemoryDeadLetters = DeadLetters & {
  /** the dead letters, what was put back, and what was set aside */
  readonly dead: Queues;
  readonly back: Queues;
  readonly aside: { readonly queue: AdminQueue; readonly cause: string; readonly body: string }[];
  add(queue: AdminQueue, ...bodies: readonly string[]): void;
};

function emptyQueues(): Queues {
  return { arrivals: [], events: [], webhooks: [], scans: [] };
}

/** The dead-letter queues in memory. What was received is hidden until `show` is called. */
export function createMemoryDeadLetters(): MemoryDeadLetters & { readonly show: () => void } {
  const dead = emptyQueues();
  const back = emptyQueues();
  const aside: MemoryDeadLetters['aside'] = [];
  const hidden = new Set<string>();
  let made = 0;
  const remove = (queue: AdminQueue, { id }: DeadMessage) => {
    dead[queue] = dead[queue].filter((message) => message.id !== id);
  };
  return {
    dead,
    back,
    aside,
    show: () => hidden.clear(),
    add(queue, ...bodies) {
      for (const body of bodies) {
        made += 1;
        dead[queue].push({ id: `${queue}-${made}`, body, receipt: String(made) });
      }
    },
    queues: ADMIN_QUEUES,
    async peek(queue, isWanted) {
      const found = dead[queue].flatMap(({ id, body }) =>
        isWanted(body) ? [{ queue, messageId: id, body }] : [],
      );
      return { found, messages: dead[queue].length, isAll: true };
    },
    async count(queue) {
      return dead[queue].length;
    },
    async receive(queue) {
      const some = dead[queue].filter(({ id }) => !hidden.has(id)).slice(0, 10);
      for (const { id } of some) hidden.add(id);
      return some;
    },
    async release(_queue, { id }) {
      hidden.delete(id);
    },
    async putBack(queue, message) {
      back[queue].push(message);
      remove(queue, message);
    },
    async setAside(queue, message, cause) {
      aside.push({ queue, cause, body: message.body });
      remove(queue, message);
    },
  };
}
