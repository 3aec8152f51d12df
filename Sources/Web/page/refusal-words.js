/** What a refusal of the client (`EditMachine.refusal`) is called to the user: `{text, discard}`. */
export function refusalWords({ code, message, held }) {
  if (held) return heldWords(held);
  const reason = {
    too_large: "the document would be too large",
    forbidden: "you may not edit this document",
    invalid_operation: "the server does not understand them",
  }[code] ?? (message || code);
  return {
    text: `Your last edits could not be saved: ${reason}. They are kept in this window.`,
    discard: "Discard my unsaved edits",
  };
}

/** An amount of bytes for people, in the units of 1000. */
export function bytesInWords(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function heldWords(held) {
  const [first] = held;
  const count = held.length;
  if (first.kind === "length") {
    const what = first.units === 1 ? "one character" : `${first.units.toLocaleString("en")} characters`;
    return {
      text: `The document is full: ${what} could not be saved. What you added is kept in this window; the rest is saved.`,
      discard: "Remove what does not fit",
    };
  }
  const name = { image: "picture", video: "video", format: "format" }[first.kind] ?? "embedded object";
  const subject = count === 1 ? `A ${name} of ${bytesInWords(first.bytes)}`.replace("A embedded", "An embedded")
    : `${count} parts of the document, the first a ${name} of ${bytesInWords(first.bytes)},`;
  const limit = Number.isFinite(first.limitBytes) ? ` (at most ${bytesInWords(first.limitBytes)})` : "";
  return {
    text: `${subject} ${count === 1 ? "is" : "are"} too large to be saved${limit}. `
      + `Only this window shows ${count === 1 ? "it" : "them"}; everything else is saved.`,
    discard: count === 1 ? "Remove it" : "Remove them",
  };
}
