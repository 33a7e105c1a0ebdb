import type { Preferences } from '../../../desks/reader/settings/own-preferences.ts'
import { DAY } from '../../../ground/durations.ts'
import { LOCK_FIELDS } from '../../../rules/settings/setting-fields.ts'
import { SAMPLE_MAIL as mail } from '../../../work/digest/show/sample-view.ts'
import type { RequestSeen } from '../../../work/requests/requests-seen.ts'
import type { PageView } from '../pages/page-view.ts'
import type { PreferencesPage } from '../pages/preferences-view.ts'
import type { SenderPart } from '../pages/sender-view.ts'
import { SAMPLE_OFFER as SAMPLE_LESSONS } from './sample-learning.ts'
import { SAMPLE_MESSAGES } from './sample-messages.ts'
import { SAMPLE_OFFER } from './sample-senders.ts'

const NOW = Date.UTC(2026, 2, 11, 6)
const releasableUntil = NOW + 7 * DAY
const recipient = 'alice@example.com'
const itemId = 'sample'
const inside = '/digest/sample/held/0.sample.1'
const releaseUrl = 'https://quarantine.example.com/release/sample'

const list = { count: 41, url: 'https://quarantine.example.com/digest/sample' }

const schedule = {
  name: 'daily',
  filter: { kinds: ['spam' as const], minScore: 5, maxScore: 10 },
  minMessages: 2,
  sendsEmpty: true,
  next: [NOW],
  weekly: { days: [NOW, NOW + DAY], isRange: true, times: [NOW] },
}

const LEARN = { offer: SAMPLE_LESSONS, ref: '0.sample.1', path: '/release/sample/held/0.sample.1' }

export const SAMPLE_PREFERENCES: Preferences = {
  reader: recipient,
  language: 'en',
  isLanguageSet: false,
  timeZone: 'UTC',
  paused: false,
  pausedUntil: undefined,
  isOff: false,
  nextAt: NOW + DAY,
  waiting: {
    total: 3,
    isAtLeast: true,
    kinds: [{ kind: 'spam', count: 3 }],
    expiresAt: releasableUntil,
    onItsWay: 2,
    earlier: 2,
    isEarlierAtLeast: true,
  },
  schedule: { chosen: undefined, kept: [schedule], standard: [schedule], offered: [schedule] },
  languages: { chosen: undefined, standard: 'en', offered: ['en'] },
  timeZones: { chosen: undefined, standard: 'UTC' },
  destination: 'bob@example.net',
  copies: ['deputy@example.com'],
  backTo: recipient,
  phrase: { chosen: 'The blue teapot', held: 'The blue teapot' },
  leaveOutBlocked: { chosen: true, standard: false },
  locked: [],
}

const preferencesPages: readonly PreferencesPage[] = [
  { page: 'preferences', preferences: SAMPLE_PREFERENCES, done: undefined },
  {
    page: 'preferences',
    preferences: SAMPLE_PREFERENCES,
    done: { is: 'asked', to: recipient, wanted: 'bob@example.net' },
  },
  { page: 'preferences', preferences: SAMPLE_PREFERENCES, done: { is: 'addressRefused', typed: 'nobody' } },
  { page: 'preferences', preferences: { ...SAMPLE_PREFERENCES, paused: true }, done: { is: 'paused' } },
  {
    page: 'preferences',
    preferences: { ...SAMPLE_PREFERENCES, isOff: true, locked: LOCK_FIELDS },
    done: undefined,
  },
]

const releasedBy = { reader: 'bob@example.com', at: NOW }

const asked: RequestSeen = {
  state: 'waiting',
  askedByThisReader: true,
  askedAt: NOW,
  expiresAt: releasableUntil,
  decidedAt: undefined,
  note: undefined,
}

const entry = { itemId, mail, group: 'wanted', offer: 'release', releasableUntil, releaseUrl } as const

const senders: SenderPart = { offer: SAMPLE_OFFER, releases: true, deletePath: inside }

/** Pages that together show all that the readers' pages can show, to try their templates with. */
export const SAMPLE_PAGES: readonly PageView[] = [
  { page: 'release', mail, releasesItself: true, releasableUntil, inside, senders },
  { page: 'release', mail, releasesItself: false, releasableUntil },
  { page: 'confirm', mail: { ...mail, kind: 'banned' }, releasableUntil, inside, senders },
  { page: 'ask', mail: { ...mail, kind: 'banned' }, releasableUntil, expired: NOW, inside },
  { page: 'requested', mail, request: asked, mayJoin: false, list, isAnswer: true },
  { page: 'requested', mail, request: { ...asked, askedByThisReader: false }, mayJoin: true },
  { page: 'requested', mail: undefined, request: undefined, mayJoin: false },
  { page: 'refused', mail, at: NOW, note: 'Not this one.', list },
  { page: 'released', mail, recipient, already: false, list, isAnswer: true },
  { page: 'released', mail, recipient, already: false, list, learn: LEARN },
  { page: 'released', mail: undefined, recipient, already: true },
  { page: 'released', mail, recipient, already: true, releasedBy },
  { page: 'released', mail, recipient, already: false, senders: { ...senders, said: { is: 'allowed' } } },
  { page: 'queued', mail, recipient, list, senders },
  { page: 'queued', mail: undefined, recipient },
  { page: 'release-failed', mail, code: 'RELEASE_UNCERTAIN', mayRetry: true, list },
  { page: 'release-failed', mail: undefined, code: 'MESSAGE_GONE', mayRetry: false },
  {
    page: 'digest',
    reader: recipient,
    createdAt: NOW,
    total: 300,
    all: 400,
    totals: { wanted: 100, dangerous: 100, spam: 100 },
    find: 'garden',
    number: 2,
    pages: 3,
    showsScore: true,
    notice: 'nothing-ticked',
    undo: '/digest/sample/held/0.sample.1',
    place: 'page=2&find=garden',
    pagePaths: { previous: '/digest/sample', next: '/digest/sample/3', all: '/digest/sample' },
    entries: [
      { itemId, mail, group: 'wanted', offer: 'release', releasableUntil, releaseUrl, inside },
      {
        itemId,
        mail: { ...mail, recipient: 'sales@example.com' },
        group: 'dangerous',
        offer: 'confirm',
        releasableUntil,
        releaseUrl,
      },
      {
        itemId,
        mail: { ...mail, state: 'released' },
        group: 'spam',
        offer: 'none',
        releasableUntil,
        releaseUrl,
        releasedBy,
      },
      { itemId, mail: undefined, group: undefined, offer: 'none', releasableUntil, releaseUrl },
    ],
  },
  {
    page: 'digest-released',
    backPath: '/digest/sample/2',
    results: [
      { entry, status: 'released', code: null },
      { entry, status: 'already-released', code: null, releasedBy },
      { entry, status: 'queued', code: 'AMAVISD_DEFERRED' },
      { entry, status: 'left-out', code: 'CONFIRMATION_REQUIRED' },
      { entry, status: 'failed', code: 'RELEASE_UNCERTAIN' },
      { entry: undefined, status: 'failed', code: 'MESSAGE_GONE' },
    ],
  },
  ...SAMPLE_MESSAGES,
  ...preferencesPages,
  ...(['open', 'done', 'over'] as const).map(status => ({
    page: 'destination' as const,
    reader: recipient,
    deliverTo: 'bob@example.net',
    language: 'en',
    timeZone: 'UTC',
    status,
  })),
  { page: 'canary' },
  { page: 'fresh', again: undefined },
  { page: 'fresh', again: NOW },
  { page: 'error', code: 'LINK_EXPIRED', fresh: '/fresh/release/sample' },
  { page: 'error', code: 'LINK_EXPIRED', link: 'preferences' },
  { page: 'error', code: 'INTERNAL' },
]
