/** 32-bit FNV-1a over pixels, four bytes at a step: fast, and another result for nearly every change. */
export function pixelHash(pixels: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < pixels.length; i++) hash = Math.imul(hash ^ pixels[i]!, 0x01000193);
  return hash;
}
