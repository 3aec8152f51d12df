// Points of a browser test, told as TAP ("Test Anything Protocol", testanything.org).

let points = 0;
let failures = 0;

/** Runs one check and prints whether it held; one that did not is told with its reason, and the next ones go on. */
export async function point(name, check) {
  points += 1;
  try {
    await check();
    console.log(`ok ${points} - ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`not ok ${points} - ${name}\n${String(error.stack ?? error).replace(/^/gmu, "#   ")}`);
  }
}

/** Prints why the points after this one cannot be checked. */
export function bailOut(error) {
  failures += 1;
  console.log(`Bail out! ${error.stack ?? error}`);
}

/** Prints how many points there were and ends the program: with 0 only if every point was "ok". */
export function finish() {
  console.log(`1..${points}`);
  process.exit(failures === 0 ? 0 : 1);
}
