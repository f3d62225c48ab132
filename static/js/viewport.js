/** Whether there is room for numbers on the stage, or only for a map of pictures, as on a phone. */

const narrow = matchMedia("(max-width: 700px)");

export function isMap() {
  return narrow.matches;
}

/** @param {() => void} act Whenever that changes. */
export function onMapChange(act) {
  narrow.addEventListener("change", act);
}
