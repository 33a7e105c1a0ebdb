import { CodedError } from '../errors.ts'
import type { Answer, Directory } from './directory.ts'

/** Whether an error says that the directory gives no answer now. */
export const isDirectoryAway = (error: unknown): error is CodedError =>
  error instanceof CodedError &&
  (error.code === 'DIRECTORY_UNREACHABLE' || error.code === 'DIRECTORY_REFUSED')

/** What the directory answers; nothing about any address while it is away. */
export async function findUnlessAway(
  directory: Directory,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Answer>> {
  try {
    return await directory.find(addresses)
  } catch (error) {
    if (isDirectoryAway(error)) return new Map()
    throw error
  }
}
