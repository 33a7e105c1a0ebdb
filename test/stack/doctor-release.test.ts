import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { messageIdOf } from '../../src/ground/mail/message-id.ts'
import { waitForHeld } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { spamMail } from '../servers/samples.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Settings } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())
beforeEach(() => world.reset())

/** What doctor finds about these checks, without those that are fine unless `all`. */
async function examine(
  prefix: string,
  settings: Partial<Settings> = {},
  amavisConf = '/nowhere',
): Promise<string[]> {
  using program = await world.configure({ publicUrl: 'http://127.0.0.1:9', ...settings })
  const config = loadConfig(program.configFile, {}, () => {})
  await using app = await createApp(config, { log: pino({ enabled: false }), clock: Date.now })
  const found = await app.doctor.examine({ dnsServer: '127.0.0.1:9', amavisConf })
  return found
    .filter(({ id }) => id.startsWith(prefix))
    .map(({ id, status, message, fix }) => `${id} ${status}: ${message} ${fix ?? ''}`)
}

const via = (address: string) => ({ release: { via: address } })

test('is silent about a healthy amavisd and mail server', async () => {
  expect((await examine('release.')).map(text => text.split(':')[0])).toEqual([
    'release.reachable ok',
    'release.secret ok',
    'release.target skip',
  ])
  expect((await examine('smtp.')).map(text => text.split(':')[0])).toEqual([
    'smtp.reachable ok',
    'smtp.filter ok',
    'smtp.scanned ok',
  ])
  expect(await examine('clock.amavisd')).toEqual([expect.stringMatching(/^clock\.amavisd ok/)])
  expect((await examine('release.', via(`unix://${world.amavisd.socketPath}`)))[0]).toMatch(
    /^release\.reachable ok/,
  )
})

test('finds a port where nobody listens, one that speaks SMTP, and one that speaks something else', async () => {
  expect((await examine('release.', via('tcp://127.0.0.1:9')))[0]).toMatch(
    /^release\.reachable fail: release\.via \(tcp:\/\/127\.0\.0\.1:9\): nobody listens there \(.*ECONNREFUSED/,
  )
  const smtp = await examine('release.', via(`tcp://127.0.0.1:${world.amavisd.smtpPort}`))
  expect(smtp[0]).toMatch(
    /^release\.reachable fail: .*This is an SMTP port, not an AM\.PDP port.*That port takes mail/,
  )
  expect(smtp[1]).toMatch(/^release\.secret skip/)
  await using other = await startScriptedServer(socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  expect((await examine('release.', via(`tcp://127.0.0.1:${other.port}`)))[0]).toMatch(/not AM\.PDP/)
})

test('names the host of several whose amavisd does not answer, and waits for none that hangs', async () => {
  await using silent = await startScriptedServer(() => {})
  await hold(world, 'alice@example.com')
  const found = await examine('release.reachable', {
    release: {
      via: `tcp://127.0.0.1:${world.amavisd.amPdpPort}`,
      hosts: { 'mx1.example.com': 'tcp://127.0.0.1:9', 'mx2.example.com': `tcp://127.0.0.1:${silent.port}` },
    },
  })
  expect(found).toEqual([
    expect.stringMatching(/^release\.reachable fail: release\.hosts\.mx1\.example\.com .*ECONNREFUSED/),
    expect.stringMatching(
      /^release\.reachable fail: release\.hosts\.mx2\.example\.com .*did not answer within 5000 ms/,
    ),
    expect.stringMatching(/^release\.reachable ok: release\.via/),
  ])
})

test('finds a socket that is not there, a file that is none, and a command that cannot be run', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect((await examine('release.reachable', via(`unix://${folder}/none`)))[0]).toMatch(
    /There is no socket .*ENOENT/,
  )
  expect((await examine('release.reachable', via(`unix://${file}`)))[0]).toMatch(/is not a socket/)
  chmodSync(file, 0o644)
  expect((await examine('release.reachable', via(`exec://${file}`)))[0]).toMatch(
    /The command .* cannot be run/,
  )
})

test('finds an amavisd that releases without a secret', async () => {
  await using open = await world.addAmavisd({ secretRequired: false })
  expect((await examine('release.secret', via(`tcp://127.0.0.1:${open.amPdpPort}`)))[0]).toMatch(
    /^release\.secret warn: .*\$auth_required_release is off/,
  )
  expect(world.mta.mails).toEqual([])
})

test('finds in the own file of an amavisd where released mail goes astray, and how it stores addresses', async () => {
  const fine = (prefix: string) => examine(prefix, {}, world.amavisd.confFile)
  expect(await fine('release.target')).toEqual([expect.stringMatching(/^release\.target ok/)])
  expect(await fine('amavisd.addresses')).toEqual([expect.stringMatching(/^amavisd\.addresses ok/)])
  await using nowhere = await world.addAmavisd({
    extra: "$notify_method = 'smtp:127.0.0.1:*';",
    allow8BitAddresses: false,
  })
  expect(await examine('release.target', {}, nowhere.confFile)).toEqual([
    expect.stringMatching(/^release\.target warn: \$notify_method .*goes astray.*\$release_method/),
  ])
  expect(await examine('amavisd.addresses', {}, nowhere.confFile)).toEqual([
    expect.stringMatching(/^amavisd\.addresses warn: \$sql_allow_8bit_address is off/),
  ])
  await using back = await world.addAmavisd({
    extra: '$release_method = "smtp:[127.0.0.1]:$inet_socket_port->[0]";',
  })
  expect(await examine('release.target', {}, back.confFile)).toEqual([
    expect.stringMatching(/^release\.target warn: .*held again/),
  ])
})

test('finds a mail server that refuses to start TLS', async () => {
  await using server = await startScriptedServer(socket => {
    socket.write('220 mail.example.com ESMTP\r\n')
    socket.on('data', data => {
      const isHello = /^EHLO/i.test(String(data))
      socket.write(isHello ? '250-mail.example.com\r\n250 STARTTLS\r\n' : '454 4.7.0 TLS not available\r\n')
    })
  })
  const smtp = { url: `smtp://127.0.0.1:${server.port}`, from: 'quarantine@example.com' }
  expect((await examine('smtp.reachable', { smtp }))[0]).toMatch(
    /^smtp\.reachable fail: .*refused to start it.*TLS of the mail server/,
  )
})

test('finds a mail server that is away', async () => {
  const [found] = await examine('smtp.', {
    smtp: { url: 'smtp://127.0.0.1:9', from: 'quarantine@example.com' },
  })
  expect(found).toMatch(/^smtp\.reachable fail: .*ECONNREFUSED.*Start the mail server/)
})

test('finds digests that go through the filter, and those that it held', async () => {
  const [alice] = await hold(world, 'alice@example.com')
  await runJson(world.program)
  const smtp = { url: `smtp://127.0.0.1:${world.amavisd.smtpPort}`, from: 'quarantine@example.com' }
  expect((await examine('smtp.filter', { smtp }))[0]).toMatch(
    /^smtp\.filter warn: smtp\.url leads to amavisd itself/,
  )
  const [digest] = await world.state.query<{ digest_id: string }>('SELECT digest_id FROM digest_digest')
  const messageId = messageIdOf(digest?.digest_id ?? '', 'example.com')
  await inject(
    world.amavisd.smtpPort,
    { from: '', to: ['alice@example.com'] },
    spamMail({ messageId, subject: 'A digest' }),
  )
  await waitForHeld(world.storage, row => row.message_id === messageId)
  expect(await examine('smtp.scanned')).toEqual([
    expect.stringMatching(/^smtp\.scanned fail: amavisd held a digest of ours lately/),
  ])
  expect(alice.message_id).not.toBe(messageId)
})

test('finds an amavisd whose clock is ahead', async () => {
  await hold(world, 'alice@example.com')
  await world.storage.query(`UPDATE msgs SET time_num = time_num + 3600`)
  expect(await examine('clock.amavisd')).toEqual([
    expect.stringMatching(
      /^clock\.amavisd warn: mx\.example\.com has written a time that is (?:59m|1h) in the future/,
    ),
  ])
})
