/** What the start of a fragmented MP4 file says of the whole (ISO/IEC 14496-12). */

const CONTAINERS = new Set(["moov", "mvex", "trak", "edts", "mdia"]);

/** The sound's exact length in seconds, without what the encoder put before it; if it is said. */
export function lengthOf(init: ArrayBuffer): number | undefined {
  const view = new DataView(init);
  const found = new Map<string, number>();
  collect(view, 0, view.byteLength, found);
  const movie = found.get("mvhd");
  const media = found.get("mdhd");
  const whole = found.get("mehd");
  if (!movie || !media || !whole) return undefined;
  return whole / movie - (found.get("elst") ?? 0) / media;
}

/** Of headers their time scale, of `mehd` the whole duration, of `elst` where the sound begins. */
function collect(view: DataView, from: number, to: number, found: Map<string, number>): void {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...new Uint8Array(view.buffer, at + 4, 4));
    if (size < 8 || at + size > to) return;
    const body = at + 8;
    const isLong = size > 12 && view.getUint8(body) === 1;
    if (CONTAINERS.has(type)) collect(view, body, at + size, found);
    else if (type === "mvhd" || type === "mdhd") found.set(type, view.getUint32(body + (isLong ? 20 : 12)));
    else if (type === "mehd") found.set(type, number(view, body + 4, isLong));
    else if (type === "elst" && view.getUint32(body + 4) === 1) {
      found.set(type, number(view, body + (isLong ? 16 : 12), isLong));
    }
    at += size;
  }
}

function number(view: DataView, at: number, isLong: boolean): number {
  return isLong ? Number(view.getBigUint64(at)) : view.getUint32(at);
}
