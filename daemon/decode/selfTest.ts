import { SELF_TEST, SELF_TEST_MEANS } from './selfTestClip.ts';

/**
 * Decoders agree to the bit, scalers do not: a GPU's blurs the edges of bars. A block counts as right within this distance of its mean
 * (of 255); limited range left unstretched, swapped chroma planes, green or torn pictures are much further off.
 */
const BLOCK_TOLERANCE = 10;
const MEAN_TOLERANCE = 4;
const RIGHT_SHARE = 0.9;

/**
 * Compares the decoded self-test clip (planar full-range YUV 4:2:0, all pictures) with what it must be.
 * undefined: right; otherwise a sentence that tells what is wrong.
 */
export function checkPixels(raw: Buffer): string | undefined {
  const { width, height } = SELF_TEST.output;
  const pictureBytes = (width * height * 3) / 2;
  const expectedBytes = pictureBytes * SELF_TEST.pictures;
  if (raw.length !== expectedBytes)
    return `gave ${raw.length / pictureBytes} of ${SELF_TEST.pictures} pictures`;
  const means = blockMeans(raw.subarray(raw.length - pictureBytes));
  let right = 0;
  let sum = 0;
  for (const [index, mean] of means.entries()) {
    const distance = Math.abs(mean - (SELF_TEST_MEANS[index] ?? 0));
    sum += distance;
    if (distance <= BLOCK_TOLERANCE) right += 1;
  }
  const share = right / means.length;
  if (share >= RIGHT_SHARE && sum / means.length <= MEAN_TOLERANCE) return undefined;
  return `wrong pixels: ${Math.round((1 - share) * 100)} % of the blocks differ`;
}

/** Mean values of the blocks of Y, then U, then V, row by row. */
function blockMeans(picture: Buffer): number[] {
  const { width, height } = SELF_TEST.output;
  const luma = width * height;
  const half = SELF_TEST.block / 2;
  return [
    ...planeMeans(picture.subarray(0, luma), width, SELF_TEST.block),
    ...planeMeans(picture.subarray(luma, luma + luma / 4), width / 2, half),
    ...planeMeans(picture.subarray(luma + luma / 4), width / 2, half),
  ];
}

function planeMeans(plane: Buffer, width: number, block: number): number[] {
  const columns = width / block;
  const rows = plane.length / width / block;
  const sums = new Array<number>(columns * rows).fill(0);
  for (const [index, value] of plane.entries()) {
    const column = Math.floor((index % width) / block);
    const row = Math.floor(index / width / block);
    sums[row * columns + column]! += value;
  }
  return sums.map((sum) => sum / (block * block));
}
