/** The version that a form was made from; what cannot be read is one that never was. */
export function versionIn(form: URLSearchParams): number {
  const text = form.get('version') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : -1
}
