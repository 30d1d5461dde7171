// What scrolls sideways must be reachable with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll(".bd-article pre, .bd-article table")) {
    if (!part.hasAttribute("tabindex")) part.tabIndex = 0;
  }
  // The theme names this button by another text than the one it shows.
  for (const button of document.querySelectorAll(".search-button-field")) {
    button.removeAttribute("aria-label");
  }
});
