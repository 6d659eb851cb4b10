import test from 'ava';
import { killedServices } from './support/killed-services.ts';
import { surviveKills } from './support/kills.ts';

const KILLS = 50;

for (const { name, subject } of killedServices)
  test.serial(`${name}, killed ${KILLS} times under load, keeps all that it acknowledged and nothing else`, (t) =>
    surviveKills(t, subject(), KILLS),
  );
