import { writeFileSync } from 'node:fs';

/** An invented person of the demo. */
export interface DemoPerson {
  readonly requestId: string;
  readonly userId: string;
  readonly email: string;
  readonly phone: string;
  readonly anonymousId: string;
}

/** Invents people. The same position always gives the same person. */
export function inventPeople(count: number, prefix: string): DemoPerson[] {
  return Array.from({ length: count }, (_, position) => {
    const number = String(position + 1).padStart(4, '0');
    return {
      requestId: `request-${number}`,
      userId: `${prefix}-${number}`,
      email: `${prefix}.${number}@example.com`,
      // 555-01xx is set aside for stories; the extension keeps the numbers apart.
      phone: `+1202555${String(100 + (position % 100)).padStart(4, '0')}${number}`,
      anonymousId: `${prefix}-device-${number}`,
    };
  });
}

/** Writes people as the CSV that the demo deletes. */
export function writePeople(path: string, people: readonly DemoPerson[]): void {
  const rows = people.map(({ requestId, userId, email, phone, anonymousId }) =>
    [requestId, userId, email, phone, anonymousId].join(','),
  );
  writeFileSync(path, `request_id,user_id,email,phone,anonymous_id\n${rows.join('\n')}\n`);
}
