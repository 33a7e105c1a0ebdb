import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Where the JSON Schema lies in the package. */
export const SCHEMA_FILE = 'packaging/config.schema.json'

/** The URL of the JSON Schema in this installation. */
export function schemaUrl(): string {
  const manifest = findPackageJSON(import.meta.url) ?? ''
  return pathToFileURL(join(dirname(manifest), SCHEMA_FILE)).href
}
