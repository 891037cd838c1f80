import type { Wishes } from '../../local/deploy.ts';
import type { Scene } from './scene.ts';

/** What is known of a drill before it is made. */
type Facts = {
  /** as `npm run drills -- name` has it */
  readonly name: string;
  /** what has happened, for people */
  readonly title: string;
  /**
   * what an operator sees or is asked first: a heading of docs/runbook.md, under which the commands stand
   */
  readonly symptom: string;
  /** of the cure, as the runbook prints them; `<name>` is filled in */
  readonly commands: readonly string[];
  /** how its own stack is deployed. It shares one with other drills if absent */
  readonly wishes?: Wishes;
};

/** A drill's three acts. Each throws if something is not as it has to be. */
type Acts<Made> = {
  /** Makes the trouble, beside honest neighbours; by whatever means. */
  readonly trouble: (scene: Scene) => Promise<Made>;
  /** Ends it by the commands alone, as an operator does. */
  readonly cure: (scene: Scene, made: Made) => Promise<void>;
  /** Waits for the end of the trouble, and looks at the neighbours. */
  readonly proof: (scene: Scene, made: Made) => Promise<void>;
};

export type Drill = Facts & {
  /**
   * Makes the drill on a stack. Throws where it went wrong.
   * @returns seconds from the first command to the end of the proof
   */
  readonly make: (scene: Scene, onAct: (act: keyof Acts<unknown>) => void) => Promise<number>;
};

/** A drill of these acts. */
export function createDrill<Made>({ trouble, cure, proof, ...facts }: Facts & Acts<Made>): Drill {
  return {
    ...facts,
    make: async (scene, onAct) => {
      onAct('trouble');
      const made = await trouble(scene);
      const began = performance.now();
      onAct('cure');
      await cure(scene, made);
      onAct('proof');
      await proof(scene, made);
      return (performance.now() - began) / 1000;
    },
  };
}
