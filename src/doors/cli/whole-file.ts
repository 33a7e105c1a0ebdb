import { createWriteStream } from 'node:fs'
import { realpath, rename, rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Writes a file that nobody else may read. What stood there stays until all is written, and for good if that fails; a pipe
 * or a device gets the text as it comes.
 */
export async function writeWholeFile(file: string, text: Readable): Promise<void> {
  // Of a link, what it leads to is replaced.
  const place = await realpath(file).catch(() => file)
  const found = await stat(place).catch(() => undefined)
  if (found && !found.isFile()) return pipeline(text, createWriteStream(place))
  const part = `${place}.${process.pid}.part`
  try {
    await pipeline(text, createWriteStream(part, { flags: 'wx', mode: 0o600 }))
    await rename(part, place)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
