// Made-up tokens of every shape. They are put together here, so that no scanner takes this file for a leak.

const letters = (count: number): string => 'aB3dE5gH7jK9mN1pQ2sT4vW6yZ8'.repeat(20).slice(0, count);
const upper = (count: number): string => 'ABCDEFGH2JKLMN3PQRST'.repeat(3).slice(0, count);
const lines = (count: number): string =>
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ+/x1y2z3==\n'.repeat(count);

/** By name of the mark. */
export const TOKENS: readonly (readonly [name: string, token: string])[] = [
  ['github-token', `ghp_${letters(36)}`],
  ['github-token', `gho_${letters(36)}`],
  ['github-token', `ghu_${letters(36)}`],
  ['github-token', `ghs_${letters(36)}`],
  ['github-token', `ghr_${letters(76)}`],
  ['github-token', `github_pat_${letters(22)}_${letters(59)}`],
  ['gitlab-token', `glpat-${letters(20)}`],
  ['gitlab-token', `glptt-${letters(40)}`],
  ['gitlab-token', `gldt-${letters(20)}`],
  ['gitlab-token', `glrt-${letters(20)}`],
  ['gitlab-token', `glcbt-64_${letters(20)}`],
  ['gitlab-token', `glsoat-${letters(20)}`],
  ['gitlab-token', `glft-${letters(20)}`],
  ['gitlab-token', `glagent-${letters(50)}`],
  ['aws-key', `AKIA${upper(16)}`],
  ['aws-key', `ASIA${upper(16)}`],
  ['slack-token', `xoxb-1234567890-1234567890-${letters(24)}`],
  ['slack-token', `xoxp-1234567890-${letters(24)}`],
  ['slack-token', `xapp-1-A1B2C3-${letters(24)}`],
  ['api-key', `sk-ant-api03-${letters(40)}-${letters(40)}AA`],
  ['api-key', `sk-proj-${letters(48)}`],
  ['api-key', `sk-svcacct-${letters(48)}`],
  ['api-key', `sk-${letters(48)}`],
  ['api-key', `sk-${'0123456789abcdef'.repeat(2)}`],
  ['stripe-key', `sk_live_${letters(24)}`],
  ['stripe-key', `rk_live_${letters(24)}`],
  ['npm-token', `npm_${letters(36)}`],
  ['google-key', `AIza${letters(35)}`],
  ['google-key', `GOCSPX-${letters(28)}`],
  ['huggingface-token', `hf_${letters(34)}`],
  ['pypi-token', `pypi-AgE${letters(60)}`],
  ['vault-token', `hvs.${letters(40)}`],
  ['docker-token', `dckr_pat_${letters(27)}`],
  ['jwt', `eyJ${letters(33)}.eyJ${letters(60)}.${letters(43)}`],
  ['jwt', `eyJ${letters(900)}.eyJ${letters(2000)}.${letters(43)}`],
  ['private-key', `-----BEGIN PRIVATE KEY-----\n${lines(26)}-----END PRIVATE KEY-----`],
  [
    'private-key',
    `-----BEGIN RSA PRIVATE KEY-----\r\n${lines(3).replaceAll('\n', '\r\n')}-----END RSA PRIVATE KEY-----`,
  ],
  [
    'private-key',
    `-----BEGIN OPENSSH PRIVATE KEY-----\\n${lines(4).replaceAll('\n', String.raw`\n`)}-----END OPENSSH PRIVATE KEY-----`,
  ],
  [
    'private-key',
    `-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n${lines(2)}-----END EC PRIVATE KEY-----`,
  ],
  [
    'private-key',
    `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n${lines(5)}=abcd\n-----END PGP PRIVATE KEY BLOCK-----`,
  ],
];

/** What only looks a little like one. */
export const INNOCENT: readonly string[] = [
  'ghp_short',
  'npm_config_registry_is_not_a_token_but_a_long_name_of_one',
  'task-0f8e1c2a-1b2c-3d4e-5f6a-7b8c9d0e1f2a',
  'disk-0123456789abcdef0123456789abcdef',
  'sk-fading-circle sk-abcdefghijklmnopqrstuvwxyzabc',
  'AKIA and ASIA are prefixes; AKIAshort',
  'eyJhbGciOiJIUzI1NiJ9 alone, and eyJhbGciOiJIUzI1NiJ9.abc.def',
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----',
  'a file that begins with -----BEGIN RSA PRIVATE KEY----- is a key',
  '-----BEGIN CERTIFICATE-----',
  '-'.repeat(200),
  'https://glpat-docs.example.com/gldt-x xox xoxb-1 AIzaSy hf_model',
];
