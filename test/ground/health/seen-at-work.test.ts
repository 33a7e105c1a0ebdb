import { expect, test, vi } from 'vitest'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import { amavisdSeenAtWork, smtpSeenAtWork } from '../../../src/ground/health/seen-at-work.ts'
import type { Watched } from '../../../src/ground/health/watched.ts'
import type { SendAnswer } from '../../../src/ground/mail/mailer.ts'
import { scriptedMailer } from '../../embedded/scripted-mailer.ts'
import { DEFERRED, REFUSED, RELEASED, scriptedTransport, UNHEARD } from '../../embedded/scripted-transport.ts'
import { releaseRequest } from '../amavisd/release-request.ts'

const MAIL = {
  to: 'alice@example.com',
  subject: '',
  html: '',
  text: '',
  messageId: '<1@example.com>',
  date: 0,
  language: 'en',
  preferencesUrl: 'https://quarantine.example.com/preferences/x',
}
const AWAY: ReleaseAnswer = { outcome: 'unreachable', reply: 'ECONNREFUSED', asked: false }

test.each<[SendAnswer['outcome'], string[]]>([
  ['accepted', ['seen']],
  ['refused', ['seen']],
  ['deferred', ['seen']],
  ['unreachable', ['missed: words']],
])('an SMTP server that has %s a mail', async (outcome, told) => {
  const { part, calls } = spied()
  const mailer = scriptedMailer()
  mailer.answer = () => ({ outcome, reply: 'words' })
  const watched = smtpSeenAtWork(mailer, part)
  expect(await watched.send(MAIL)).toEqual({ outcome, reply: 'words' })
  expect(mailer.attempts).toEqual([MAIL])
  expect(calls).toEqual(told)
})

test.each([
  [undefined, 'seen'],
  ['535 who are you', 'missed: 535 who are you'],
])('whoever probes the SMTP server has seen it: %s', async (fault, told) => {
  const { part, calls } = spied()
  const watched = smtpSeenAtWork({ ...scriptedMailer(), probe: async () => fault }, part)
  expect(await watched.probe()).toBe(fault)
  expect(calls).toEqual([told])
})

test.each<[ReleaseAnswer, string[]]>([
  [RELEASED, ['seen']],
  [DEFERRED, ['seen']],
  [REFUSED, ['seen']],
  [{ outcome: 'gone', reply: 'purged' }, ['seen']],
  [AWAY, ['doubted']],
  [UNHEARD, ['doubted']],
])('amavisd answers %j', async (answer, told) => {
  const { part, calls } = spied()
  const transport = scriptedTransport()
  transport.answer = () => answer
  const request = releaseRequest()
  expect(await amavisdSeenAtWork(transport, part).release(request)).toEqual(answer)
  expect(transport.requests).toEqual([request])
  expect(calls).toEqual(told)
})

test('an amavisd that was not asked has shown nothing', async () => {
  const { part, calls } = spied()
  const transport = scriptedTransport()
  const turn = vi.fn(async () => false)
  expect(await amavisdSeenAtWork(transport, part).release(releaseRequest(), undefined, turn)).toMatchObject({
    outcome: 'unreachable',
  })
  expect(turn).toHaveBeenCalledOnce()
  expect(transport.requests).toEqual([])
  expect(calls).toEqual([])
})

function spied(): { readonly part: Watched; readonly calls: string[] } {
  const calls: string[] = []
  const part: Watched = {
    seen: () => void calls.push('seen'),
    missed: words => void calls.push(`missed: ${words}`),
    doubted: () => void calls.push('doubted'),
    state: async () => ({ part: 'part', code: undefined }),
    watch: async () => {},
  }
  return { part, calls }
}
