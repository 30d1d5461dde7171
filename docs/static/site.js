// What scrolls sideways must be reachable with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll(".bd-article pre, .bd-article table")) {
    if (!part.hasAttribute("tabindex")) part.tabIndex = 0;
  }
  // The theme names these by other texts than those they show.
  for (const button of document.querySelectorAll(".search-button-field, summary[aria-label]")) {
    button.removeAttribute("aria-label");
  }
});
