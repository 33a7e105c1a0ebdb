import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The version in package.json. */
export const { version: VERSION } = JSON.parse(
  readFileSync(findPackageJSON(import.meta.url) ?? '', 'utf8'),
) as { readonly version: string }
