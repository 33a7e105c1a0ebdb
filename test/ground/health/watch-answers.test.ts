import { expect, test, vi } from 'vitest'
import type { ReleaseAnswer } from '../../../src/ground/amavisd/transport.ts'
import { watchMailer, watchReleaseTransport } from '../../../src/ground/health/watch-answers.ts'
import type { WatchedPart } from '../../../src/ground/health/watched-part.ts'
import type { MailerFault, SendAnswer } from '../../../src/ground/mail/mailer.ts'
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
const DOWN: ReleaseAnswer = { outcome: 'unreachable', reply: 'ECONNREFUSED', asked: false }

test.each<[SendAnswer['outcome'], string[]]>([
  ['accepted', ['answered']],
  ['refused', ['answered']],
  ['deferred', ['answered']],
  ['unreachable', ['notReached: reply']],
  ['withdrawn', []],
])('a mail that is %s updates the state of the SMTP server', async (outcome, expected) => {
  const { part, calls } = spied()
  const mailer = scriptedMailer()
  mailer.answer = () => ({ outcome, reply: 'reply' })
  const watched = watchMailer(mailer, part)
  expect(await watched.send(MAIL)).toEqual({ outcome, reply: 'reply' })
  expect(mailer.attempts).toEqual([MAIL])
  expect(calls).toEqual(expected)
})

test.each<[MailerFault | undefined, string]>([
  [undefined, 'answered'],
  [
    { code: 'SMTP_LOGIN_REFUSED', reply: '535 who are you' },
    'notReached: 535 who are you SMTP_LOGIN_REFUSED',
  ],
])('a probe updates the state of the SMTP server: %j', async (fault, expected) => {
  const { part, calls } = spied()
  const watched = watchMailer({ ...scriptedMailer(), probe: async () => fault }, part)
  expect(await watched.probe()).toEqual(fault)
  expect(calls).toEqual([expected])
})

test.each<[ReleaseAnswer, string[]]>([
  [RELEASED, ['answered']],
  [DEFERRED, ['answered']],
  [REFUSED, ['answered']],
  [{ outcome: 'gone', reply: 'purged' }, ['answered']],
  [DOWN, ['suspected']],
  [UNHEARD, ['suspected']],
])('an answer updates the state of amavisd: %j', async (answer, expected) => {
  const { part, calls } = spied()
  const transport = scriptedTransport()
  transport.answer = () => answer
  const request = releaseRequest()
  expect(await watchReleaseTransport(transport, part).release(request)).toEqual(answer)
  expect(transport.requests).toEqual([request])
  expect(calls).toEqual(expected)
})

test('an amavisd that was not asked keeps its state', async () => {
  const { part, calls } = spied()
  const transport = scriptedTransport()
  const mayAsk = vi.fn(async () => false)
  expect(
    await watchReleaseTransport(transport, part).release(releaseRequest(), undefined, mayAsk),
  ).toMatchObject({
    outcome: 'unreachable',
  })
  expect(mayAsk).toHaveBeenCalledOnce()
  expect(transport.requests).toEqual([])
  expect(calls).toEqual([])
})

function spied(): { readonly part: WatchedPart; readonly calls: string[] } {
  const calls: string[] = []
  const part: WatchedPart = {
    answered: () => void calls.push('answered'),
    notReached: (words, code) => void calls.push(['notReached:', words, code].filter(Boolean).join(' ')),
    suspected: () => void calls.push('suspected'),
    state: async () => ({ part: 'part', code: undefined }),
    fault: async () => undefined,
    watch: async () => {},
  }
  return { part, calls }
}
