/** What the user is told when a close code ended the session, and whether he may come back by hand. */
export function stopMessages(code) {
  switch (code) {
    case 4401: return { text: "You are not signed in, or your session has ended.", mayReturn: true };
    case 4403: return { text: "You do not have access to this document.", mayReturn: true };
    case 4404: return { text: "There is no such document.", mayReturn: false };
    case 4408: return { text: "This document was opened in another window as the same editor.", mayReturn: true };
    case 4410: return { text: "This document was deleted.", mayReturn: false };
    default: return { text: `The server ended the session (${code}).`, mayReturn: true };
  }
}
