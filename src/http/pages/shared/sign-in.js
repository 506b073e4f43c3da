/** The fields of sign-in.html in a form, and what goes with each request because of them. */

const KEPT = 'pkgserver-token';

export class SignIn {
  #fields;

  /** The token is kept for this tab only, and until it is closed. */
  constructor(form) {
    this.#fields = form.elements;
    this.#fields.token.value = sessionStorage.getItem(KEPT) ?? '';
  }

  /** Undefined: there is no way to sign in yet. */
  headers() {
    if (document.documentElement.dataset.auth === 'none') {
      const user = this.#fields.user.value.trim();
      return user === '' ? {} : { 'X-Remote-User': user };
    }
    const token = this.#fields.token.value.trim();
    return token === '' ? undefined : { Authorization: `Bearer ${token}` };
  }

  keep() {
    sessionStorage.setItem(KEPT, this.#fields.token.value);
  }

  forget() {
    sessionStorage.removeItem(KEPT);
    this.#fields.token.value = '';
  }
}
