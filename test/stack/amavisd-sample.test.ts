import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAmavis } from '../../src/ground/config/amavis/amavis.ts'
import { freePort, isListening } from '../servers/ports.ts'
import { privateDir } from '../servers/private-dir.ts'
import { waitUntil } from '../servers/wait.ts'
import { hold, startWorld, type World } from './world.ts'

const SAMPLE = new URL('../../packaging/amavisd/60-amavis-digest', import.meta.url)

const dir = privateDir('amavisd-sample', 'amavis')
let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  dir.remove()
})

/** What is set before the sample is read. `FIRST` is the port for incoming mail, `OTHER` that for outgoing mail. */
const BEFORE = {
  'two ports': '$inet_socket_port = [FIRST, OTHER];',
  'one port': 'push(@listen_sockets, OTHER); $inet_socket_port = FIRST;',
  'no port': 'push(@listen_sockets, FIRST, OTHER); $inet_socket_port = undef;',
  'an empty port': "push(@listen_sockets, FIRST, OTHER); $inet_socket_port = '';",
  'the same port too': '$inet_socket_port = [FIRST, OTHER, 9998];',
}

test.each(Object.entries(BEFORE))(
  'with %s set before it, the sample adds its port, and keeps those that take mail',
  async (_, before) => {
    await using amavisd = await amavisdWith(before)
    for (const port of [amavisd.smtpPort, amavisd.other, amavisd.release]) {
      await waitUntil(`port ${port}`, () => isListening(port))
    }
  },
)

/** As ISPConfig sets it: `*` is the port of the request plus 1. */
const RELATIVE = `$notify_method = 'smtp:127.0.0.1:*';`

test('a release over the port of the sample arrives, also where $notify_method names no port', async () => {
  await using amavisd = await amavisdWith(`${BEFORE['two ports']} ${RELATIVE}`)
  expect(await release(amavisd)).toMatchObject({ status: 0 })
  expect(world.mta.mails).toHaveLength(1)
})

test('without $release_method such a release does not arrive', async () => {
  await using amavisd = await amavisdWith(`${BEFORE['two ports']} ${RELATIVE}`, '$release_method = undef;')
  const { stdout } = await release(amavisd)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'queued' })
  expect(world.mta.mails).toEqual([])
})

test('what the admin has set for releases and for the database is kept', async () => {
  const marks = `print STDERR "method: $release_method, databases: \${\\ scalar @storage_sql_dsn}\\n";`
  const set = `$release_method = 'smtp:[127.0.0.1]:10030';`
  await using amavisd = await amavisdWith(`${BEFORE['two ports']} ${RELATIVE} ${set}`, marks)
  expect(amavisd.log()).toContain('method: smtp:[127.0.0.1]:10030, databases: 1\n')
})

/** An ISPConfig without a quarantine: nothing of what the program needs is set. */
const BARE = `${BEFORE['two ports']} ${RELATIVE}
$spam_quarantine_method = 'local:spam-%m.gz'; $banned_files_quarantine_method = 'local:banned-%m';
$spam_quarantine_to = ''; $final_spam_destiny = D_PASS; $sql_allow_8bit_address = 0;
@storage_sql_dsn = (); $unix_socketname = undef; %interface_policy = (); %policy_bank = ('' => $policy_bank{''});`

test('with the text that init prints for it, a bare amavisd keeps spam, and releases it', async () => {
  const file = join(dir.path, 'bare.conf')
  writeFileSync(file, BARE.replace('[FIRST, OTHER]', '[10024, 10026]'))
  const { addition } = readAmavis(file)
  const { dsn, user, password } = world.storage
  const printed = (addition?.perl ?? '').replace(/\(\['DBI.*\]\)/, `(['${dsn}', '${user}', '${password}'])`)
  await using amavisd = await amavisdWith(BARE, '', printed)
  expect(await release(amavisd)).toMatchObject({ status: 0 })
  expect(world.mta.mails).toHaveLength(1)
  for (const port of [amavisd.smtpPort, amavisd.other, amavisd.release]) {
    await waitUntil(`port ${port}`, () => isListening(port))
  }
})

/** An amavisd that reads the sample, or what init prints, with its port and the port of the MTA replaced by those of this test. */
async function amavisdWith(before: string, after = '', sample = readFileSync(SAMPLE, 'utf8')) {
  const [other, release] = [await freePort(), await freePort()]
  const here = (perl: string) =>
    perl
      .replaceAll('9998', String(release))
      .replaceAll('FIRST', '$inet_socket_port->[0]')
      .replaceAll('OTHER', String(other))
  const file = join(dir.path, `sample-${release}`)
  writeFileSync(file, here(sample).replace("'smtp:[127.0.0.1]:10025'", '$forward_method'))
  const extra = `${here(before)}\ninclude_config_files('${file}');\n${after}`
  return { ...(await world.addAmavisd({ extra })), other, release }
}

/** Holds a message, and releases it over the port of the sample. */
async function release(amavisd: Awaited<ReturnType<typeof amavisdWith>>) {
  await world.reset()
  const [held] = await hold({ amavisd, storage: world.storage }, 'alice@example.com')
  const program = await world.configure({ release: { via: `tcp://127.0.0.1:${amavisd.release}` } })
  await program.command('run')
  return program.command('release', held.mail_id, '--recipient', 'alice@example.com', '--json')
}
