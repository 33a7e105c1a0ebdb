import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProductionPackage } from './production-packages.ts'

/** https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/, a paragraph for each package of npm. */
export function copyrightText(
  root: string,
  packages: readonly ProductionPackage[],
  nodeVersion: string,
): string {
  const [, holder = ''] = /^Copyright \(c\) (.+)$/m.exec(read(root)) ?? []
  const paragraphs = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: amavis-digest',
    `Files: *\nCopyright: ${holder}\nLicense: MIT`,
    `Files: usr/lib/amavis-digest/node/*\nCopyright: Node.js contributors\nLicense: Node.js\nComment: Node ${nodeVersion}`,
    ...packages.map(paragraphOf),
    `License: MIT\n${indented(read(root).split('\n\n').slice(2).join('\n\n'))}`,
    'License: Node.js\n See /usr/lib/amavis-digest/node/LICENSE.',
    ...licencesOf(packages).map(
      name => `License: ${name}\n See the files of each package with this licence, in its folder.`,
    ),
  ]
  return `${paragraphs.join('\n\n')}\n`
}

const read = (root: string): string => readFileSync(join(root, 'LICENSE'), 'utf8')

const paragraphOf = ({ path, name, version, licence }: ProductionPackage): string =>
  [
    `Files: usr/lib/amavis-digest/${path}/*`,
    `Copyright: the authors of ${name}`,
    `License: ${tagOf(licence)}`,
    `Comment: ${name} ${version}`,
  ].join('\n')

const licencesOf = (packages: readonly ProductionPackage[]): string[] =>
  [...new Set(packages.map(({ licence }) => tagOf(licence)))].filter(name => name !== 'MIT').sort()

/** A name without spaces: `MIT (http://…)` becomes `MIT`. */
const tagOf = (licence: string): string => licence.split(' ')[0] ?? licence

const indented = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map(line => ` ${line || '.'}`)
    .join('\n')
