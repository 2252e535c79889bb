// What every page loads. Nothing here is needed to use a page; each part only makes it quicker or safer.
import './site.css';
import { keepDrafts } from './site/draft.js';
import { listenToKeys } from './site/keys.js';
import { guardTheScreen } from './site/leave.js';
import { waitForTheNetwork } from './site/patient.js';
import { refreshFields } from './site/refresh.js';
import { offerPush } from './site/push.js';
import { submitOnce, showErrorsFirst, offerPrint } from './site/page.js';

keepDrafts();
refreshFields();
waitForTheNetwork();
submitOnce();
guardTheScreen();
listenToKeys();
offerPrint();
offerPush();
showErrorsFirst();
