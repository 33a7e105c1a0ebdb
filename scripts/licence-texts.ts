import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The licences of the packages that these modules belong to, as the packages have them: whoever passes on a bundle has to
 * pass these on with it.
 *
 * @param modules their files, with full paths
 */
export function licenceTexts(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap(file => PACKAGE_FOLDER.exec(file)?.[0] ?? []))
  return [...folders]
    .sort()
    .map(licenceText)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** The innermost package: some have others inside. */
const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/

function licenceText(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license?: unknown
  }
  const files = readdirSync(folder).filter(file => /^(licen[cs]e|copying|notice)\b/i.test(file))
  const texts = files.map(file => readFileSync(join(folder, file), 'utf8').trim())
  return `${[`${name} ${version}: ${String(license)}`, ...texts].join('\n\n')}\n`
}
