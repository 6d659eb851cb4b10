import type { Event } from '#contracts/kit/event.ts';
import type { Puller } from './puller.ts';

export interface Published {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  data: any;
  tenant: string | undefined;
  id: string;
  attributes: Record<string, string>;
  orderingKey: string;
  /** Its message id: rises in publish order. */
  place: number;
}

/** A topic for every event, whose messages are the test's to take. */
export async function captureEvents(puller: Puller, events: readonly Event[]) {
  for (const { topic } of events) await puller.open(topic);
  const seen = new Set<string>();
  const takeFrom = async (topic: string): Promise<Published[]> =>
    (await puller.pullAll(topic)).map(({ id, attributes, orderingKey, data }) => ({
      type: attributes['ce-type'] ?? '',
      tenant: attributes['ce-tenant'],
      id: attributes['ce-id'] ?? '',
      attributes,
      orderingKey,
      place: Number(id),
      data: JSON.parse(data.toString('utf8')),
    }));
  return {
    async take(): Promise<Published[]> {
      const pulled = (await Promise.all(events.map(({ topic }) => takeFrom(topic)))).flat();
      pulled.sort((left, right) => left.place - right.place);
      // An event may be published twice, as when a round sends what its own handler is about to: consumers know it by its id.
      return pulled.filter(({ id }) => !seen.has(id) && seen.add(id));
    },
  };
}
