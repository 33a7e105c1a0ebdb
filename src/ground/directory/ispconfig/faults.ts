import { CodedError } from '../../errors.ts'

/**
 * Turns what the database says into what is wrong with the directory.
 *
 * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED
 */
export async function inDirectoryWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw faultOf(error)
  }
}

function faultOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (isUnknownColumn(error))
    return new CodedError('DIRECTORY_REFUSED', `directory database: ${error.message}. ${OLD_TABLES}`, {
      cause: error,
    })
  if (!(error instanceof CodedError)) return error
  const { code, message } = error
  if (code === 'DATABASE_UNREACHABLE')
    return new CodedError('DIRECTORY_UNREACHABLE', message, { cause: error })
  const hint = code === 'TABLE_MISSING' ? ` ${OLD_TABLES}` : ''
  return new CodedError('DIRECTORY_REFUSED', `${message}${hint}`, { cause: error })
}

const isUnknownColumn = (error: Error): boolean => 'code' in error && error.code === 'ER_BAD_FIELD_ERROR'

const OLD_TABLES =
  'Does directory.url name the database of ISPConfig (dbispconfig), and is it ISPConfig 3.2 or later?'
