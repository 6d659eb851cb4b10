import test from 'ava';
import { codec } from '../../../emulators/firestore/proto.ts';
import { GRPC_GREETING, grpcRequest, mistreat } from '../support/hostile-clients.ts';
import { startLocal } from './local-firestore.ts';

const DATABASE = 'projects/millrace-test/databases/(default)';

test('random bytes, cut streams, half-open connections and a thousand idle clients leave it serving', async (t) => {
  const { server, db } = await startLocal(t);
  let written = 0;
  const commit = codec('CommitRequest')
    .encode({
      database: DATABASE,
      writes: [{ update: { name: `${DATABASE}/documents/c/x`, fields: { text: { stringValue: 'x'.repeat(500) } } } }],
    })
    .finish();
  const listen = codec('ListenRequest')
    .encode({ database: DATABASE, addTarget: { documents: { documents: [`${DATABASE}/documents/c/x`] }, targetId: 1 } })
    .finish();
  await mistreat(t, {
    port: server.port,
    greeting: GRPC_GREETING,
    requests: [
      grpcRequest('/google.firestore.v1.Firestore/Commit', commit),
      grpcRequest('/google.firestore.v1.Firestore/Listen', listen),
    ],
    async serves() {
      const document = db.doc('c/one');
      await document.set({ n: ++written });
      t.is((await document.get()).get('n'), written);
    },
  });
});
