import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The room on the file system of a file, in octets. */
export interface Space {
  /** What a user other than root may still write. */
  readonly free: number
  readonly size: number
}

/** @throws Error of the system when there is no such folder */
export async function spaceAround(file: string): Promise<Space> {
  const { bavail, blocks, bsize } = await statfs(dirname(file))
  return { free: bavail * bsize, size: blocks * bsize }
}
