import { DatabaseSync } from 'node:sqlite'

/** The quarantine as amavisd reads it for a release. */
export interface Quarantine extends Disposable {
  /** The partition tags of the messages with this id. */
  partitionTags(mailId: string): number[]
  /** The stored text; undefined when there is none. */
  read(mailId: string, partitionTag: number): Buffer | undefined
}

/** @param file SQLite database; it is opened for reading only */
export function openQuarantine(file: string): Quarantine {
  const database = new DatabaseSync(file, { readOnly: true })
  const tags = database.prepare('SELECT partition_tag FROM msgs WHERE mail_id = ?')
  const chunks = database.prepare(
    'SELECT mail_text FROM quarantine WHERE partition_tag = ? AND mail_id = ? ORDER BY chunk_ind',
  )
  return {
    partitionTags: mailId => tags.all(mailId).map(row => Number(row.partition_tag)),
    read(mailId, partitionTag) {
      const rows = chunks.all(partitionTag, mailId)
      if (rows.length === 0) return undefined
      return Buffer.concat(rows.map(row => octetsOf(row.mail_text)))
    },
    [Symbol.dispose]: () => database.close(),
  }
}

const octetsOf = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(String(value))
