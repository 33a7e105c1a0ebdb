/** The version that a form was filled from; -1, which no row ever has, if it cannot be read. */
export function versionIn(form: URLSearchParams): number {
  const text = form.get('version') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : -1
}
