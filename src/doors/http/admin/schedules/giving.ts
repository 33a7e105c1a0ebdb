import type { Desk } from '../../../../desks/admin/desk.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Editor, Reach } from '../../../../rules/reach/reach.ts'

/** Whom a schedule is to be given, with what their settings name when the form is read. */
export interface Receiver {
  readonly scope: string
  /** 0: nothing is set. */
  readonly version: number
  readonly schedules: readonly string[]
}

type GivingDesk = Desk

export async function receiversOf(
  desk: GivingDesk,
  reach: Reach,
  scopes: readonly string[],
): Promise<Receiver[]> {
  const receivers: Receiver[] = []
  for (const scope of scopes) {
    const own = await desk.settings.find(reach, scope)
    receivers.push({ scope, version: own?.version ?? 0, schedules: own?.schedules ?? [] })
  }
  return receivers
}

/** Those who would lose other schedules of their own. */
export const losersOf = (receivers: readonly Receiver[], name: string): Receiver[] =>
  receivers.filter(({ schedules }) => schedules.some(one => one !== name))

/** What a form brings back to say that its sender was shown these settings, as they are. */
export const seenMark = ({ scope, version }: Receiver): string => `${version} ${scope}`

/** @throws CodedError EDIT_CONFLICT when somebody else has set something for a receiver since */
export async function giveToAll(
  desk: GivingDesk,
  by: Editor,
  name: string,
  receivers: readonly Receiver[],
): Promise<void> {
  for (const { scope, version } of receivers) {
    try {
      await desk.settings.giveSchedule(by, name, scope, version)
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'EDIT_CONFLICT') throw error
      // The same form, sent by a double click, has done it.
      const now = await desk.settings.find(by.reach, scope)
      if (now?.schedules?.join() !== name) throw error
    }
  }
}
