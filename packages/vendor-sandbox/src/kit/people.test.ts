import { expect, it } from 'vitest';
import { createPeople } from './people.ts';
import { createManualClock } from './sandbox-clock.ts';

it('knows who was put in, by exactly that id', () => {
  const people = createPeople(createManualClock());
  expect(people.seed(['ada', { id: 'bob' }])).toBe(2);
  expect(['ada', 'bob', 'Ada', ' ada', 'eve'].filter((id) => people.has(id))).toEqual(['ada', 'bob']);
  expect(people.count()).toEqual({ people: 2 });
  expect(people.lookup(['eve', 'ada'])).toEqual([
    { id: 'eve', hasProfile: false, hasEvents: false },
    { id: 'ada', hasProfile: true, hasEvents: true },
  ]);
});

it('forgets by the clock, and only those who were named', () => {
  const clock = createManualClock();
  const people = createPeople(clock);
  people.seed(['ada', 'bob', 'eve']);
  people.forget(['ada'], 1000);
  people.forget(['bob']);
  expect(people.count()).toEqual({ people: 2 });
  clock.advance(999);
  expect(people.has('ada')).toBe(true);
  clock.advance(1);
  expect(people.has('ada')).toBe(false);
  expect(people.has('eve')).toBe(true);
});

it('has people back who come in again after they were forgotten', () => {
  const clock = createManualClock();
  const people = createPeople(clock);
  people.seed(['ada']);
  people.forget(['ada'], 1000);
  clock.advance(1000);
  people.seed(['ada']);
  expect(people.has('ada')).toBe(true);
});

it('says which person is unusable', () => {
  const people = createPeople(createManualClock());
  expect(() => people.seed(['ada', { name: 'bob' }])).toThrow('Person 1: "id" is missing.');
  expect(() => people.seed([{ id: 'ada', age: 36 }])).toThrow('Person 0 has a field "age" that means nothing here.');
});
