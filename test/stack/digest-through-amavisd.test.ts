import { afterAll, beforeAll, expect, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import type { SunkMail } from '../servers/smtp-sink.ts'
import { RECEIVED, SPAM_SUBJECTS, spamAssassin } from '../servers/spam-assassin.ts'
import { digestFor } from './digest-mail.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World
/** The digest after it passed through the same amavisd. */
let arrived: SunkMail

beforeAll(async () => {
  world = await startWorld({ amavisd: { stockRules: true } })
  for (const subject of SPAM_SUBJECTS) await hold(world, 'alice@example.com', { subject })
  const scanned = await world.configure({
    smtp: {
      url: `smtp://127.0.0.1:${world.amavisd.smtpPort}`,
      from: 'Mail quarantine <quarantine@example.com>',
    },
  })
  expect(await runJson(scanned)).toEqual({ digests: 1, items: SPAM_SUBJECTS.length, sent: 1, failed: 0 })
  arrived = await world.mta.waitFor(mail => mail.to.includes('alice@example.com'))
})
afterAll(() => world?.[Symbol.asyncDispose]())

test('a digest that lists all kinds of spam passes the amavisd that held the spam', async () => {
  expect(digestFor([arrived], 'alice@example.com').subjects.length).toBeGreaterThan(10)
  expect(await heldRows(world.storage)).toHaveLength(SPAM_SUBJECTS.length)
  // amavisd adds its verdict to mail that scores two points or more.
  expect(arrived.raw.toString('latin1')).not.toMatch(/^X-Spam-/m)
})

test('it scores below 2.0 with a stock SpamAssassin', async () => {
  const report = await spamAssassin(RECEIVED + arrived.raw.toString('latin1'))
  expect(Number(/\((-?[\d.]+) points/.exec(report)?.[1]), report).toBeLessThan(2)
})
