import { getStorageUsage } from '#contracts/files/api.ts';
import { httpFunction } from '#core/function.ts';
import { allowanceOf, bytesLeft } from './domain/space.ts';
import { readSpace } from './store/space.ts';

export default httpFunction(
  getStorageUsage,
  { cpu: 1, concurrency: 40, maxInstances: 2 },
  async (_, { tx, caller }) => {
    const space = await readSpace(tx);
    const { usedBytes, reservedBytes, files } = space;
    const allowance = allowanceOf(caller.plan, space.agreedBytes);
    return { plan: caller.plan, usedBytes, reservedBytes, files, ...allowance, bytesLeft: bytesLeft(space, allowance) };
  },
);
