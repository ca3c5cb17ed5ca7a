// Listening to several events at once.

/** Add listeners {name: function} to a target; returns how to remove them. */
export function listen(target, listeners, options) {
  const entries = Object.entries(listeners);
  for (const [name, listener] of entries) target.addEventListener(name, listener, options);
  return () => { for (const [name, listener] of entries) target.removeEventListener(name, listener, options); };
}
