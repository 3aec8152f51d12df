import { bytesInWords } from "./refusal-words.js";

/** What is around a picture's address in an operation, at most. */
const surroundingsBytes = 200;

/** The bytes of a file as a `data:` address. */
export function dataAddressBytes({ size, type }) {
  return `data:${type};base64,`.length + 4 * Math.ceil(size / 3);
}

/** Which pictures an operation of `limitBytes` can carry, and which not. `bytesOf` tells the size of one's address. */
export function sortPictures(pictures, limitBytes, bytesOf) {
  const fits = (picture) => bytesOf(picture) + surroundingsBytes <= limitBytes;
  return { fitting: pictures.filter(fits), tooLarge: pictures.filter((picture) => !fits(picture)) };
}

/** What the user is told of pictures that were not put in; `limitBytes` as for `sortPictures`. */
export function tooLargeNotice(pictures, limitBytes) {
  const [{ name, size }] = pictures;
  const most = bytesInWords(Math.floor((limitBytes - surroundingsBytes) * 3 / 4));
  if (pictures.length > 1) return `${pictures.length} pictures were not put in: each may have at most ${most}.`;
  const subject = name ? `“${name}”` : "The picture";
  return `${subject} was not put in: it has ${bytesInWords(size)}, and a picture may have at most ${most}.`;
}

/**
 * Quill modules that refuse a pasted or dropped picture which no operation can carry, before it is in the
 * document. `largestBytes()` is the limit of an operation, `refuse(text)` tells the user.
 */
export function pictureModules(Quill, { largestBytes, refuse }) {
  const putIn = Quill.import("modules/uploader").DEFAULTS.handler;
  const Delta = Quill.import("delta");
  return {
    uploader: {
      handler(range, files) {
        const { fitting, tooLarge } = sortPictures(files, largestBytes(), dataAddressBytes);
        if (tooLarge.length > 0) refuse(tooLargeNotice(tooLarge, largestBytes()));
        if (fitting.length > 0) putIn.call(this, range, fitting);
      },
    },
    clipboard: {
      matchers: [["img", (node, delta) => {
        const address = node.getAttribute("src") ?? "";
        const limit = largestBytes();
        const { tooLarge } = sortPictures([address], limit, ({ length }) => length);
        if (tooLarge.length === 0) return delta;
        refuse(tooLargeNotice([{ name: node.getAttribute("alt"), size: Math.floor(address.length * 3 / 4) }], limit));
        return new Delta();
      }]],
    },
  };
}
