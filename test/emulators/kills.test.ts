import test from 'ava';
import { killedServices } from './support/killed-services.ts';
import { surviveKills } from './support/kills.ts';

// The long form is kills.soak.ts.
const KILLS = 3;

for (const { name, subject } of killedServices)
  test(`${name}, killed under load, keeps all that it acknowledged and nothing else`, (t) =>
    surviveKills(t, subject(), KILLS));
