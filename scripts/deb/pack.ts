import { execFileSync } from 'node:child_process'

/**
 * Makes the package of a folder that `stageDeb` has laid out. All files belong to root.
 *
 * @param time seconds since 1970
 */
export function packDeb(
  folder: string,
  file: string,
  { time, compression }: { readonly time: number; readonly compression: 'xz' | 'none' },
): void {
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', folder, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(time) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
