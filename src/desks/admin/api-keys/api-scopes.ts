/** `write` includes `read`. */
export const API_SCOPES = ['read', 'write'] as const
