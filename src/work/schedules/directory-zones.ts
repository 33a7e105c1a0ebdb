import type { Database } from '../../ground/database/database.ts'
import type { Answer, Directory } from '../../ground/directory/directory.ts'
import { timeZoneName } from '../../ground/i18n/time-zone-name.ts'
import { valuesUnder } from '../../ground/state/named-values.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { ZoneInUse } from '../../rules/schedule/missed-runs.ts'

/**
 * Remembers each time zone that the directory names for a reader, as a named value with the time at which it was first
 * seen. So a schedule that follows each reader's own time zone is due there, too. Every reader with mail has been asked
 * about when the mail was collected, before any run. A zone costs one statement in the life of a process, and there are
 * about 600. None is forgotten: where nobody is in a zone any more, its run finds no reader.
 *
 * Not to be asked in a transaction, because it writes.
 */
export function notingZones(
  directory: Directory,
  { state, clock }: { readonly state: Database<StateTables>; readonly clock: () => number },
): Directory {
  const noted = new Set<string>()
  return {
    async find(addresses) {
      const answers = await directory.find(addresses)
      const fresh = [...zonesIn(answers)].filter(zone => !noted.has(zone))
      if (fresh.length > 0) await note(state, fresh, clock())
      for (const zone of fresh) noted.add(zone)
      return answers
    },
  }
}

/** The time zones that the directory has named for readers. */
export async function directoryZones(state: Pick<Database<StateTables>, 'sql'>): Promise<ZoneInUse[]> {
  const rows = await valuesUnder(state, PREFIX).select(['name', 'value']).execute()
  return rows.map(({ name, value }) => ({ timeZone: name.slice(PREFIX.length), since: Number(value) }))
}

function zonesIn(answers: ReadonlyMap<string, Answer>): Set<string> {
  const named = new Set<string>()
  for (const { readers } of answers.values())
    for (const { timeZone } of readers) if (timeZone !== undefined) named.add(timeZone)
  return new Set([...named].flatMap(text => timeZoneName(text) ?? []))
}

async function note({ sql, dialect }: Database<StateTables>, zones: readonly string[], now: number) {
  const values = zones.map(zone => ({ name: `${PREFIX}${zone}`, value: now }))
  await dialect.insertNew(sql.insertInto('digest_watermark').values(values), ['name']).execute()
}

const PREFIX = 'zone/'
