// What scrolls sideways must be reachable with the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll(".bd-article pre, .bd-article table")) {
    if (!part.hasAttribute("tabindex")) part.tabIndex = 0;
  }
});
