import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchConnector, columnsOf } from '../bench-connectors.ts';
import type { BenchContext, BenchRow, Breakdown, Figure } from '../bench-row.ts';
import { type CpuProfile, timeByPart } from '../cpu-profile.ts';
import { writeAsJavaScript } from '../load-into-command.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import { createPartOf, profileParts } from '../profile-parts.ts';
import { openWorkplace } from '../workplace.ts';
import { deleteList } from './compare-with-bare-loop.ts';

const connectors: readonly BenchConnector[] = [
  'mixpanel-gdpr',
  'mixpanel-profile',
  'clevertap',
  'segment-regulation',
  'altcraft',
  'segment-identifier',
];
const shownStatements = 20;

interface StatementTime {
  readonly text: string;
  readonly calls: number;
  readonly ms: number;
}

interface ConnectorProfile {
  readonly name: BenchConnector;
  /** Microseconds of a subject in each part. */
  readonly parts: ReadonlyMap<string, number>;
  readonly statements: readonly StatementTime[];
  readonly plainMs: number;
  readonly profiledMs: number;
}

/** Where the time of the durable path goes. */
export const profile: BenchRow = {
  name: 'profile',
  title: 'Where the time goes',
  async measure(context) {
    const { subjects = 20_000 } = context;
    const profiles: ConnectorProfile[] = [];
    for (const name of connectors.filter(context.isWanted)) {
      context.say(`${name}: profiling`);
      profiles.push(await profileOne(context, name, subjects));
    }
    const figures: Figure[] = profiles.map(({ name, plainMs, profiledMs }) => ({
      what: `${name}, the whole command`,
      unit: 'µs a subject',
      values: [(plainMs * 1000) / subjects],
      against: { what: 'while profiled', values: [(profiledMs * 1000) / subjects] },
    }));
    return {
      figures,
      breakdowns: [partsTable(profiles), ...profiles.slice(0, 1).map((each) => statementsTable(each, subjects))],
      notes: [
        `${numberWords(subjects)} subjects, one profiled run each, all threads of the process together. V8 samples twice in a millisecond of real time, so a wait for the disk counts for whoever waits.`,
        'A sample counts for the innermost function that belongs to a part. SQLite and JSON get functions of JavaScript around them for that, which costs some percent: compare the two columns of the first table.',
        'What loads modules and does not depend on the number of subjects is part of it here.',
      ],
    };
  },
};

async function profileOne(context: BenchContext, name: BenchConnector, subjects: number): Promise<ConnectorProfile> {
  const place = openWorkplace(context.scratch, `profile-${name}`, context.vendor.url, [name]);
  writePeople(place.path('people.csv'), subjects, columnsOf([name]));
  const plain = await deleteList(place, context.vendor, 'people.csv', subjects);
  const nameNatives = writeAsJavaScript('name-natives', place.folder);
  rmSync(place.path('profiles'), { recursive: true, force: true });
  const profiled = await deleteList(place, context.vendor, 'people.csv', subjects, {
    nodeArguments: ['--import', nameNatives, '--cpu-prof', '--cpu-prof-interval=500', '--cpu-prof-dir=profiles'],
    environment: { BENCH_STATEMENTS: place.path('statements.json') },
  });
  const partOf = createPartOf();
  const parts = new Map<string, number>();
  for (const file of readdirSync(place.path('profiles'))) {
    const one: CpuProfile = JSON.parse(readFileSync(join(place.path('profiles'), file), 'utf8'));
    for (const [part, us] of timeByPart(one, partOf)) parts.set(part, (parts.get(part) ?? 0) + us / subjects);
  }
  const statements = readdirSync(place.folder)
    .filter((file) => file.startsWith('statements.json'))
    .flatMap((file): StatementTime[] => JSON.parse(readFileSync(place.path(file), 'utf8')));
  return { name, parts, statements, plainMs: plain.ms, profiledMs: profiled.ms };
}

function partsTable(profiles: readonly ConnectorProfile[]): Breakdown {
  return {
    title: 'Microseconds of a subject, by part',
    columns: ['part', ...profiles.map(({ name }) => name)],
    lines: [...profileParts, 'other'].map((part) => [part, ...profiles.map(({ parts }) => parts.get(part) ?? 0)]),
  };
}

function statementsTable({ name, statements }: ConnectorProfile, subjects: number): Breakdown {
  const longest = statements.toSorted((one, other) => other.ms - one.ms).slice(0, shownStatements);
  return {
    title: `The statements of ${name} that take the most`,
    columns: ['statement', 'times a subject', 'µs a subject'],
    lines: longest.map(({ text, calls, ms }) => [
      `\`${text.replace(/\s+/g, ' ').trim().slice(0, 90)}\``,
      calls / subjects,
      (ms * 1000) / subjects,
    ]),
  };
}
