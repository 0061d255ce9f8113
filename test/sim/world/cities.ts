/** Where zones are: cities in which the large providers have data centres. Degrees, to a tenth. */
import type { GeoPoint } from '../../../global-controller/geo/geo-point.ts';

export interface City {
  readonly name: string;
  readonly at: GeoPoint;
}

const city = (name: string, latitude: number, longitude: number): City => ({ name, at: { latitude, longitude } });

export const CITIES: readonly City[] = [
  city('frankfurt', 50.1, 8.7),
  city('ashburn', 39.0, -77.5),
  city('singapore', 1.3, 103.8),
  city('san-jose', 37.3, -121.9),
  city('tokyo', 35.7, 139.7),
  city('mumbai', 19.1, 72.9),
  city('sao-paulo', -23.5, -46.6),
  city('sydney', -33.9, 151.2),
  city('london', 51.5, -0.1),
  city('amsterdam', 52.4, 4.9),
  city('new-york', 40.7, -74.0),
  city('dallas', 32.8, -96.8),
  city('toronto', 43.7, -79.4),
  city('hong-kong', 22.3, 114.2),
  city('hyderabad', 17.4, 78.5),
  city('jeddah', 21.5, 39.2),
  city('mexico-city', 19.4, -99.1),
  city('melbourne', -37.8, 145.0),
];
