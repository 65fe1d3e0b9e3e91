/** Loudness normalisation. */

const TARGET_LUFS = -14;
// Room left under full scale, for what resampling adds between the samples.
const CEILING_DB = -1;

export interface Loudness {
  integrated_lufs: number;
  true_peak_db: number;
}

/** The factor that brings a track to −14 LUFS, unless its true peak would then pass the ceiling. */
export function gainFor({ integrated_lufs, true_peak_db }: Loudness): number {
  if (!Number.isFinite(integrated_lufs) || !Number.isFinite(true_peak_db)) return 1;
  const wanted = TARGET_LUFS - integrated_lufs;
  const room = CEILING_DB - true_peak_db;
  return 10 ** (Math.min(wanted, room) / 20);
}

/** A volume slider's position (0 to 1) as a factor: steps sound about equal. */
export function amplitude(position: number): number {
  return position ** 3;
}
