import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changelogText, controlFiles, debianVersion, SCRIPTS } from './control.ts'
import { copyrightText } from './copyright.ts'
import { DOCUMENTS, documentFiles } from './documents.ts'
import { includedNode } from './included-node.ts'
import { productionPackages } from './production-packages.ts'
import { serviceFiles } from './service-files.ts'
import { gzipped, treeIn } from './tree.ts'

const PROGRAM = 'usr/lib/amavis-digest'

export interface Source {
  /** The folder of the checkout, with its node_modules. */
  readonly root: string
  /** The folder with the compiled program. */
  readonly dist: string
  /** Seconds since 1970: the time of every file. */
  readonly time: number
}

/**
 * Lays out in an empty folder what the Debian package has in it.
 *
 * @returns the name of the package's file
 * @throws Error when node_modules is not what the lock file says
 */
export function stageDeb(folder: string, { root, dist, time }: Source): string {
  const tree = treeIn(folder)
  const node = includedNode(root)
  const packages = productionPackages(root)

  tree.copy(dist, `${PROGRAM}/dist`)
  for (const name of PROGRAM_FILES) tree.copy(join(root, name), `${PROGRAM}/${name}`)
  for (const { path, isNeeded } of packages) tree.copy(join(root, path), `${PROGRAM}/${path}`, isNeeded)
  tree.copy(node.binary, `${PROGRAM}/node/bin/node`)
  tree.copy(join(root, 'packaging/deb/LICENSE.node'), `${PROGRAM}/node/LICENSE`)

  tree.copy(join(root, 'packaging/deb/amavis-digest'), 'usr/bin/amavis-digest')
  for (const [path, content] of serviceFiles(root)) tree.write(path, content)
  for (const [from, to] of documentFiles(root)) tree.copy(from, to)
  tree.link('examples', `${DOCUMENTS}/packaging`)
  tree.write(`${DOCUMENTS}/copyright`, copyrightText(root, packages, node.version))
  tree.copy(join(root, 'packaging/deb/lintian-overrides'), 'usr/share/lintian/overrides/amavis-digest')

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const version = debianVersion(manifest.version)
  const fields = { version, architecture: node.architecture, time }
  tree.write(`${DOCUMENTS}/changelog.gz`, gzipped(changelogText(fields)))
  for (const [path, content] of controlFiles(root, fields, tree.files())) tree.write(path, content)
  tree.settle(EXECUTABLES, time)
  return `amavis-digest_${version}_${node.architecture}.deb`
}

/** In the places where the program looks for them. */
const PROGRAM_FILES = ['package.json', 'templates', 'packaging/config.schema.json']

const EXECUTABLES: ReadonlySet<string> = new Set([
  'usr/bin/amavis-digest',
  `${PROGRAM}/node/bin/node`,
  ...SCRIPTS.map(name => `DEBIAN/${name}`),
])
