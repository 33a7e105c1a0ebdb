import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createAmPdpReporter } from '../../src/ground/amavisd/am-pdp/am-pdp-reporter.ts'
import { createAmPdpTransport } from '../../src/ground/amavisd/am-pdp/am-pdp-transport.ts'
import { createAmavisdReleaseTransport } from '../../src/ground/amavisd/amavisd-release/amavisd-release-transport.ts'
import { type ReleaseWorld, releaseTransportContract } from '../contracts/release-transport.ts'
import { releaseRequest } from '../ground/amavisd/release-request.ts'
import { startAmavisd } from '../servers/amavisd.ts'
import type { AmavisdOptions } from '../servers/amavisd-conf.ts'
import { amavisdReleaseFor } from '../servers/amavisd-release.ts'
import { waitForHeld } from '../servers/held.ts'
import { inject as injectMail } from '../servers/inject.ts'
import { freePort } from '../servers/ports.ts'
import { spamMail } from '../servers/samples.ts'
import { startScriptedServer } from '../servers/scripted-server.ts'
import { startSmtpSink } from '../servers/smtp-sink.ts'
import { createStorage } from '../servers/storage.ts'

const stack = new AsyncDisposableStack()
const dir = mkdtempSync(join(tmpdir(), 'release-transports-'))
stack.defer(() => rmSync(dir, { recursive: true, force: true }))
let world: ReleaseWorld

beforeAll(async () => {
  const sink = stack.use(await startSmtpSink())
  const start = async (options: AmavisdOptions) => {
    const storage = stack.use(await createStorage(inject('mariaDb')))
    const amavisd = stack.use(await startAmavisd({ storage, sink }, options))
    return { amavisd, storage }
  }
  const silentPath = join(dir, 'silent.sock')
  const silentPort = stack.use(await startScriptedServer(socket => socket.resume())).port
  stack.use(await startScriptedServer(socket => socket.resume(), silentPath))
  world = {
    sink,
    sql: await start({ partitionTag: '7' }),
    file: await start({ quarantine: 'file' }),
    gzip: await start({ quarantine: 'gzip' }),
    nobody: { amPdpPort: await freePort(), socketPath: join(dir, 'nobody.sock') },
    silent: { amPdpPort: silentPort, socketPath: silentPath },
  }
})
afterAll(() => stack.disposeAsync())

releaseTransportContract(
  {
    name: 'AM.PDP over TCP',
    resentFrom: '<reader@example.org>',
    make: ({ amPdpPort: port }, timeout) =>
      createAmPdpTransport({ via: { host: '127.0.0.1', port }, timeout, connections: 2 }),
  },
  () => world,
)

releaseTransportContract(
  {
    name: 'AM.PDP over a Unix socket',
    resentFrom: '<reader@example.org>',
    make: ({ socketPath: path }, timeout) => createAmPdpTransport({ via: { path }, timeout, connections: 2 }),
  },
  () => world,
)

releaseTransportContract(
  {
    name: 'the amavisd-release command',
    resentFrom: '"Content-filter at mx.example.com" <postmaster@mx.example.com>',
    make: ({ socketPath }, timeout) =>
      createAmavisdReleaseTransport({
        command: amavisdReleaseFor(socketPath, dir),
        timeout,
        connections: 2,
        clock: () => performance.now(),
      }),
  },
  () => world,
)

test('a report goes to the address that learns, and to no recipient, with the message in it', async () => {
  const { amavisd, storage } = world.sql
  const { sink } = world
  sink.clear()
  const to = ['alice@example.com', 'bob@example.com']
  const envelope = { from: 'sam@sender.example.net', to }
  await injectMail(amavisd.smtpPort, envelope, spamMail({ subject: 'To be reported' }))
  const [held] = await waitForHeld(storage, row => row.subject === 'To be reported')
  const reporter = createAmPdpReporter({ host: '127.0.0.1', port: amavisd.amPdpPort }, 20_000)
  const request = releaseRequest({
    mailId: held.mail_id,
    secretId: held.secret_id,
    partitionTag: held.partition_tag,
    recipient: 'not-spam@learn.example',
  })
  expect(await reporter.report(request)).toMatchObject({ outcome: 'released' })
  expect(sink.mails.map(mail => mail.to)).toEqual([['not-spam@learn.example']])
  const raw = sink.mails[0]?.raw.toString() ?? ''
  expect(raw).toMatch(
    /Feedback-Type: abuse[\s\S]*Content-Type: message\/rfc822[\s\S]*Subject: To be reported/,
  )
  expect(await reporter.report({ ...request, secretId: 'wrong-secret' })).toMatchObject({
    outcome: 'refused',
  })
})
