/** The reference's way of sending a JPEG: base64 in pieces of 32 KB, each a JSON message. Pure. */

/** Characters of base64 in one message. */
export const PIECE = 32 * 1024;

interface Piece {
  id: number;
  index: number;
  total: number;
  data: string;
}

/** @param id of the picture */
export function toPieces(id: number, jpeg: Buffer): string[] {
  const base64 = jpeg.toString('base64');
  const total = Math.ceil(base64.length / PIECE);
  return Array.from({ length: total }, (_, index) => {
    const piece: Piece = { id, index, total, data: base64.slice(index * PIECE, (index + 1) * PIECE) };
    return JSON.stringify(piece);
  });
}

/** Takes messages and hands over the base64 of each picture that is whole. */
export function joinPieces(whole: (base64: string) => void): (message: string) => void {
  let parts: string[] = [];
  return (message) => {
    const { index, total, data } = JSON.parse(message) as Piece;
    if (index === 0) parts = [];
    parts.push(data);
    if (parts.length === total) whole(parts.join(''));
  };
}
