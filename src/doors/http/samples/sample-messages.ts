import { DAY } from '../../../ground/durations.ts'
import { asReader } from '../../../rules/reach/visitor.ts'
import { SAMPLE_MAIL as mail } from '../../../work/digest/show/sample-view.ts'
import type { ListedRequest } from '../../../work/quarantine/held-list.ts'
import type { OpenedContent, OpenedHeld } from '../../../work/reading/opened-held.ts'
import type { PageView } from '../pages/page-view.ts'
import { messageModel } from '../quarantine/message-model.ts'
import type { ShownMessage } from '../quarantine/shown-message.ts'
import { SAMPLE_HELD, SAMPLE_POLICIES } from './sample-held.ts'
import { SAMPLE_OFFER as SAMPLE_LESSONS } from './sample-learning.ts'
import { SAMPLE_OFFER } from './sample-senders.ts'

const held = SAMPLE_HELD

const content: OpenedContent = {
  is: 'shown',
  text: 'Hello,\n\nyour order is on its way.',
  isTextCut: true,
  hasHtml: true,
  attachments: [
    {
      index: 0,
      name: 'invoice.pdf',
      type: 'application/pdf',
      sniffedType: 'application/zip',
      size: 48_213,
      sha256: '0'.repeat(64),
    },
  ],
}

/** A message on which everything that its page can show is there once. */
export const SAMPLE_OPENED: OpenedHeld = {
  recipients: [held],
  headerFrom: '',
  replyTo: 'other@elsewhere.example',
  rules: [{ name: 'BAYES_99', points: 3.5 }],
  alerts: ['BANNED, message contains .exe,invoice.exe'],
  warnings: [
    { about: 'lookAlike', domain: 'examp1e.com', like: 'example.com' },
    { about: 'addressInName', address: 'boss@example.com' },
    { about: 'ownDomain', domain: 'example.com' },
    { about: 'replyElsewhere', address: 'other@elsewhere.example' },
  ],
  authentication: [{ method: 'spf', result: 'fail' }],
  content,
}

const shown: ShownMessage = {
  opened: SAMPLE_OPENED,
  viewer: {
    as: 'reader',
    visitor: asReader(mail.recipient),
    actor: { kind: 'reader', name: mail.recipient, remoteAddress: null },
  },
  ref: held.ref,
  states: new Map(),
  lessons: new Map([['0.sample.3', SAMPLE_LESSONS]]),
  policies: SAMPLE_POLICIES,
  root: '/mail',
  back: '/mail',
  own: `/mail/${held.ref}`,
  place: '',
  framesHtml: false,
  seesHeaders: true,
  waits: false,
  notice: undefined,
  senders: {
    offer: SAMPLE_OFFER,
    releases: true,
    lists: { path: '/mail/senders', label: 'senders.toLists' },
  },
}

const several: OpenedHeld = {
  ...SAMPLE_OPENED,
  recipients: [
    held,
    { ...held, ref: '0.sample.2', state: 'deleted' },
    { ...held, ref: '0.sample.3', state: 'released', releasedBy: { reader: undefined, at: mail.receivedAt } },
    { ...held, ref: '0.sample.4' },
  ],
  content: { is: 'not-shown', why: 'too-large' },
}

const ASKED: ListedRequest = {
  id: 'sample',
  state: 'waiting',
  askedByThisReader: true,
  askedAt: mail.receivedAt,
  expiresAt: mail.receivedAt + DAY,
  decidedAt: undefined,
  note: 'Not this one.',
  readers: [],
}

const ADMIN = {
  as: 'admin',
  actor: { kind: 'admin', name: 'postmaster@example.com', remoteAddress: null },
  reach: undefined,
  may: ['read', 'release', 'download', 'virus'],
} as const

/** Pages of messages that together show all that such a page can show. */
export const SAMPLE_MESSAGES: readonly PageView[] = [
  shown,
  { ...shown, framesHtml: true, notice: { is: 'deleted' as const } },
  { ...shown, notice: { is: 'failed' as const, code: 'CONFIRMATION_REQUIRED' as const, of: held.ref } },
  {
    ...shown,
    senders: { offer: SAMPLE_OFFER, said: { is: 'blocked' as const }, releases: true, deletePath: '/mail' },
  },
  {
    ...shown,
    senders: {
      offer: { ...SAMPLE_OFFER, present: undefined, presentDomain: undefined },
      said: { is: 'failed' as const, act: 'allow' as const, code: 'SENDERS_UNREACHABLE' as const },
      releases: true,
    },
  },
  { ...shown, waits: true, states: new Map([[held.ref, { is: 'queued' as const, reply: undefined }]]) },
  {
    ...shown,
    opened: {
      ...SAMPLE_OPENED,
      recipients: [{ ...held, request: { ...ASKED, state: 'refused' as const, decidedAt: mail.receivedAt } }],
    },
  },
  {
    ...shown,
    opened: {
      ...SAMPLE_OPENED,
      recipients: [
        { ...held, state: 'requested' as const, request: { ...ASKED, readers: [mail.recipient] } },
      ],
    },
    viewer: ADMIN,
  },
  {
    ...shown,
    opened: several,
    viewer: ADMIN,
    states: new Map([
      [held.ref, { is: 'uncertain' as const, reply: '451 4.3.0 Try later' }],
      ['0.sample.4', { is: 'failed' as const, reply: '550 5.1.1 No such user' }],
    ]),
    notice: { is: 'failed' as const, code: 'AMAVISD_REFUSED' as const, of: held.ref },
  },
].map(message => ({ page: 'message', model: writer => messageModel(message, writer), basePath: '' }))
