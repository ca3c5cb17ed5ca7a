// View: sign in with a key, which is exchanged for an HttpOnly session cookie.
import {request, signInRequired} from "../lib/api.js";
import {html, useEffect, useRef, useState} from "../lib/html.js";

export function SignIn() {
  const [problem, setProblem] = useState("");
  const [isSubmitting, setSubmitting] = useState(false);
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    setSubmitting(true);
    try {
      await request("POST", "/v1/session", {key: field.current.value.trim()});
      signInRequired.value = false;
    } catch (error) {
      setSubmitting(false);
      setProblem(error.message);
      field.current.select();
    }
  };
  return html`
    <main class="signin" id="main">
      <form onSubmit=${submit}>
        <img src="/page/icon.svg" alt="" width="56" height="56" />
        <h1>samespace</h1>
        <label for="key">Key</label>
        <input ref=${field} id="key" name="key" type="password" required autocomplete="current-password" spellcheck=${false}
          aria-describedby=${problem ? "key-problem key-help" : "key-help"} aria-invalid=${problem ? "true" : null} />
        ${problem && html`<p id="key-problem" class="bad" role="alert">${problem}</p>`}
        <button class="main" disabled=${isSubmitting}>Sign in</button>
        <p id="key-help" class="quiet">The operator of this server creates keys with <code>samespace keys create</code>.</p>
      </form>
    </main>`;
}
