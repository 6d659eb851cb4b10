import { changePreferences } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadProfile, savePreferences } from './store/users.ts';

export default httpFunction(
  changePreferences,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ preferences }, { tx, caller, ifMatch }) => {
    if (ifMatch === undefined)
      return { problem: 'version-required', detail: 'say in If-Match which version you change' };
    const saved = /^\d{1,9}$/.test(ifMatch) && (await savePreferences(tx, caller.id, Number(ifMatch), preferences));
    const profile = await loadProfile(tx, caller.id);
    if (profile === undefined) return { problem: 'not-found', detail: 'the organisation has no such user any more' };
    if (!saved) return { problem: 'version-changed', detail: `the profile is at version ${profile.version}` };
    return profile;
  },
);
