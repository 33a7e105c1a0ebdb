import { existsSync } from 'node:fs'
import { findInAmavisConf, openPorts, perlOf, stringAssigned } from './amavis-conf.ts'

/** The ways that mail takes into amavisd and out of it, as far as plain assignments in its configuration tell. */
export interface AmavisdRoutes {
  /** The file or folder that was read. */
  readonly path: string
  /** The name of the setting that sends released mail on, and its value; undefined: the default of amavisd. */
  readonly release: { readonly setting: string; readonly value: string } | undefined
  /** The ports at which it takes mail for scanning. */
  readonly mailPorts: readonly string[]
  /** `@storage_sql_dsn` as a URL, with its password. */
  readonly storageUrl: string | undefined
}

/**
 * Reads amavisd's configuration.
 *
 * @param given a file or a folder; undefined: the first of the usual places that is there
 * @returns undefined when there is none, or when nothing of it can be read
 */
export function findAmavisdRoutes(given?: string): AmavisdRoutes | undefined {
  const path = given ?? USUAL.find(candidate => existsSync(candidate))
  if (path === undefined) return undefined
  const perl = perlOf(path)
  if (perl.trim() === '') return undefined
  const setting = ['release_method', 'notify_method'].find(name => stringAssigned(perl, name) !== undefined)
  const value = setting && stringAssigned(perl, setting)
  const storage = findInAmavisConf(path).find(({ key }) => key === 'storage.url')
  return {
    path,
    release: setting === undefined || value === undefined ? undefined : { setting: `$${setting}`, value },
    mailPorts: mailPorts(perl),
    storageUrl: storage && String(storage.value),
  }
}

/** Of Debian, of other distributions and of the sources. */
const USUAL = ['/etc/amavis', '/etc/amavisd', '/etc/amavisd.conf']

/** Not those with a policy bank for AM.PDP. Without any, amavisd has 10024. */
function mailPorts(perl: string): string[] {
  const banks = perl.matchAll(/\$interface_policy\{\s*'?(\d+)'?\s*\}\s*=\s*['"]AM\.PDP/g)
  const asking = new Set([...banks].map(([, port = '']) => port))
  const ports = [...openPorts(perl)].filter(port => !asking.has(port))
  return ports.length > 0 ? ports : ['10024']
}
