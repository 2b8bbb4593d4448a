// Which variables hold secrets, by their names alone: what such variables usually are called, then what the config adds or lets go.

import { compileGlob } from '../glob.ts';

/** Whole names, or what a name ends in behind `_`; capitals and small letters are the same. */
export const USUAL_SECRETS: readonly string[] = [
  'ACCESS_KEY',
  'ACCOUNT_KEY',
  'API_KEY',
  'APIKEY',
  'AUTHTOKEN',
  'DOCKER_AUTH_CONFIG',
  'ENCRYPTION_KEY',
  'JWT',
  'MYSQL_PWD',
  'PASS',
  'PASSPHRASE',
  'PASSWD',
  'PASSWORD',
  'PGPASSWORD',
  'PRIVATE_KEY',
  'SECRET',
  'SECRET_KEY',
  'SECRET_KEY_BASE',
  'SIGNING_KEY',
  'STORAGE_KEY',
  'TOKEN',
  'WEBHOOK_URL',
];

/** One pattern, because each start asks it of every variable there is. */
const USUAL = new RegExp(`(?:^|_)(?:${USUAL_SECRETS.join('|')})$`, 'i');

export interface HiddenNames {
  /** Its value is shown nowhere, and it passes only where it is listed. */
  readonly isHidden: (name: string) => boolean;
  /** The config itself says so, so that a value that cannot be hidden is its problem. */
  readonly isListed: (name: string) => boolean;
}

/** `redact` in order: the last entry that matches a name decides, one with `!` lets it go. */
export function hiddenNames(redact: readonly string[]): HiddenNames {
  const entries = redact.map((entry) => {
    const lets = entry.startsWith('!');
    return { lets, test: compileGlob(lets ? entry.slice(1) : entry) };
  });
  const deciding = (name: string) => entries.findLast(({ test }) => test(name));
  return {
    isHidden: (name) => !(deciding(name)?.lets ?? !USUAL.test(name)),
    isListed: (name) => deciding(name)?.lets === false,
  };
}
