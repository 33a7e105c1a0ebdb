/** Where the help desk finds readers. */
export const FIND_PATH = '/admin/as'

/**
 * The path below which somebody sees what a reader sees. What proxies change in a path, such as `%2F`, is written with
 * `~` in place of the percent sign.
 */
export const asPath = (reader: string): string =>
  `${FIND_PATH}/${encodeURIComponent(reader).replaceAll('~', '%7E').replaceAll('%40', '@').replaceAll('%', '~')}`

/** The address in such a path, as it was written; empty for one that nobody has. */
export function readerInPath(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll('%', '%25').replaceAll('~', '%'))
  } catch {
    return ''
  }
}
