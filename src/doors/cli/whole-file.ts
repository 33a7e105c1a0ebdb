import { createWriteStream } from 'node:fs'
import { realpath, rename, rm, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CodedError } from '../../ground/errors.ts'
import { plantedLink } from '../../ground/files/roots-alone.ts'

/**
 * Writes a file that no other user may read. An existing file is replaced only when everything is written, and stays if
 * that fails. A pipe or a device gets the text as it comes.
 *
 * @throws CodedError USAGE for root, where another user's link leads elsewhere
 */
export async function writeWholeFile(file: string, text: Readable): Promise<void> {
  const planted = plantedLink(file)
  if (planted) {
    throw new CodedError(
      'USAGE',
      `${planted.path} is a link that belongs to ${planted.owner}, and root does not write where it leads. Name another file.`,
    )
  }
  // A symbolic link stays: the file that it leads to is replaced.
  const target = await realpath(file).catch(() => file)
  const found = await stat(target).catch(() => undefined)
  if (found && !found.isFile()) return pipeline(text, createWriteStream(target))
  const part = `${target}.${process.pid}.part`
  try {
    await pipeline(text, createWriteStream(part, { flags: 'wx', mode: 0o600 }))
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** A file that is missing or may not be written is the caller's mistake. A full or broken disk is not. */
export function usageUnlessDisk(error: unknown, words: (message: string) => string): unknown {
  if (!(error instanceof Error)) return error
  const isOfDisk = 'code' in error && ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'].includes(String(error.code))
  return isOfDisk ? error : new CodedError('USAGE', words(error.message), { cause: error })
}
