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

// Code within a line breaks neither after the hyphens of an option nor, in a narrow table, within a word.
function breakCodeWell() {
  for (const code of document.querySelectorAll("code:not(pre code, :has(.whole))"))
    code.innerHTML = code.innerHTML.replace(/(^|\s)(--?[a-z][\w-]*)/g, '$1<span class="whole">$2</span>');
  for (const code of document.querySelectorAll(".wrapping code:not(:has(wbr))"))
    code.innerHTML = code.innerHTML.replace(/::|[._/](?![^<]*>)/g, "$&<wbr>");
}

function repair() {
  breakCodeWell();
  nameLandmarks();
  containWideFormulas();
  makeScrollersFocusable();
}

window.addEventListener("load", () => setTimeout(repair)); // after the theme has made its buttons
window.addEventListener("resize", repair);
document.addEventListener("toggle", repair, true); // an answer that unfolds
