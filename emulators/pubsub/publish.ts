import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { checkPublishRequest, type PublishRequest, readPublishRequest } from './message-wire.ts';
import { checkName } from './names.ts';
import { applySchema } from './publish-schema.ts';
import { encodePublishResponse } from './received-wire.ts';
import { type Method, rawUnary } from './rpc.ts';

/** Publisher.Publish: checked, logged, and answered once the messages are safe. */
export function publishMethod(broker: Broker, authorization: Authorization): Method {
  return rawUnary<PublishRequest, Buffer>(
    '/google.pubsub.v1.Publisher/Publish',
    readPublishRequest,
    (bytes) => bytes,
    () => undefined,
    (request, call) => {
      const permitted = authorization.mayPublish(call.metadata, request.topic);
      return permitted === undefined ? publish(broker, request) : permitted.then(() => publish(broker, request));
    },
  );
}

function publish(broker: Broker, request: PublishRequest): Promise<Buffer> {
  const topic = broker.topics.get(request.topic) ?? broker.topic(checkName(request.topic, 'topics'));
  checkPublishRequest(request);
  const { raw, spans } =
    topic.resource.schemaSettings === undefined ? request : applySchema(broker.schemas, topic, request);
  return new Promise((resolve, reject) => {
    broker.publish(topic, raw, spans, (error, firstSequence) => {
      if (error === undefined) resolve(encodePublishResponse(firstSequence, spans.length / 2));
      else reject(error);
    });
  });
}
