import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** A block of a guide, by its text, is run by a test that names it, or is not run for a reason. */
type Account = { readonly runIn: string } | { readonly not: string }

const GUIDES_TEST = { runIn: 'guide-amavis.test.ts' }
const COMMANDS_TEST = { runIn: '../doors/cli/requests-and-senders.test.ts' }
const AS_ROOT = { not: 'it changes the machine: its packages, users and services' }
const EDITOR = { not: 'a person edits a file' }
const SAME = (guide: string) => ({ not: `the block of ${guide} is the same` })
const DEBIAN = {
  not: 'debian-package-tests.ts installs, upgrades, removes and purges the package in a root of its own',
}
const OUTPUT = { not: 'it is what a command prints, and no command' }

const ACCOUNTS: Readonly<Record<string, Readonly<Record<string, Account>>>> = {
  'amavis-mariadb': {
    zcat: GUIDES_TEST,
    'npm ci': AS_ROOT,
    'amavis-digest init': { not: 'the same test initialises by a call, with folders of its own' },
    'amavisd configtest': { not: 'amavisd-sample.test.ts starts a real amavisd with the file' },
    'editor /etc/amavis-digest/config.yaml': EDITOR,
    'amavis-digest migrate': GUIDES_TEST,
    'recipients set me@example.com --on': GUIDES_TEST,
    'systemctl enable --now amavis-digest': AS_ROOT,
  },
  'amavis-postgresql': { zcat: GUIDES_TEST },
  ispconfig: {
    zcat: { runIn: 'ispconfig.test.ts' },
    'npm ci': SAME('amavis-mariadb'),
    'ss -ltn': { not: 'amavisd-sample.test.ts starts a real amavisd with the file' },
    'mariadb < /etc/amavis-digest/ispconfig-account.sql': {
      not: 'doctor-databases.test.ts runs the SQL that init writes',
    },
    'directory show sales@example.com': {
      not: 'ispconfig-digests.test.ts asks it about other addresses',
    },
    'Read by alice@example.com': OUTPUT,
    'Nobody gets a digest about': OUTPUT,
    'The directory (ispconfig) answers': OUTPUT,
    certbot: AS_ROOT,
    'recipients set me@example.com --on': SAME('amavis-mariadb'),
    '--config /root/ispconfig/config.yaml': { not: 'another path of the block above' },
    'Settings that no digest follows': OUTPUT,
  },
  moving: {
    'purge --dry-run': GUIDES_TEST,
    'recipients set @ --off': GUIDES_TEST,
  },
  requests: {
    'requests list': COMMANDS_TEST,
    'NOPASSWD: /usr/bin/sa-learn': { not: 'it is a line of /etc/sudoers' },
  },
  senders: { 'senders list alice@example.com': COMMANDS_TEST },
  upkeep: {
    'npm ci': AS_ROOT,
    'mariadb-dump': GUIDES_TEST,
    pg_dump: GUIDES_TEST,
    'mariadb amavis_digest <': GUIDES_TEST,
    'psql --quiet --set': GUIDES_TEST,
    'DROP DATABASE': GUIDES_TEST,
    dropdb: GUIDES_TEST,
    'apt purge': DEBIAN,
  },
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** The blocks that are commands, or what commands print: those that are marked as another language are none. */
const blocksOf = (guide: string): string[] =>
  [...read(`../../docs/guides/${guide}.md`).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => ['', 'sh', 'console'].includes(language ?? ''))
    .map(([, , inner = '']) => inner)

test.each(Object.keys(ACCOUNTS))(
  'each block of commands in %s is run by a test, or there is a reason',
  guide => {
    const begins = Object.keys(ACCOUNTS[guide] ?? {})
    const named = blocksOf(guide).map(block => begins.filter(begin => block.includes(begin)))
    // Each block has one account, and each account a block.
    expect(named.flat()).toEqual(begins)
    expect(named.filter(accounts => accounts.length !== 1)).toEqual([])
  },
)

test.each(Object.keys(ACCOUNTS))('the tests that are said to run blocks of %s name them', guide => {
  for (const [begin, account] of Object.entries(ACCOUNTS[guide] ?? {}))
    if ('runIn' in account) expect(read(account.runIn)).toContain(begin)
})

test('blocks that are said to be the same are', () => {
  const first = blocksOf('amavis-mariadb')
  for (const block of blocksOf('ispconfig').filter(each => /npm ci|set me@example/.test(each)))
    expect(first).toContain(block)
})
