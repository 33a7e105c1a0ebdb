import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCUMENTS } from './documents.ts'

export interface ControlFields {
  readonly version: string
  readonly architecture: string
  /** Seconds since 1970. */
  readonly time: number
}

type Files = readonly (readonly [path: string, content: string | Buffer])[]

/**
 * What tells dpkg about the package.
 *
 * @param files all other files of it
 */
export function controlFiles(root: string, fields: ControlFields, files: Files): Files {
  const read = (name: string) => readFileSync(join(root, 'packaging/deb', name))
  return [
    ['DEBIAN/control', control(fields, kibibytes(files))],
    ['DEBIAN/md5sums', files.map(([path, content]) => `${md5(content)}  ${path}\n`).join('')],
    ...SCRIPTS.map(name => [`DEBIAN/${name}`, read(name)] as const),
  ]
}

/** A version of npm such as 1.0.0-rc.1, as Debian writes it: `~` sorts before the end. */
export const debianVersion = (version: string): string => version.replace('-', '~')

export const SCRIPTS = ['postinst', 'prerm', 'postrm']

/** The project has no public address yet. Who hands packages on sets DEBFULLNAME and DEBEMAIL, as for Debian's tools. */
const MAINTAINER = `${process.env.DEBFULLNAME ?? 'the amavis-digest authors'} <${process.env.DEBEMAIL ?? 'maintainers@amavis-digest.invalid'}>`

/** Libraries: what the Node of nodejs.org asks for, which is built for glibc 2.28. */
const control = ({ version, architecture }: ControlFields, size: number): string => `Package: amavis-digest
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${size}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8), systemd | systemd-standalone-sysusers | systemd-sysusers
Suggests: amavisd-new, mariadb-server | postgresql, nginx | apache2, fail2ban
Section: mail
Priority: optional
Description: digests of the mail that amavisd quarantined
 Mails each mailbox owner a digest of what amavisd holds back, on a schedule,
 with a signed link per message. A click releases that one message, for that
 one recipient, once.
 .
 It reads amavisd's quarantine in MariaDB, MySQL, PostgreSQL or SQLite. It
 brings its own Node.js, which nothing else uses.
`

/** In the form of Debian, which tools such as apt-listchanges read. */
export const changelogText = ({
  version,
  time,
}: ControlFields): string => `amavis-digest (${version}) unstable; urgency=medium

  * ${DOCUMENTS}/CHANGELOG.md says what is new.

 -- ${MAINTAINER}  ${new Date(time * 1000).toUTCString().replace('GMT', '+0000')}
`

/** As dpkg-gencontrol counts: each file is rounded up to 1 KiB. */
const kibibytes = (files: Files): number =>
  files.reduce((sum, [, content]) => sum + Math.ceil(content.length / 1024), 0)

const md5 = (content: string | Buffer): string => createHash('md5').update(content).digest('hex')
