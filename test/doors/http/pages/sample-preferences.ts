import type { Preferences } from '../../../../src/desks/reader/settings/own-preferences.ts'
import { DAY } from '../../../../src/ground/durations.ts'

const AT = Date.UTC(2026, 2, 11, 6)

/** Alice's settings, with a value for everything that the page can show. */
export const PREFERENCES: Preferences = {
  reader: 'alice@example.com',
  language: 'en',
  isLanguageSet: false,
  timeZone: 'UTC',
  paused: false,
  pausedUntil: undefined,
  isOff: false,
  nextAt: AT,
  waiting: {
    total: 3,
    isAtLeast: false,
    kinds: [
      { kind: 'spam', count: 2 },
      { kind: 'banned', count: 1 },
    ],
    expiresAt: AT + 20 * DAY,
    onItsWay: 2,
    earlier: 2,
    isEarlierAtLeast: false,
  },
  schedule: {
    chosen: undefined,
    kept: undefined,
    standard: [
      {
        name: 'daily',
        filter: undefined,
        minMessages: 1,
        sendsEmpty: false,
        next: [AT],
        weekly: {
          days: Array.from({ length: 7 }, (_, index) => AT + index * DAY),
          isRange: true,
          times: [AT],
        },
      },
    ],
    offered: [
      {
        name: 'office-hours',
        filter: { kinds: ['spam', 'banned'], minScore: 5, maxScore: 10 },
        minMessages: 2,
        sendsEmpty: true,
        next: [AT, AT + DAY],
        weekly: undefined,
      },
    ],
  },
  languages: { chosen: undefined, standard: 'en', offered: ['en'] },
  timeZones: { chosen: undefined, standard: 'UTC' },
  destination: 'alice@example.com',
  copies: [],
  backTo: undefined,
  phrase: { chosen: '', held: '' },
  leaveOutBlocked: { chosen: undefined, standard: false },
  locked: ['deliverTo'],
}
