/** Master keys of one transport's SRTP, as DTLS-SRTP exports them (RFC 5764 section 4.2). */

/** In order of preference: all three are safe, and AES-128-GCM costs least. */
export const SRTP_PROFILES = ['AEAD_AES_128_GCM', 'AEAD_AES_256_GCM', 'AES128_CM_HMAC_SHA1_80'] as const;
export type SrtpProfile = (typeof SRTP_PROFILES)[number];

export interface SrtpKeys {
  readonly profile: SrtpProfile;
  readonly ingressKey: Uint8Array;
  readonly ingressSalt: Uint8Array;
  readonly egressKey: Uint8Array;
  readonly egressSalt: Uint8Array;
}

/** Key and salt lengths in bytes (RFC 7714 section 12, RFC 3711 section 8.2). */
export function srtpKeySizes(profile: SrtpProfile): { readonly key: number; readonly salt: number } {
  if (profile === 'AES128_CM_HMAC_SHA1_80') return { key: 16, salt: 14 };
  return { key: profile === 'AEAD_AES_256_GCM' ? 32 : 16, salt: 12 };
}
