import type { Kysely } from 'kysely'
import { findHeldMail, type HeldMail, heldMailKeyOf } from '../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import { gatherReads } from '../../ground/concurrency/gather-reads.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { effectiveSettings, type ReaderSettings } from '../../rules/settings/reader-settings.ts'
import { type MachineQuestion, readByMachines } from '../../work/clicks/machine-readers.ts'
import type { Item } from '../../work/collect/items.ts'
import { findReleases, type ReleaseRow } from '../../work/release/claims.ts'
import { settingsOf } from '../../work/settings/read-settings.ts'
import type { Standards } from '../../work/settings/standards.ts'

/** What the page of a message is made from. Pages that are asked for together are read together. */
export interface MessageReads {
  mail(item: Item): Promise<HeldMail | undefined>
  release(heldId: string): Promise<ReleaseRow | undefined>
  settings(reader: string): Promise<ReaderSettings>
  isReadByMachine(question: MachineQuestion): Promise<boolean>
}

export function messageReads({ storage, state, standard }: MessageReadsDeps): MessageReads {
  return {
    mail: gatherReads(TOGETHER, async (items: readonly Item[]) => {
      const mails = await findHeldMail(storage, items)
      return item => mails.get(heldMailKeyOf(item))
    }),
    release: gatherReads(TOGETHER, async (heldIds: readonly string[]) => {
      const releases = await findReleases(state, [...new Set(heldIds)])
      return heldId => releases.get(heldId)
    }),
    settings: gatherReads(TOGETHER, async (readers: readonly string[]) => {
      const settings = await settingsOf(state, [...new Set(readers)], standard)
      return reader => settings.get(reader) ?? effectiveSettings([], new Map(), standard)
    }),
    isReadByMachine: gatherReads(TOGETHER, (questions: readonly MachineQuestion[]) =>
      readByMachines(state, questions),
    ),
  }
}

export interface MessageReadsDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly standard: Standards
}

/** Statements with more values are divided anyway. */
const TOGETHER = 200
