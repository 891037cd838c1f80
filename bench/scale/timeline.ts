/** Things that are to happen, taken in the order of their time: a binary heap. */
export function createTimeline<What>() {
  const heap: { readonly at: number; readonly what: What }[] = [];
  const timeOf = (index: number) => heap[index]?.at ?? Number.POSITIVE_INFINITY;
  const swap = (one: number, other: number) => {
    [heap[one], heap[other]] = [heap[other] as (typeof heap)[0], heap[one] as (typeof heap)[0]];
  };

  return {
    add(at: number, what: What): void {
      heap.push({ at, what });
      let index = heap.length - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (timeOf(parent) <= timeOf(index)) return;
        swap(parent, index);
        index = parent;
      }
    },

    /** The next one, which is then gone; undefined when there is none. */
    take(): { readonly at: number; readonly what: What } | undefined {
      const next = heap[0];
      const last = heap.pop();
      if (next === undefined || last === undefined || heap.length === 0) return next;
      heap[0] = last;
      let index = 0;
      for (;;) {
        const left = 2 * index + 1;
        const sooner = timeOf(left + 1) < timeOf(left) ? left + 1 : left;
        if (timeOf(index) <= timeOf(sooner)) return next;
        swap(index, sooner);
        index = sooner;
      }
    },
  };
}
