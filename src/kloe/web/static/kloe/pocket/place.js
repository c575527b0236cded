/* Where this device is, if its owner wants that kept and the device may say. */

import { choices } from "./db.js";

let watching = 0;
let last = null;
const FRESH = 5 * 60_000;

function heard({ coords, timestamp }) {
  last = { at: timestamp, said: `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)} ±${Math.round(coords.accuracy)} m` };
}

/* Begin to listen; `refused` is called where the device may not say. */
export function listen(refused = () => {}) {
  if (watching || !choices.all().place || !navigator.geolocation) return;
  watching = navigator.geolocation.watchPosition(heard, (error) => {
    if (error.code !== error.PERMISSION_DENIED) return;
    stop();
    choices.set("place", false);
    refused();
  }, { enableHighAccuracy: true, maximumAge: 60_000 });
}

export function stop() {
  if (watching) navigator.geolocation.clearWatch(watching);
  watching = 0;
  last = null;
}

/* The last place heard of, if that is not long ago; else nothing. Never waits. */
export const here = () => (choices.all().place && last && Date.now() - last.at < FRESH ? last.said.slice(0, 60) : "");
