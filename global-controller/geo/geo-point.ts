/** Points on the Earth, and how far they are from each other. */
import { z } from 'zod';

/** Degrees; north and east are positive. */
export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}

export const geoPoint = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});

/** Mean radius of the Earth (IUGG R1). That it is no ball costs up to 0.6 % of a distance. */
const EARTH_RADIUS_KM = 6_371.0088;

/** The shortest way over the ground, kilometres (haversine formula: exact for near points, too). */
export function distanceKm(a: GeoPoint, b: GeoPoint): number {
  const [latitudeA, latitudeB] = [radians(a.latitude), radians(b.latitude)];
  const north = Math.sin((latitudeB - latitudeA) / 2) ** 2;
  const east = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  // Rounding may carry antipodes beyond 1.
  const share = Math.min(1, north + Math.cos(latitudeA) * Math.cos(latitudeB) * east);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(share));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
