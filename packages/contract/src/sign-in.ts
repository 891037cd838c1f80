/** How the person at the console proves who they are. */
export type SignIn =
  /** with e-mail and password, at the pool that the stack made; `endpoint` is where that is asked */
  | {
      readonly kind: 'cognito';
      readonly region: string;
      readonly clientId: string;
      readonly endpoint: string;
      /** where services get their tokens */
      readonly tokenUrl: string;
    }
  /** with a token of the team's own issuer; only the team knows how to get one */
  | { readonly kind: 'token'; readonly issuer: string };

/** What the page fetches before anything else, as `console/config.json`. Public: it is served to anyone. */
export type ConsoleConfig = { readonly signIn: SignIn };
