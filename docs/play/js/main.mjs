// The figures of the site; each registers itself.

import { start } from "./figure.mjs";
import "./playground.mjs";

start();
