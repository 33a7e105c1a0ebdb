import { globSync } from 'node:fs'
import { join } from 'node:path'

export const DOCUMENTS = 'usr/share/doc/amavis-digest'

/** What is there to be read and copied. Links between these files, and commands that name them, lead to them here too. */
export function documentFiles(root: string): readonly (readonly [from: string, to: string])[] {
  const found = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'docs/*.md', 'docs/*.png', 'docs/guides/*.md']
    .flatMap(pattern => globSync(pattern, { cwd: root }))
    .sort()
  return [
    ...found.map(path => [join(root, path), `${DOCUMENTS}/${path}`] as const),
    ...EXAMPLES.map(name => [join(root, 'packaging', name), `${DOCUMENTS}/examples/${name}`] as const),
    [join(root, 'ops/grafana-dashboard.json'), `${DOCUMENTS}/ops/grafana-dashboard.json`],
  ]
}

const EXAMPLES = ['amavisd', 'apache', 'nginx', 'caddy', 'fail2ban', 'amavis-digest.service.d']
