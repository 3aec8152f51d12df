/**
 * Why a request of the page failed, in words for its user; `error` is an `APIError` or what `fetch` threw. The
 * sentence begins in lower case, to go on after a colon.
 */
export function failureWords(error) {
  switch (error?.status) {
    case undefined: return error?.name === "TimeoutError" ? "the server did not answer in time."
      : "the server cannot be reached.";
    case 401: return "you are not signed in.";
    case 403: return "you are not allowed to.";
    case 404: return "there is no such document.";
    case 405: case 501: return "this server cannot do that.";
    case 409: return "somebody else changed it at the same time.";
    case 410: return "the document was deleted.";
    case 413: return "it is too long.";
    case 429: return "too many requests; try again in a moment.";
    default: break;
  }
  if (error.status >= 500) return "the server cannot do that just now; try again in a moment.";
  return sentence(error.message) || "the server did not accept it.";
}

function sentence(text) {
  const trimmed = (text ?? "").trim();
  return trimmed === "" || /[.!?]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
