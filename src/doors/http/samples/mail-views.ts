import type { Reader } from '../../../rules/reach/readers.ts'
import { looksModel } from '../mail/looks.ts'
import type { MailView } from '../mail/mail-pages.ts'
import { type ShownLists, sendersModel } from '../mail/senders-model.ts'
import { preferencesModel } from '../pages/page-preferences.ts'
import { problemOf } from '../pages/page-problems.ts'
import { SAMPLE_PAGES } from './page-views.ts'
import { SAMPLE_LOOKS } from './sample-help-desk.ts'
import { SAMPLE_LISTS } from './sample-senders.ts'

/** What the form to sign in shows: all that it may offer, and the least. */
export const SAMPLE_SIGN_INS: readonly object[] = [
  {
    again: '/mail',
    fault: 'A sentence.',
    name: 'alice@example.com',
    link: true,
    password: true,
    takesAddress: true,
    provider: { url: '/sign-in/oidc', label: 'Sign in with Example' },
  },
  {
    again: undefined,
    fault: undefined,
    name: '',
    link: true,
    password: false,
    takesAddress: true,
    provider: undefined,
  },
  {
    again: undefined,
    fault: undefined,
    name: '',
    link: false,
    password: false,
    takesAddress: false,
    provider: undefined,
  },
]

export const SAMPLE_READER: Reader = {
  kind: 'reader',
  address: 'alice@example.com',
  mailTo: 'alice@example.com',
}

const LISTS: ShownLists = {
  path: '/mail/senders',
  owner: 'alice@example.com',
  owners: ['alice@example.com', 'sales@example.com'],
  lists: SAMPLE_LISTS,
  page: 1,
}

/** The page of a reader's lists with everything that it may show. */
const SAMPLE_LISTS_SHOWN: readonly ShownLists[] = [
  { ...LISTS, asked: { sender: 'bob@shop.example', list: 'allow', effect: { count: 3, isAtLeast: true } } },
  { ...LISTS, said: { is: 'removed', sender: 'sam@shop.example', was: 'block' } },
  {
    ...LISTS,
    owners: [],
    lists: {
      entries: Array.from({ length: 70 }, () => SAMPLE_LISTS.entries)
        .flat()
        .slice(0, 201),
      standing: 'follows',
    },
    page: 2,
    said: { is: 'failed', act: 'allow', code: 'SENDER_INVALID' },
  },
  { ...LISTS, lists: undefined },
]

/** The pages of the readers' frame, to try their templates with. */
export const SAMPLE_MAIL_VIEWS: readonly MailView[] = [
  ...SAMPLE_SIGN_INS.map(model => ({ page: 'reader/sign-in', model: () => model, formToken: 'sample' })),
  { page: 'reader/sign-in-sent' },
  { page: 'reader/sign-in-link', formToken: 'sample' },
  {
    page: 'reader/error',
    model: ({ words, url }) => ({
      code: 'INTERNAL',
      problem: problemOf('INTERNAL', words),
      goOnUrl: url('/mail'),
      goOn: words.say('reader.nav.held'),
    }),
  },
  ...SAMPLE_LISTS_SHOWN.map(shown => ({
    page: 'reader/senders',
    section: 'senders' as const,
    model: (writer: Parameters<NonNullable<MailView['model']>>[0]) => sendersModel(shown, writer),
  })),
  { page: 'reader/looks', model: writer => looksModel(SAMPLE_LOOKS, '2.sample', writer) },
  ...SAMPLE_PAGES.flatMap(view =>
    view.page === 'preferences'
      ? [
          {
            page: 'preferences',
            section: 'settings' as const,
            model: ({ words, place }: Parameters<NonNullable<MailView['model']>>[0]) =>
              preferencesModel(view, words, place),
          },
        ]
      : [],
  ),
]
