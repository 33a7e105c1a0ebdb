import type { DirectoryReader } from '../../../ground/directory/directory.ts'
import type { DirectoryCheck } from './check-directory.ts'
import type { ExplainedAddress } from './explain-address.ts'

/** Who reads the mail of an address, as commands and the API show it. */
export const explainedJson = ({ address, readers, by, outdated }: ExplainedAddress) => ({
  address,
  /** Those who get digests. */
  readers: readers.filter(({ isOff }) => !isOff).map(reader => reader.address),
  off: readers.filter(({ isOff }) => isOff).map(reader => reader.address),
  by: by.map(({ is, from, to, row }) => ({ is, from, to, row })),
  people: readers.map(personJson),
  outdated: outdated
    ? {
        askedAt: outdated.askedAt === undefined ? null : new Date(outdated.askedAt).toISOString(),
        reason: outdated.reason,
      }
    : null,
})

const personJson = ({ address, isOff, language, timeZone, name, client }: DirectoryReader) => ({
  address,
  on: !isOff,
  language: language ?? null,
  timezone: timeZone ?? null,
  name: name ?? null,
  client: client ?? null,
})

/** What `directory check --json` prints. */
export const checkJson = ({ kind, answer, unread, idleSettings }: DirectoryCheck) => ({
  kind,
  ok: answer.ok,
  /** Milliseconds. */
  took: answer.took,
  problem: answer.ok ? null : { code: answer.code, message: answer.message },
  unread,
  idleSettings,
})
