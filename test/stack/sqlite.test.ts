import { statSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { spamMail } from '../servers/samples.ts'
import { type DigestMail, digestMail } from './digest-mail.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'

let world: ServedWorld

beforeAll(async () => {
  const settings = { collect: { every: '1s' } }
  world = await startServedWorld({ database: 'sqlite', settings })
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** SQLite allows one writer at a time. Here two children of amavisd, `serve` and `run` write. */
test('amavisd, runs and clicks share one file without lock errors; each mail is listed and released once', async () => {
  let streams = 2
  const stream = async (name: string) => {
    for (const number of Array(MAILS).keys()) {
      const mail = spamMail({ subject: `${name} ${number}` })
      const reply = await inject(world.amavisd.smtpPort, ENVELOPE, mail)
      expect(reply).toMatch(/^250 /)
    }
    streams -= 1
  }
  const released: string[] = []
  const work = async () => {
    for (let last = false; !last; ) {
      last = streams === 0
      await world.run()
      const digests = world.digests.mails.map(digestMail)
      world.digests.clear()
      for (const digest of digests) released.push(...(await releaseAll(digest)))
    }
  }
  await Promise.all([stream('One'), stream('Two'), work()])

  const held = await heldRows(world.storage)
  expect(held.map(row => row.rs)).toEqual(Array(2 * MAILS).fill('R'))
  expect(released.sort()).toEqual(held.map(row => row.subject).sort())
  expect(world.mta.mails.map(mail => mail.parsed.subject).sort()).toEqual(released)
  const logs = `${world.service.log()}\n${world.amavisd.log()}`.split('\n')
  expect(logs.filter(line => /is locked|stayed locked|BUSY/.test(line))).toEqual([])
})

test('the files that SQLite keeps beside the database belong to its owner, even if root opens it', () => {
  const file = world.storage.url.replace('sqlite://', '')
  const { uid, gid } = statSync(file)
  for (const beside of ['-wal', '-shm']) expect(statSync(file + beside)).toMatchObject({ uid, gid })
})

/** How many mails each stream sends. */
const MAILS = 30

const ENVELOPE = { from: 'sam@sender.example.net', to: ['alice@example.com'] }

async function releaseAll({ subjects, release }: DigestMail): Promise<readonly string[]> {
  for (const subject of subjects) {
    expect(await world.post(release(subject))).toMatchObject({ json: { status: 'released' } })
  }
  return subjects
}
