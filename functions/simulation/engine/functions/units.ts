import { type Family, lifted, strictNumber, strictText } from '../formula/definition.ts';
import { notAvailable } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';

/** A unit's size in its dimension's base; `prefix` tells whether k, M, … and Ki, Mi, … may stand before it. */
type Unit = { readonly dimension: string; readonly size: number; readonly prefix: 'none' | 'decimal' | 'binary' };

const inch = 0.0254;
const foot = 12 * inch;
const mile = 5_280 * foot;
const pound = 0.453_592_37;
const gravity = 9.806_65;
const gallon = 231 * inch ** 3;
const imperialGallon = 0.004_546_09;
const lightYear = 9_460_730_472_580_800;
const parsec = 30_856_775_812_815_532;
const nauticalMile = 1_852;
const pica = inch / 72;
const surveyFoot = 1_200 / 3_937;
const calorie = 4.1868;
const btu = 1_055.055_852_62;
const horsePowerWatts = 550 * foot * pound * gravity;

/** NIST Special Publication 811 and the unit names that CONVERT documents. */
const tables: Readonly<Record<string, Readonly<Record<string, number | readonly [number, Unit['prefix']]>>>> = {
  mass: {
    g: [1e-3, 'decimal'],
    sg: (pound * gravity) / foot,
    lbm: pound,
    u: [1.660_538_782e-27, 'decimal'],
    ozm: pound / 16,
    grain: pound / 7_000,
    cwt: 100 * pound,
    shweight: 100 * pound,
    uk_cwt: 112 * pound,
    lcwt: 112 * pound,
    hweight: 112 * pound,
    stone: 14 * pound,
    ton: 2_000 * pound,
    uk_ton: 2_240 * pound,
    LTON: 2_240 * pound,
    brton: 2_240 * pound,
  },
  length: {
    m: [1, 'decimal'],
    mi: mile,
    Nmi: nauticalMile,
    in: inch,
    ft: foot,
    yd: 3 * foot,
    ang: [1e-10, 'decimal'],
    ell: 45 * inch,
    ly: [lightYear, 'decimal'],
    parsec: [parsec, 'decimal'],
    pc: [parsec, 'decimal'],
    Pica: pica,
    Picapt: pica,
    pica: 12 * pica,
    survey_mi: 5_280 * surveyFoot,
  },
  time: { yr: 31_557_600, day: 86_400, d: 86_400, hr: 3_600, mn: 60, min: 60, sec: [1, 'decimal'], s: [1, 'decimal'] },
  pressure: {
    Pa: [1, 'decimal'],
    p: [1, 'decimal'],
    atm: [101_325, 'decimal'],
    at: [101_325, 'decimal'],
    mmHg: [133.322, 'decimal'],
    psi: (pound * gravity) / inch ** 2,
    Torr: 101_325 / 760,
  },
  force: {
    N: [1, 'decimal'],
    dyn: [1e-5, 'decimal'],
    dy: [1e-5, 'decimal'],
    lbf: pound * gravity,
    pond: [gravity / 1_000, 'decimal'],
  },
  energy: {
    J: [1, 'decimal'],
    e: [1e-7, 'decimal'],
    c: [4.184, 'decimal'],
    cal: [calorie, 'decimal'],
    eV: [1.602_176_487e-19, 'decimal'],
    ev: [1.602_176_487e-19, 'decimal'],
    HPh: horsePowerWatts * 3_600,
    hh: horsePowerWatts * 3_600,
    Wh: [3_600, 'decimal'],
    wh: [3_600, 'decimal'],
    flb: foot * pound * gravity,
    BTU: btu,
    btu,
  },
  power: { HP: horsePowerWatts, h: horsePowerWatts, PS: 75 * gravity, W: [1, 'decimal'], w: [1, 'decimal'] },
  magnetism: { T: [1, 'decimal'], ga: [1e-4, 'decimal'] },
  volume: {
    tsp: gallon / 768,
    tspm: 5e-6,
    tbs: gallon / 256,
    oz: gallon / 128,
    cup: gallon / 16,
    pt: gallon / 8,
    us_pt: gallon / 8,
    uk_pt: [imperialGallon / 8, 'decimal'],
    qt: gallon / 4,
    uk_qt: imperialGallon / 4,
    gal: gallon,
    uk_gal: imperialGallon,
    l: [1e-3, 'decimal'],
    L: [1e-3, 'decimal'],
    lt: [1e-3, 'decimal'],
    ang3: [1e-30, 'decimal'],
    'ang^3': [1e-30, 'decimal'],
    barrel: 42 * gallon,
    bushel: 2_150.42 * inch ** 3,
    ft3: foot ** 3,
    'ft^3': foot ** 3,
    in3: inch ** 3,
    'in^3': inch ** 3,
    ly3: lightYear ** 3,
    'ly^3': lightYear ** 3,
    m3: [1, 'decimal'],
    'm^3': [1, 'decimal'],
    mi3: mile ** 3,
    'mi^3': mile ** 3,
    yd3: (3 * foot) ** 3,
    'yd^3': (3 * foot) ** 3,
    Nmi3: nauticalMile ** 3,
    'Nmi^3': nauticalMile ** 3,
    Picapt3: pica ** 3,
    'Picapt^3': pica ** 3,
    Pica3: pica ** 3,
    'Pica^3': pica ** 3,
    GRT: 100 * foot ** 3,
    regton: 100 * foot ** 3,
    MTON: 40 * foot ** 3,
  },
  area: {
    uk_acre: 4_046.856_422_4,
    us_acre: 43_560 * surveyFoot ** 2,
    ang2: [1e-20, 'decimal'],
    'ang^2': [1e-20, 'decimal'],
    ar: [100, 'decimal'],
    ft2: foot ** 2,
    'ft^2': foot ** 2,
    ha: 10_000,
    in2: inch ** 2,
    'in^2': inch ** 2,
    ly2: lightYear ** 2,
    'ly^2': lightYear ** 2,
    m2: [1, 'decimal'],
    'm^2': [1, 'decimal'],
    Morgen: 2_500,
    mi2: mile ** 2,
    'mi^2': mile ** 2,
    Nmi2: nauticalMile ** 2,
    'Nmi^2': nauticalMile ** 2,
    Picapt2: pica ** 2,
    'Picapt^2': pica ** 2,
    Pica2: pica ** 2,
    'Pica^2': pica ** 2,
    yd2: (3 * foot) ** 2,
    'yd^2': (3 * foot) ** 2,
  },
  information: { bit: [1, 'binary'], byte: [8, 'binary'] },
  speed: {
    admkn: (6_080 * foot) / 3_600,
    kn: nauticalMile / 3_600,
    'm/h': [1 / 3_600, 'decimal'],
    'm/hr': [1 / 3_600, 'decimal'],
    'm/s': [1, 'decimal'],
    'm/sec': [1, 'decimal'],
    mph: [mile / 3_600, 'decimal'],
  },
};

const units = new Map<string, Unit>(
  Object.entries(tables).flatMap(([dimension, table]) =>
    Object.entries(table).map(([name, entry]): [string, Unit] => {
      const [size, prefix] = typeof entry === 'number' ? [entry, 'none' as const] : entry;
      return [name, { dimension, size, prefix }];
    }),
  ),
);

const decimalPrefixes: Readonly<Record<string, number>> = {
  Y: 1e24,
  Z: 1e21,
  E: 1e18,
  P: 1e15,
  T: 1e12,
  G: 1e9,
  M: 1e6,
  k: 1e3,
  h: 1e2,
  da: 1e1,
  e: 1e1,
  d: 1e-1,
  c: 1e-2,
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  p: 1e-12,
  f: 1e-15,
  a: 1e-18,
  z: 1e-21,
  y: 1e-24,
};
const binaryPrefixes: Readonly<Record<string, number>> = {
  Yi: 2 ** 80,
  Zi: 2 ** 70,
  Ei: 2 ** 60,
  Pi: 2 ** 50,
  Ti: 2 ** 40,
  Gi: 2 ** 30,
  Mi: 2 ** 20,
  ki: 2 ** 10,
};

function unitNamed(name: string): { dimension: string; size: number } | undefined {
  const plain = units.get(name);
  if (plain) return plain;
  for (const [prefix, factor] of [...Object.entries(binaryPrefixes), ...Object.entries(decimalPrefixes)]) {
    const unit = name.startsWith(prefix) ? units.get(name.slice(prefix.length)) : undefined;
    if (!unit || unit.prefix === 'none' || (prefix in binaryPrefixes && unit.prefix !== 'binary')) continue;
    // A prefix of a square or cubic metre counts twice or three times: cm2 is a hundredth of a metre, squared.
    const power = /\^?2$/.test(name) ? 2 : /\^?3$/.test(name) ? 3 : 1;
    return { dimension: unit.dimension, size: unit.size * factor ** power };
  }
  return undefined;
}

/** Temperatures by their distance from absolute zero in kelvin. */
const temperatures: Readonly<
  Record<string, readonly [toKelvin: (t: number) => number, fromKelvin: (k: number) => number]>
> = {
  C: [(t) => t + 273.15, (k) => k - 273.15],
  F: [(t) => ((t - 32) * 5) / 9 + 273.15, (k) => ((k - 273.15) * 9) / 5 + 32],
  K: [(t) => t, (k) => k],
  Rank: [(t) => (t * 5) / 9, (k) => (k * 9) / 5],
  Reau: [(t) => t * 1.25 + 273.15, (k) => (k - 273.15) * 0.8],
};
const temperatureNames: Readonly<Record<string, string>> = {
  C: 'C',
  cel: 'C',
  F: 'F',
  fah: 'F',
  K: 'K',
  kel: 'K',
  Rank: 'Rank',
  Reau: 'Reau',
};

function convert(value: number, from: string, to: string): CellValue {
  const hot = temperatures[temperatureNames[from] ?? ''];
  const cold = temperatures[temperatureNames[to] ?? ''];
  if (hot && cold) return from === to ? value : cold[1](hot[0](value));
  const kelvin = /^([YZEPTGMkhdcmunpfazy]|da)(K|kel)$/.exec(from);
  if (kelvin && cold) return cold[1](value * (decimalPrefixes[kelvin[1] ?? ''] ?? 1));
  const source = unitNamed(from);
  const target = unitNamed(to);
  if (!source || !target || source.dimension !== target.dimension) return notAvailable;
  return (value * source.size) / target.size;
}

export const conversion: Family = { CONVERT: lifted([strictNumber, strictText, strictText], convert) };
