// Where keys are asked for: the key is exchanged for a cookie that scripts cannot read.
import {ask, locked} from "../api.js";
import {html, useState} from "../html.js";

export function SignIn() {
  const [problem, setProblem] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    try {
      await ask("POST", "/v1/session", {key: new FormData(event.target).get("key").trim()});
      locked.value = false;
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`
    <main class="signin" id="main">
      <form onSubmit=${submit}>
        <img src="/page/icon.svg" alt="" width="56" height="56" />
        <h1>samespace</h1>
        <label for="key">Key</label>
        <input id="key" name="key" type="password" required autocomplete="current-password" aria-describedby="key-help"
          aria-invalid=${problem ? "true" : null} />
        <p id="key-help" class="quiet">Made by <code>samespace keys create</code> where the server runs.</p>
        ${problem && html`<p class="bad" role="alert">${problem}</p>`}
        <button class="main">Sign in</button>
      </form>
    </main>`;
}
