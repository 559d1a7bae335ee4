import { userInfo } from 'node:os';

/** The name of the user that this process runs as. A container may have users without one. */
export function systemUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
