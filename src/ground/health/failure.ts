import { CodedError, type ErrorCode } from '../errors.ts'
import type { Finding } from './check.ts'

/** What a check found that broke off. */
export function failureOf(error: unknown): Finding & { readonly code: ErrorCode } {
  if (error instanceof CodedError) return { status: 'fail', ...withFix(error), code: error.code }
  const message = error instanceof Error ? error.message : String(error)
  if (/^(?:EACCES|EPERM)\b/.test(message))
    return {
      status: 'fail',
      message: `our user may not read it: ${message}`,
      fix: LET_READ,
      code: 'INTERNAL',
    }
  return { status: 'fail', message: `unexpected failure: ${message}`, fix: REPORT, code: 'INTERNAL' }
}

/** The message of an error, and what mends it: where the message ends with statements, these. */
export function withFix({ message, code }: CodedError): Pick<Finding, 'message' | 'fix'> {
  const at = message.search(STATEMENTS)
  return at < 0
    ? { message, fix: FIXES[code] }
    : { message: message.slice(0, at).trimEnd(), fix: message.slice(at).trim() }
}

/** What a database admin has to run, or the admin of this machine. */
const STATEMENTS =
  /(?:As a database admin|As root: |Stop amavisd and run:|Run: |Run the program as that user)/

const LET_READ =
  'Let the user of the service read it, or run doctor as that user: sudo -u amavis-digest amavis-digest doctor'

const REPORT = 'Please report it, with this line.'

/** What mends a failure of a code. The message itself names the server, the user and the rights. */
const FIXES: Partial<Readonly<Record<ErrorCode, string>>> = {
  DATABASE_UNREACHABLE:
    'Start the database server, or correct its address in the configuration. With SQLite: is there such a file, and does no other program keep it locked?',
  DATABASE_REFUSED: 'Correct the user, the password and the database in the URL, then run doctor again.',
  DATABASE_READ_ONLY: 'Let the URL name the server that takes changes.',
  DATABASE_GRANT_MISSING:
    'Give that right to the user of the database (SQLite: to the file and its folder), then run doctor again.',
  TABLE_MISSING:
    'Correct the name of the database in the URL, or run amavis-digest migrate for our own tables.',
  STORAGE_SCHEMA_UNKNOWN: 'Stop amavisd and run the ALTER TABLE, or let storage.url name its database.',
  STATE_UNMIGRATED: 'amavis-digest migrate',
  STATE_NEWER: 'Install the version of amavis-digest that made the tables.',
  CLOCK_WRONG: 'Let NTP set both clocks: timedatectl set-ntp true',
  DIRECTORY_UNREACHABLE: 'Start the directory server, or correct directory.url.',
  DIRECTORY_REFUSED: 'Correct the account of directory.url, then run amavis-digest directory check.',
  QUEUE_UNREACHABLE: 'Start Redis, or correct queue.url.',
  SMTP_UNREACHABLE: 'Start the SMTP server, or correct smtp.url.',
  SMTP_HOST_UNKNOWN: 'Correct the host in smtp.url.',
  AMAVISD_UNREACHABLE: 'Start amavisd, or correct release.via and release.hosts.',
  KEY_FILE_INVALID: 'Restore links.keyFile from a backup, or let it be the right file.',
  KEY_FILE_LOST: 'Restore links.keyFile from a backup, or copy it from the machine that has it.',
  KEY_FILE_UNSAFE: 'chmod 0600 the file that links.keyFile names, and chown it to the user of the service.',
  TEMPLATE_INVALID: 'Correct the template in templates.folder, or remove it: ours is used then.',
}
