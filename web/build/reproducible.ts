/** Property tests say the same thing twice: they fail on every machine, or on none. */

import fc from "fast-check";

fc.configureGlobal({ seed: 20260517 });
