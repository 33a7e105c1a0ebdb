import { expect, test } from 'vitest'
import { type MailLinkDeps, mailLink } from '../../../src/ground/sign-in/mail-link.ts'
import { NOW } from '../../embedded/clock.ts'
import { LOCALES } from '../../embedded/program.ts'

test('a sign-in mail has the given path and sentences', async () => {
  const letters: unknown[] = []
  const deps: MailLinkDeps = {
    mailer: () => ({ send: async () => ({ outcome: 'accepted', reply: '250 Ok' }) }),
    plainMail: () => (_words, letter) => {
      letters.push(letter)
      return {} as ReturnType<ReturnType<MailLinkDeps['plainMail']>>
    },
    locales: LOCALES,
    publicUrl: 'https://quarantine.example.com/held',
    path: '/own/way',
    words: {
      subject: 'admin.nav.overview',
      what: 'admin.nav.schedules',
      browser: 'admin.nav.readers',
      button: 'admin.nav.digests',
      asked: 'admin.nav.releases',
      notYou: 'admin.nav.clicks',
    },
    timeZone: 'UTC',
  }
  const person = { kind: 'reader', address: 'alice@example.com', mailTo: 'Alice@example.com' } as const
  const request = { token: 'TOKEN', at: NOW, remoteAddress: '192.0.2.1', languages: ['en'] }
  expect(await mailLink(deps, { ...request, person })).toBeUndefined()
  expect(letters).toEqual([
    {
      to: 'Alice@example.com',
      subject: 'Overview',
      paragraphs: ['Schedules', 'Readers'],
      link: { url: 'https://quarantine.example.com/held/own/way/TOKEN', label: 'Digests' },
      afterwards: ['Releases', 'Link clicks'],
    },
  ])
})
