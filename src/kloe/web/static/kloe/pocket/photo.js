/* A photograph on its way in: made smaller, and without the place it was taken at unless wanted. */

const MOST_PIXELS = 2000;
const QUALITY = 0.85;
const EXIF = 0xe1;

/* Where the parts of a JPEG begin: marker, start and end of each before the picture itself. */
function* segments(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return;
  let at = 2;
  while (at + 4 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda || marker === 0xd9) return;
    const end = at + 2 + view.getUint16(at + 2);
    if (end > view.byteLength) return;
    yield { marker, start: at, body: at + 4, end };
    at = end;
  }
}

const text = (view, at, length) => Array.from({ length }, (_x, i) => String.fromCharCode(view.getUint8(at + i))).join("");
const exif = (view, part) => part.marker === EXIF && part.end - part.body > 14 && text(view, part.body, 4) === "Exif";

/* The entries of a directory of Exif: tag, how many, and where their value lies. */
function directory(view, tiff, at, little, end) {
  const found = [];
  if (at + 2 > end) return found;
  const n = view.getUint16(at, little);
  for (let i = 0; i < n && at + 2 + 12 * i + 12 <= end; i += 1) {
    const entry = at + 2 + 12 * i;
    const size = ([0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8][view.getUint16(entry + 2, little)] || 1) * view.getUint32(entry + 4, little);
    found.push({ tag: view.getUint16(entry, little), entry, size,
      at: size > 4 ? tiff + view.getUint32(entry + 8, little) : entry + 8 });
  }
  return found;
}

function placeEntries(view, part) {
  const tiff = part.body + 6;
  const little = text(view, tiff, 2) === "II";
  const first = directory(view, tiff, tiff + view.getUint32(tiff + 4, little), little, part.end);
  const pointer = first.find((e) => e.tag === 0x8825);
  if (!pointer) return { little, pointer: null, entries: [] };
  const at = tiff + view.getUint32(pointer.entry + 8, little);
  return { little, pointer, at, entries: directory(view, tiff, at, little, part.end) };
}

function degrees(view, entry, little) {
  let sum = 0;
  for (let i = 0; i < 3; i += 1) {
    const over = view.getUint32(entry.at + 8 * i + 4, little);
    sum += (over ? view.getUint32(entry.at + 8 * i, little) / over : 0) / 60 ** i;
  }
  return sum;
}

/* The place a photograph says it was taken at, as "51.48160,-3.17910"; empty where it says none. */
export function placeOf(buffer) {
  const view = new DataView(buffer);
  try {
    for (const part of segments(view)) {
      if (!exif(view, part)) continue;
      const { little, entries } = placeEntries(view, part);
      const of = (tag) => entries.find((e) => e.tag === tag);
      const [north, lat, east, lon] = [1, 2, 3, 4].map(of);
      if (!lat || !lon) continue;
      const sign = (entry, minus) => (entry && text(view, entry.at, 1) === minus ? -1 : 1);
      return `${(sign(north, "S") * degrees(view, lat, little)).toFixed(5)},${(sign(east, "W") * degrees(view, lon, little)).toFixed(5)}`;
    }
  } catch { /* not as Exif should be */ }
  return "";
}

/* A JPEG without its place: the directory of places is emptied, descriptions in XMP are left out. */
export function withoutPlace(buffer) {
  const bytes = new Uint8Array(buffer.slice(0));
  const view = new DataView(bytes.buffer);
  const kept = [];
  let from = 0;
  for (const part of segments(view)) {
    if (part.marker !== EXIF) continue;
    let leave = !exif(view, part);
    if (!leave) {
      try {
        const { pointer, at, entries } = placeEntries(view, part);
        for (const one of entries) bytes.fill(0, one.at, Math.min(one.at + one.size, part.end));
        if (pointer) { bytes.fill(0, at, Math.min(at + 2 + 12 * entries.length, part.end)); bytes.fill(0, pointer.entry + 8, pointer.entry + 12); bytes.fill(0, pointer.entry, pointer.entry + 2); }
      } catch { leave = true; }
    }
    if (leave) { kept.push(bytes.subarray(from, part.start)); from = part.end; }
  }
  kept.push(bytes.subarray(from));
  return new Blob(kept, { type: "image/jpeg" });
}

async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/jpeg", QUALITY));
}

/* A file as it is, read at once: what a picker offers may be gone when it is sent. */
export const whole = async (file) => ({ blob: new Blob([await file.arrayBuffer()], { type: file.type }), name: file.name, place: "" });

/* What is kept of a file from the camera: `blob`, its `name`, and the `place` it told, if wanted.
   Throws where it cannot be read and so might tell a place nobody wants told. */
export async function prepare(file, { small = true, place = false } = {}) {
  const buffer = await file.arrayBuffer();
  const told = place ? placeOf(buffer) : "";
  const jpeg = new DataView(buffer).byteLength > 2 && new DataView(buffer).getUint16(0) === 0xffd8;
  const name = file.name || "photograph.jpg";
  if (small || (!jpeg && !place && file.type.startsWith("image/"))) {
    try {
      const blob = await smaller(file);
      return { blob, place: told, name: name.replace(/\.\w+$/, "") + ".jpg" };
    } catch (error) { if (!jpeg && !place && file.type.startsWith("image/")) throw error; }
  }
  if (place || !jpeg) return { blob: new Blob([buffer], { type: file.type }), place: told, name };
  return { blob: withoutPlace(buffer), place: "", name };
}
