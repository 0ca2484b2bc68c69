// Python beside the page: runs the course's checks where the page can end it at any time.

const RUN = new URL("../run/", import.meta.url);
const PYODIDE = new URL("pyodide/", RUN).href;
const WORK = "/work";
const COURSE = "/course";

class Missing extends Error {}

async function start() {
  const { loadPyodide } = await import(`${PYODIDE}pyodide.mjs`);
  const quiet = () => {};
  const places = { indexURL: PYODIDE, packageBaseUrl: PYODIDE };
  const python = await loadPyodide({ ...places, stdout: quiet, stderr: quiet });
  let problem = "";
  const errorCallback = (text) => (problem = text);
  // What can't be loaded, or hasn't the checksum that Pyodide expects, is only told of here.
  await python.loadPackage("numpy", { messageCallback: quiet, errorCallback }).catch(errorCallback);
  if (!("numpy" in python.loadedPackages)) throw new Missing(String(problem));
  const course = await fetch(new URL("course.zip", RUN));
  if (!course.ok) throw new Error(`course.zip: ${course.status}`);
  python.unpackArchive(await course.arrayBuffer(), "zip", { extractDir: COURSE });
  python.FS.mkdirTree(WORK);
  python.runPython(`import sys; sys.path.insert(0, "${COURSE}")`);
  return python.pyimport("autograder.learner.browser");
}

let browser;

onmessage = async ({ data }) => {
  try {
    browser ??= start();
    const { answer } = await browser;
    const tell = (title, seconds) => postMessage({ running: title, seconds });
    const text = answer(JSON.stringify(data), WORK, `${COURSE}/exercises`, tell);
    postMessage({ feedback: JSON.parse(text) });
  } catch (problem) {
    postMessage({ failed: String(problem), missing: problem instanceof Missing });
  }
};
