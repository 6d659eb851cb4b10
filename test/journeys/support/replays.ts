import { killing, planKills, toText } from './kills.ts';
import { startOwnCloud } from './own-cloud.ts';
import { hirePostman } from './postman.ts';
import { seeded } from './random.ts';
import { type Outcome, prepare, replayFreely, replayInLockstep, type replayTicks } from './replay.ts';
import { spawnCloud } from './spawned-cloud.ts';

type Ticks = ReturnType<typeof replayTicks>;

/** Nothing happens to it. */
export async function undisturbed(ticks: Ticks): Promise<Outcome> {
  const cloud = await startOwnCloud();
  try {
    await prepare(cloud);
    return await replayInLockstep(cloud, ticks);
  } finally {
    await cloud.close();
  }
}

/** Services and the whole cloud are killed; `pace` says whether the next tick waits for the flow of the last. */
export async function underKills(
  ticks: Ticks,
  { seed, kills: count, pace }: { seed: number; kills: number; pace: 'lockstep' | 'free' },
): Promise<Outcome & { story: string }> {
  const cloud = await spawnCloud();
  try {
    await prepare(cloud);
    const kills = planKills(seed, count, ticks.length);
    const replay = pace === 'lockstep' ? replayInLockstep : replayFreely;
    return { ...(await replay(cloud, ticks, { disturb: killing(cloud, kills) })), story: toText(kills) };
  } finally {
    await cloud.close();
  }
}

/** Every event comes three times to each consumer, in any order that the keys allow. */
export async function shuffledAndRepeated(ticks: Ticks, seed: number): Promise<Outcome & { delivered: number }> {
  const cloud = await startOwnCloud();
  try {
    await prepare(cloud);
    const postman = await hirePostman(cloud, seeded(seed));
    const settle = async (last: boolean) => {
      await postman.deliver({ emptyHanded: last });
      await cloud.quiet();
    };
    const outcome = await replayInLockstep(cloud, ticks, { settle });
    await postman.close();
    return { ...outcome, delivered: postman.delivered() };
  } finally {
    await cloud.close();
  }
}
