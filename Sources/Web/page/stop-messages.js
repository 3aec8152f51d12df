/**
 * What the user is told when a close code ended the session: `title` and `text` in place
 * of a document, `note` (else `text`) beside one that is shown, and whether he may come back by hand.
 */
export function stopMessages(code) {
  switch (code) {
    case 4401: return { title: "You are not signed in", text: "You are not signed in, or your session has ended.", mayReturn: true };
    case 4403: return { title: "This document is not shared with you", text: "You do not have access to this document.", mayReturn: true };
    case 4404: return { title: "There is no such document", text: "The link may be wrong, or the document was deleted.", note: "This document is not there any more.", mayReturn: false };
    case 4408: return { title: "Opened elsewhere", text: "This document was opened in another window as the same editor.", mayReturn: true };
    case 4410: return { title: "This document was deleted", text: "Somebody deleted this document.", mayReturn: false };
    default: return { title: "Disconnected", text: `The server ended the session (${code}).`, mayReturn: true };
  }
}
