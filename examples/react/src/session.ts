/**
 * Where to upload, and as whom. In your app: an address of its configuration, and the token of whoever is
 * signed in.
 */
export type Session = { readonly endpoint: string; readonly token: string; readonly user: string };

/** Asks the page's own server. Throws an error whose message is fit to show. */
export async function readSession(): Promise<Session> {
  const response = await fetch('/session');
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(String(Object(answer).message));
  return answer as Session; // the page's own server says nothing else
}
