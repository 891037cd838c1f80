import { type Cognito, type SignInAnswer, SignInError, type Tokens } from '@sluice/client/cognito';
import { NetworkError } from '@sluice/client/errors';
import type { SignIn } from '@sluice/contract/sign-in';
import { find, setText } from './elements.ts';
import { type Login, type LoginDeps, openLogin } from './login.ts';
import { toErrorWords } from './words.ts';

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return find(form, `[name="${name}"]`, HTMLInputElement);
}

/** Shows the form for the way in that this deployment has, and resolves once somebody is signed in. */
export async function askToSignIn(signIn: SignIn, deps: LoginDeps): Promise<Login> {
  const view = find(document, '#sign-in', HTMLElement);
  view.hidden = false;
  const login =
    signIn.kind === 'cognito' && deps.cognito
      ? await askForPassword(deps.cognito, deps)
      : await askForToken(signIn.kind === 'token' ? signIn.issuer : '', deps);
  view.hidden = true;
  return login;
}

async function askForPassword(cognito: Cognito, deps: LoginDeps): Promise<Login> {
  const form = find(document, '#password-form', HTMLFormElement);
  const answer = await submit(form, async () =>
    refuseFurtherStep(await cognito.signIn(field(form, 'email').value, field(form, 'password').value)),
  );
  const { value: email } = field(form, 'email');
  field(form, 'password').value = '';
  return open(await toTokens(answer, email), deps);
}

type KnownAnswer = Exclude<SignInAnswer, { kind: 'further-step' }>;

function refuseFurtherStep(answer: SignInAnswer): KnownAnswer {
  if (answer.kind !== 'further-step') return answer;
  const { challenge } = answer;
  throw new SignInError(challenge, `This account asks for ${challenge}, which this page cannot do.`);
}

async function toTokens(answer: KnownAnswer, email: string): Promise<Tokens> {
  if (answer.kind === 'tokens') return answer.tokens;
  const form = find(document, '#new-password-form', HTMLFormElement);
  field(form, 'email').value = email;
  const next = await submit(form, async () => {
    const { value: password } = field(form, 'password');
    if (password !== field(form, 'again').value) {
      throw new SignInError('Mismatch', 'The two passwords are not the same.');
    }
    return refuseFurtherStep(await answer.setPassword(password));
  });
  form.reset();
  return toTokens(next, email);
}

async function askForToken(issuer: string, deps: LoginDeps): Promise<Login> {
  const form = find(document, '#token-form', HTMLFormElement);
  setText(find(form, '#issuer', HTMLElement), issuer);
  return submit(form, async () => {
    const token = field(form, 'token').value.trim();
    field(form, 'token').value = '';
    return open({ idToken: token }, deps);
  });
}

function open(tokens: Tokens, deps: LoginDeps): Login {
  const login = openLogin(deps, tokens);
  if (login) return login;
  throw new SignInError('BadToken', 'That is not a JSON Web Token, or it has expired.');
}

/** Shows a form until what it is submitted for succeeds. What goes wrong on the way is told in the form. */
async function submit<T>(form: HTMLFormElement, work: () => Promise<T>): Promise<T> {
  const fault = find(form, '.fault', HTMLElement);
  const button = find(form, '[type=submit]', HTMLButtonElement);
  form.hidden = false;
  find(form, 'input:not([readonly])', HTMLInputElement).focus();
  for (;;) {
    await submission(form);
    button.disabled = true;
    fault.hidden = true;
    try {
      const result = await work();
      form.hidden = true;
      return result;
    } catch (error) {
      if (!(error instanceof SignInError || error instanceof NetworkError)) throw error;
      setText(fault, toErrorWords(error).text);
      fault.hidden = false;
      find(form, 'input[type=password]', HTMLInputElement).focus();
    } finally {
      button.disabled = false;
    }
  }
}

function submission(form: HTMLFormElement): Promise<void> {
  return new Promise((resolve) => {
    form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        resolve();
      },
      { once: true },
    );
  });
}
