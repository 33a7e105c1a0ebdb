import { truthOf } from '../perl/values.ts'
import { databaseUrl } from './database-url.ts'
import { amavisFiles } from './files.ts'
import { type AmavisSettings, amavisSettings, type Setting } from './settings.ts'
import { type Sockets, socketsOf } from './sockets.ts'

/** The ways that mail takes into amavisd and out of it, and its databases, as far as its configuration tells. */
export interface AmavisdRoutes {
  /** The file or folder that was read. */
  readonly path: string
  /** The name of the setting that sends released mail on, and its value; undefined: the default of amavisd. */
  readonly release: { readonly setting: string; readonly value: string } | undefined
  /** The ports at which it takes mail for scanning. */
  readonly mailPorts: readonly string[]
  /** `@storage_sql_dsn` as a URL, with its password. */
  readonly storageUrl: string | undefined
  /** `@lookup_sql_dsn` the same; null: amavisd looks nothing up in a database; undefined: it cannot be told. */
  readonly lookupUrl: string | null | undefined
  /** Whether `$sql_allow_8bit_address` is on; undefined: it cannot be told. */
  readonly storesOctets: boolean | undefined
}

/**
 * Reads amavisd's configuration.
 *
 * @param path a file or a folder; undefined: where the packages of the usual systems have it
 * @returns undefined when there is none, or when we may not read it
 */
export function findAmavisdRoutes(path?: string): AmavisdRoutes | undefined {
  const files = amavisFiles(path)
  if (files === undefined || files.forbidden !== undefined) return undefined
  const settings = amavisSettings(files)
  if (settings.last === undefined) return undefined
  const storage = settings.get('@storage_sql_dsn')
  const octets = settings.get('$sql_allow_8bit_address')
  return {
    path: files.folder ?? settings.last,
    release: releaseMethod(settings),
    mailPorts: mailPorts(socketsOf(settings)),
    storageUrl: storage.file === undefined ? undefined : databaseUrl(storage.value),
    lookupUrl: lookupUrl(settings.get('@lookup_sql_dsn')),
    storesOctets: octets.isSure ? truthOf(octets.value) : undefined,
  }
}

/** Whether amavisd stores into our database. Only the names are compared: one server has several addresses. */
export const storesInto = (amavisd: string | undefined, ours: string): boolean =>
  amavisd !== undefined && URL.canParse(amavisd) && new URL(amavisd).pathname === new URL(ours).pathname

function lookupUrl({ value, isSure, file }: Setting): AmavisdRoutes['lookupUrl'] {
  if (!isSure) return undefined
  const isNone = file === undefined || (Array.isArray(value) && value.length === 0)
  return isNone ? null : databaseUrl(value)
}

/** `$notify_method` counts only where nothing sets `$release_method`, even if the value of that cannot be told. */
function releaseMethod(settings: AmavisSettings): AmavisdRoutes['release'] {
  const setting = ['$release_method', '$notify_method'].find(name => settings.get(name).file !== undefined)
  const value = setting && firstText(settings.get(setting).value)
  return setting === undefined || value === undefined ? undefined : { setting, value }
}

/** A method may be a list of equals. */
const firstText = (value: Setting['value']): string | undefined =>
  [value].flat().find(each => typeof each === 'string')

/** Not those for requests. Without any, amavisd has 10024. */
function mailPorts({ ports, requests }: Sockets): readonly string[] {
  const asking = new Set(requests.map(({ via }) => /:(\d+)$/.exec(via)?.[1]))
  const found = [...ports].filter(port => !asking.has(port))
  return found.length > 0 ? found : ['10024']
}
