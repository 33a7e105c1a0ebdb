import { pino } from 'pino'
import { SIGN_IN_LIMITS } from '../../src/composition/sign-ins-of.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { endSession, endSessionsOf, personOfSession } from '../../src/ground/sign-in/sessions.ts'
import { askForLink, endLinksOf, openLink } from '../../src/ground/sign-in/sign-in.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { recordingRefusals } from '../embedded/recording-refusals.ts'

const READER = { kind: 'reader', address: 'reader7@example.com', mailTo: 'reader7@example.com' } as const

/** Queries of the sign-in tables, grouped by how their rows are found. */
export function signInsOn(state: Database<StateTables>, now: number) {
  const deps = {
    state,
    clock: () => now,
    people: { kind: 'reader', find: () => READER, still: () => READER, vouchedFor: () => READER } as const,
    limits: { ...SIGN_IN_LIMITS, unusedLinks: { ofBrowser: 3, beforeStrangers: 0, ofAll: 10 } },
    refusals: recordingRefusals(),
    log: pino({ level: 'silent' }),
    mailLink: async () => undefined,
  }
  const request = { address: READER.address, browser: 'b', remoteAddress: '192.0.2.1', languages: [] }
  return {
    byHash: [
      () => personOfSession(deps, 'some'),
      () => endSession(deps, 'some'),
      () => openLink(deps, 'some', 'b').catch(() => undefined),
    ],
    byAddress: [
      () => endSessionsOf(deps, READER),
      () => endLinksOf(deps, READER),
      // Strangers get no links here, so this checks whether the browser is known, and reads the audit.
      () => askForLink(deps, request),
    ] as const,
  }
}
