// Decodes a ThumbHash: a photo's first few cosines, in about 25 bytes.
//
// The format, as its author describes it (evanw.github.io/thumbhash), little-endian bits:
//   24 bits  L mean 6 · P mean 6 · Q mean 6 · L scale 5 · has alpha 1
//   16 bits  count of the shorter side's L terms 3 · P scale 6 · Q scale 6 · landscape 1
//    8 bits  alpha mean 4 · alpha scale 4 (only with alpha)
//   4 bits a term, of the channels L, P, Q, A, each in a triangle of low frequencies
// L is lightness, P yellow to blue, Q red to green.

/** Chroma is stored a little too weak for its 4 bits on average; the format asks for this correction. */
const chromaGain = 1.25;

/** The terms of a triangle of nx × ny frequencies without the mean: [x frequency, y frequency, amplitude]. */
function readTerms(nibble, nx, ny, scale) {
  const terms = [];
  for (let v = 0; v < ny; v++) {
    for (let u = v === 0 ? 1 : 0; u * ny < nx * (ny - v); u++) terms.push([u, v, (nibble() / 7.5 - 1) * scale]);
  }
  return terms;
}

/** Means and terms by channel, and the picture's width ÷ height. Throws RangeError where the hash is cut short. */
export function readThumbHash(hash) {
  if (hash.length < 5) throw new RangeError("ThumbHash too short");
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const tail = hash[3] | (hash[4] << 8);
  const alpha = head >> 23 === 1;
  const landscape = tail >> 15 === 1;
  const longer = alpha ? 5 : 7;
  const shorter = tail & 7;
  const [nx, ny] = landscape ? [longer, shorter] : [shorter, longer];
  if (alpha && hash.length < 6) throw new RangeError("ThumbHash too short");

  let at = (alpha ? 6 : 5) * 2;
  const nibble = () => {
    if (at >> 1 >= hash.length) throw new RangeError("ThumbHash too short");
    const value = (hash[at >> 1] >> ((at & 1) * 4)) & 15;
    at += 1;
    return value;
  };
  const channels = {
    l: { mean: (head & 63) / 63, terms: readTerms(nibble, Math.max(3, nx), Math.max(3, ny), ((head >> 18) & 31) / 31) },
    p: { mean: ((head >> 6) & 63) / 31.5 - 1, terms: readTerms(nibble, 3, 3, (((tail >> 3) & 63) / 63) * chromaGain) },
    q: { mean: ((head >> 12) & 63) / 31.5 - 1, terms: readTerms(nibble, 3, 3, (((tail >> 9) & 63) / 63) * chromaGain) },
    a: alpha ? { mean: (hash[5] & 15) / 15, terms: readTerms(nibble, 5, 5, (hash[5] >> 4) / 15) } : { mean: 1, terms: [] },
  };
  return { channels, ratio: shorter === 0 ? 1 : nx / ny };
}

/** cos(π (i + ½) k / size) for every sample i and frequency k < 8. */
function cosines(size) {
  const sample = (i) => Array.from({ length: 8 }, (_, k) => Math.cos((Math.PI * (i + 0.5) * k) / size));
  return Array.from({ length: size }, (_, i) => sample(i));
}

/** RGBA bytes of the placeholder, its longer side 32 pixels. */
export function thumbHashPixels(hash) {
  const { channels, ratio } = readThumbHash(hash);
  const width = Math.max(1, Math.round(ratio > 1 ? 32 : 32 * ratio));
  const height = Math.max(1, Math.round(ratio > 1 ? 32 / ratio : 32));
  const across = cosines(width);
  const down = cosines(height);
  const value = ({ mean, terms }, x, y) => {
    let sum = mean;
    for (const [u, v, amplitude] of terms) sum += 2 * amplitude * across[x][u] * down[y][v];
    return sum;
  };
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const l = value(channels.l, x, y);
      const p = value(channels.p, x, y);
      const q = value(channels.q, x, y);
      const blue = l - (2 / 3) * p;
      const red = (3 * l - blue + q) / 2;
      pixels.set([red * 255, (red - q) * 255, blue * 255, value(channels.a, x, y) * 255], (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

/** A canvas with the placeholder, or null where the text is no ThumbHash. @param {string} base64 */
export function thumbHashCanvas(base64) {
  try {
    const hash = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const { width, height, pixels } = thumbHashPixels(hash);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
    return canvas;
  } catch {
    return null;
  }
}
