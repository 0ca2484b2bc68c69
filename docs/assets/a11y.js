// Small repairs of the pages, for readers who use a keyboard or a screen reader.

// Whatever scrolls sideways can be reached, and so scrolled, with the keyboard.
function makeScrollersFocusable() {
  for (const box of document.querySelectorAll(".formula, .scrolls, .md-typeset__scrollwrap")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// A formula within a line can't wrap: on a narrow screen its paragraph scrolls, not the page.
function containWideFormulas() {
  for (const block of document.querySelectorAll(".scrolls")) {
    block.classList.remove("scrolls");
    block.removeAttribute("tabindex");
  }
  for (const formula of document.querySelectorAll(".md-content math:not([display=block])")) {
    const block = formula.closest("p, li, td, summary");
    const room = block?.clientWidth; // none while it is folded, or not laid out yet
    if (room && formula.getBoundingClientRect().width > room) block.classList.add("scrolls");
  }
}

// Every landmark of the theme has a name of its own.
function nameLandmarks() {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  document.querySelectorAll(".md-code__nav").forEach((nav, index) => {
    nav.setAttribute("aria-label", `Code block ${index + 1}`);
  });
}

// Long names in a narrow table break after their joints, and not within a word.
function letNamesBreak() {
  for (const code of document.querySelectorAll(".wrapping code:not(:has(wbr))"))
    code.innerHTML = code.innerHTML.replace(/::|[_/]/g, "$&<wbr>");
}

function repair() {
  letNamesBreak();
  nameLandmarks();
  containWideFormulas();
  makeScrollersFocusable();
}

window.addEventListener("load", () => setTimeout(repair)); // after the theme has made its buttons
window.addEventListener("resize", repair);
document.addEventListener("toggle", repair, true); // an answer that unfolds
