// The figures of the site; each registers itself.

import { start } from "./figure.mjs";
import "./playground.mjs";
import "./steps.mjs";
import "./lossSurface.mjs";
import "./xorLab.mjs";
import "./tinyNet.mjs";

start();
