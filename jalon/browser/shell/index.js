/** What every page does beyond plain HTML: partial swaps, menus that close, focus that follows, keys. */
import './partial.js';
import './menus.js';
import './focus.js';
import './keys.js';
import './drafts.js';
import './unsent.js';
import './once.js';
import './print.js';
import './offline.js';
import './live.js';
import './install.js';
import './push.js';
